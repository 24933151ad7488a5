import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { mustRun } from '../process/command';
import { cleanEnvironment, Environment } from '../process/environment';
import { freePort } from '../process/free-port';
import { ROOT } from '../process/paths';
import { Run } from '../process/run';
import { Service } from '../process/service';
import { ensureVenv, Venv } from '../process/venv';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';

const LAUNCHER = join(ROOT, 'local', 'ministack');

export async function ensureAwsVenv(log: string, parent?: string): Promise<Venv> {
  return ensureVenv(
    { name: 'ministack', packages: ['ministack==1.5.33', 'cryptography'], pins: 'ministack.txt' },
    log,
    parent,
  );
}

/** A local AWS on 127.0.0.1 with TLS and permissions enforced. */
export class LocalAws {
  public static async start(run: Run, venv: Venv): Promise<LocalAws> {
    const home = run.directory('aws');
    const port = await freePort();
    const log = run.log('aws');
    await mustRun('making the certificate of the local AWS', venv.python, [join(LAUNCHER, 'certificate.py'), home], {
      env: cleanEnvironment(home),
      log,
    });
    const aws = new LocalAws({ port, home, venv });
    await Service.start({
      name: 'local AWS',
      command: venv.python,
      args: [join(LAUNCHER, 'main.py')],
      cwd: home,
      log,
      onStart: (record) => run.addService(record),
      timeoutSeconds: 60,
      ready: async () => (await aws.get('/_ministack/health')).status === 200,
      env: cleanEnvironment(home, {
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        MINISTACK_ACCOUNT_ID: ACCOUNT,
        MINISTACK_REGION: REGION,
        MINISTACK_SSL_CERT: join(home, 'server.crt'),
        MINISTACK_SSL_KEY: join(home, 'server.key'),
        USE_SSL: '1',
        AUTH: 'true',
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
      }),
    });
    return aws;
  }

  public readonly account = ACCOUNT;
  public readonly region = REGION;
  public readonly endpoint: string;
  private readonly certificate: string;
  private readonly ca: string;

  /** One that runs already: `start` makes it, another process of the same run only needs to know where it is. */
  public constructor(public readonly where: AwsLocation) {
    this.endpoint = `https://127.0.0.1:${where.port}`;
    this.certificate = join(where.home, 'server.crt');
    this.ca = readFileSync(this.certificate, 'utf8');
  }

  /**
   * Where calls to AWS go and whom to trust, without credentials. Public roots are not trusted: no call leaves the
   * machine, and Python reads all certificates again for each connection.
   */
  public get location(): Environment {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CA_BUNDLE: this.certificate,
      REQUESTS_CA_BUNDLE: this.certificate,
      NODE_EXTRA_CA_CERTS: this.certificate,
    };
  }

  /** The same with the credentials of the account's root, for the CDK command line. */
  public get administrator(): Environment {
    return { ...this.location, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  }

  /** Options for an AWS SDK client. */
  public clientOptions(credentials: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' }): ClientOptions {
    return {
      region: REGION,
      endpoint: this.endpoint,
      credentials,
      requestHandler: { httpsAgent: { ca: this.ca, keepAlive: false } },
    };
  }

  /**
   * Put a folder as zip file, or a file as it is, into a bucket (made when missing): what `cdk deploy` does with an
   * asset and a long template.
   */
  public async publish(path: string, bucket: string, key: string, home: string): Promise<void> {
    const env = cleanEnvironment(home, this.administrator);
    await mustRun('publishing an asset', this.where.venv.python, [join(LAUNCHER, 'publish.py'), path, bucket, key], {
      env,
    });
  }

  /** Delete all objects of a bucket, as a person does before CloudFormation can delete it; how many there were. */
  public async emptyBucket(bucket: string, home: string): Promise<number> {
    const env = cleanEnvironment(home, this.administrator);
    const { stdout } = await mustRun(
      'emptying a bucket',
      this.where.venv.python,
      [join(LAUNCHER, 'empty_bucket.py'), bucket],
      { env },
    );
    return Number(stdout);
  }

  /**
   * What there is of the kinds that a deploy makes (roles, users, keys, secrets, repositories, functions, ...), one
   * line each.
   */
  public async inventory(home: string): Promise<string[]> {
    const env = cleanEnvironment(home, this.administrator);
    return JSON.parse(
      (await mustRun('listing the local AWS', this.where.venv.python, [join(LAUNCHER, 'inventory.py')], { env }))
        .stdout,
    ) as string[];
  }

  /** One plain request, trusting this AWS's certificate (which the global `fetch` cannot be told after the start). */
  public async call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer | string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // The certificate is checked against this name, not against a Host header that the caller may set.
      const tls = { ca: this.ca, servername: 'localhost' };
      const outgoing = request(
        { host: '127.0.0.1', port: this.where.port, path, method, headers, agent: false, ...tls },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
          );
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  public async get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }
}

export interface AwsLocation {
  readonly port: number;
  readonly home: string;
  readonly venv: Venv;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ClientOptions {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly requestHandler: { httpsAgent: { ca: string; keepAlive: boolean } };
}

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}
