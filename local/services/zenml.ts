import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Credentials, LocalAws } from './aws';
import { ZenmlApi } from './zenml-api';
import { mustRun } from '../process/command';
import { cleanEnvironment, Environment, QUIET_SDKS } from '../process/environment';
import { freePort } from '../process/free-port';
import { Run } from '../process/run';
import { Service } from '../process/service';
import { ensureVenv, Venv } from '../process/venv';

export const ZENML_VERSION = '0.98.0';
/** The SQLite database in the folder of a server. */
export const DATABASE_FILE = 'zenml.db';

/** What all servers have in common. */
export const COMMON_SETTINGS = {
  ZENML_SERVER: 'true',
  ZENML_SERVER_AUTO_ACTIVATE: '1',
  ZENML_SERVER_AUTH_SCHEME: 'OAUTH2_PASSWORD_BEARER',
};

export async function ensureZenmlVenv(log: string, version: string = ZENML_VERSION, parent?: string): Promise<Venv> {
  return ensureVenv({
    name: `zenml-${version}`,
    packages: [`zenml[server,connectors-aws]==${version}`],
    // Complete pins exist for the version that demo and tests run on; others take what pip finds.
    pins: version === ZENML_VERSION ? 'zenml.txt' : undefined,
  }, log, parent);
}

export interface ZenmlLocation {
  readonly url: string;
  readonly adminPassword: string;
  readonly cliHome: string;
  readonly cliLog: string;
  readonly venv: Venv;
}

export interface ZenmlServerOptions {
  /** Allow the `implicit` authentication method. */
  readonly implicitAuthentication?: boolean;
  /** The AWS identity of the server itself; only `implicit` uses it. */
  readonly awsIdentity?: Credentials;
  readonly name?: string;
  /** A folder with a `sitecustomize.py`, which changes settings of the server that ZenML has no option for. */
  readonly pythonPath?: string;
  /** URL of a MySQL or MariaDB database; default an SQLite file in the folder `name` of the run. */
  readonly databaseUrl?: string;
  /**
   * A server that was stopped, whose address and password this one takes over. Its database is another one unless
   * `name` is the same.
   */
  readonly succeeds?: ZenmlServer;
}

/** A ZenML server on 127.0.0.1, whose calls to AWS go to the local one. */
export class ZenmlServer {
  public static async start(
    run: Run,
    venv: Venv,
    aws: LocalAws,
    options: ZenmlServerOptions = {},
  ): Promise<ZenmlServer> {
    const name = options.name ?? 'zenml';
    const home = run.directory(name);
    const port = options.succeeds ? Number(new URL(options.succeeds.url).port) : await freePort();
    const url = `http://127.0.0.1:${port}`;
    const password = options.succeeds?.where.adminPassword ?? randomBytes(12).toString('base64url');
    const service = await Service.start({
      name: 'ZenML server',
      command: venv.python,
      args: ['-m', 'uvicorn', 'zenml.zen_server.zen_server_api:app', '--host', '127.0.0.1', '--port', String(port)],
      cwd: home,
      log: run.log(name),
      onStart: (record) => run.addService(record),
      timeoutSeconds: 180,
      ready: async () => (await fetch(`${url}/health`, { headers: { connection: 'close' } })).ok,
      env: cleanEnvironment(home, {
        ...aws.location,
        ...ZenmlServer.settings(home, password, options),
      }),
    });
    return ZenmlServer.at(
      { url, adminPassword: password, cliHome: run.directory(`${name}-cli`), cliLog: run.log(`${name}-cli`), venv },
      service,
    );
  }

  /** One that runs already. */
  public static async at(where: ZenmlLocation, service?: Service): Promise<ZenmlServer> {
    return new ZenmlServer(where, await ZenmlApi.login(where.url, where.adminPassword, 'admin'), service);
  }

  private static settings(home: string, password: string, options: ZenmlServerOptions): Environment {
    return {
      ...COMMON_SETTINGS,
      ZENML_CONFIG_PATH: join(home, 'config'),
      ZENML_LOCAL_STORES_PATH: join(home, 'stores'),
      ZENML_STORE_TYPE: 'sql',
      ZENML_STORE_URL: options.databaseUrl ?? `sqlite:///${join(home, DATABASE_FILE)}`,
      ZENML_STORE_BACKUP_STRATEGY: 'disabled',
      ZENML_ANALYTICS_OPT_IN: 'false',
      ZENML_DEFAULT_USER_NAME: 'admin',
      ZENML_DEFAULT_USER_PASSWORD: password,
      ...(options.pythonPath ? { PYTHONPATH: options.pythonPath } : {}),
      ...(options.implicitAuthentication ? { ZENML_ENABLE_IMPLICIT_AUTH_METHODS: '1' } : {}),
      ...(options.awsIdentity
        ? {
          AWS_ACCESS_KEY_ID: options.awsIdentity.accessKeyId,
          AWS_SECRET_ACCESS_KEY: options.awsIdentity.secretAccessKey,
          ...(options.awsIdentity.sessionToken ? { AWS_SESSION_TOKEN: options.awsIdentity.sessionToken } : {}),
        }
        : {}),
    };
  }

  private constructor(
    public readonly where: ZenmlLocation,
    /** Logged in as the user `admin`. */
    public readonly admin: ZenmlApi,
    private readonly service?: Service,
  ) {}

  public get url(): string {
    return this.where.url;
  }

  /** Stop the server before the run ends; only for a server that this process has started. */
  public async stop(): Promise<void> {
    await this.service?.stop();
  }

  /** A new service account and an API key of it: what a team makes once for its pipelines and for this library. */
  public async createApiKey(account: string): Promise<{ key: string; accountId: string; keyId: string }> {
    const made = await this.admin.call<{ id: string }>('POST', '/service_accounts', {
      name: account,
      active: true,
      description: '',
    });
    const key = await this.admin.call<{ id: string; body: { key: string } }>(
      'POST',
      `/service_accounts/${made.id}/api_keys`,
      { name: 'key', description: '' },
    );
    return { key: key.body.key, accountId: made.id, keyId: key.id };
  }

  /** Spare an admin who opens the dashboard the questionnaire of the first visit. */
  public async finishOnboarding(): Promise<void> {
    await this.admin.call('PUT', '/current-user', {
      full_name: 'Admin',
      email: 'admin@example.com',
      email_opted_in: false,
      user_metadata: { finished_onboarding_survey: true },
    });
  }

  /** The real `zenml` command line, logged in with an API key. `url`: of a proxy in front of the server. */
  public async cli(apiKey: string, args: string[], aws: LocalAws, url: string = this.url): Promise<string> {
    const { cliHome, cliLog, venv } = this.where;
    const result = await mustRun(`zenml ${args.join(' ')}`, venv.python, [join(venv.bin, 'zenml'), ...args], {
      cwd: cliHome,
      log: cliLog,
      env: cleanEnvironment(cliHome, {
        ...aws.location,
        ZENML_CONFIG_PATH: join(cliHome, 'config'),
        ZENML_STORE_URL: url,
        ZENML_STORE_API_KEY: apiKey,
        ...QUIET_SDKS,
      }),
    });
    // eslint-disable-next-line no-control-regex
    return result.output.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  }
}
