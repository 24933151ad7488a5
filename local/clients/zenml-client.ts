import { join } from 'node:path';
import { mustRun } from '../process/command';
import { cleanEnvironment, QUIET_SDKS } from '../process/environment';
import { ROOT } from '../process/paths';
import { ensureVenv, Venv } from '../process/venv';
import { LocalAws } from '../services/aws';
import { ZENML_VERSION } from '../services/zenml';

export async function ensureClientVenv(log: string): Promise<Venv> {
  return ensureVenv({
    name: `zenml-client-${ZENML_VERSION}`,
    packages: [`zenml[local,connectors-aws]==${ZENML_VERSION}`, 's3fs'],
    pins: 'zenml-client.txt',
  }, log);
}

/** The same with what ZenML's classes for SageMaker and CodeBuild need: as `zenml integration install aws s3`. */
export async function ensureAwsClientVenv(log: string): Promise<Venv> {
  return ensureVenv({
    name: `zenml-aws-client-${ZENML_VERSION}`,
    packages: [`zenml[local,connectors-aws]==${ZENML_VERSION}`, 'sagemaker>=2.237.3,<3', 's3fs', 'boto3'],
    pins: 'sagemaker.txt',
  }, log);
}

/** Where a client keeps its files, and to which server it is logged in. */
export interface ZenmlClientOptions {
  readonly venv: Venv;
  readonly home: string;
  readonly log: string;
  readonly aws: LocalAws;
  readonly url: string;
  readonly apiKey: string;
  /** UUID of the active stack; without one the client uses what `zenml stack set` has chosen. */
  readonly activeStackId?: string;
}

/**
 * The machine of one person: the real ZenML client with a home of its own, a login at one server, and no AWS keys.
 * Credentials for AWS come from the service connectors.
 */
export class ZenmlClient {
  public constructor(private readonly options: ZenmlClientOptions) {}

  /** The `zenml` command line. */
  public async zenml(...args: string[]): Promise<string> {
    return this.run(`zenml ${args.join(' ')}`, [join(this.options.venv.bin, 'zenml'), ...args]);
  }

  /** A script of `local/pipeline`; what its last line says as JSON. */
  public async script<T>(name: string, ...args: string[]): Promise<T> {
    const output = await this.run(name, [join(ROOT, 'local', 'pipeline', name), ...args]);
    return JSON.parse(output.trimEnd().split('\n').pop()!) as T;
  }

  private async run(what: string, args: string[]): Promise<string> {
    const { venv, home, log, aws, url, apiKey, activeStackId } = this.options;
    const { stdout } = await mustRun(what, venv.python, args, {
      cwd: home,
      log,
      env: cleanEnvironment(home, {
        ...aws.location,
        ZENML_CONFIG_PATH: join(home, 'config'),
        ZENML_LOCAL_STORES_PATH: join(home, 'stores'),
        ZENML_STORE_URL: url,
        ZENML_STORE_API_KEY: apiKey,
        ...activeStackId && { ZENML_ACTIVE_STACK_ID: activeStackId },
        ...QUIET_SDKS,
      }),
    });
    return stdout;
  }
}
