import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../process/command';
import { cleanEnvironment, QUIET_SDKS } from '../process/environment';
import { ROOT } from '../process/paths';
import { Venv } from '../process/venv';

/** The parts of a stack in ZenML, as `local/recorder` registers them. */
export interface StackDescription {
  readonly account: string;
  /** Names of the buckets that exist, and whether each keeps versions. */
  readonly buckets: Record<string, boolean>;
  readonly connectors: Record<string, {
    readonly authMethod: string;
    readonly resourceType: string;
    readonly resourceId?: string;
    readonly region: string;
    readonly roleArn: string;
    readonly sessionPolicy?: string;
  }>;
  readonly components: {
    readonly name: string;
    readonly type: string;
    readonly flavor: string;
    readonly configuration: Record<string, unknown>;
    readonly connector?: string;
    readonly connectorResourceId?: string;
  }[];
}

/** One call that ZenML's classes or their libraries would send to AWS. */
export interface RecordedCall {
  readonly scenario: string;
  /** ARN of the role whose session calls; null: the IAM user itself. */
  readonly role: string | null;
  readonly sessionPolicy: string | null;
  /** botocore's name of the service, `s3`. */
  readonly service: string;
  readonly operation: string;
  readonly parameters: Record<string, any>;
  readonly status: number;
}

export interface Recording {
  readonly scenarios: string[];
  readonly calls: RecordedCall[];
  /** Definitions of pipelines that were stored in a bucket, by key. */
  readonly definitions: Record<string, any>;
}

/** Where a recorder writes its files and its log, and what it runs on. */
interface Place {
  readonly folder: string;
  readonly logs: string;
  readonly venv: Venv;
}

/** Runs ZenML's own classes on the stack. No call leaves the machine. */
export async function recordCalls(place: Place, name: string, stack: StackDescription): Promise<Recording> {
  const home = join(place.folder, name);
  const log = join(place.logs, `${name}.log`);
  mkdirSync(home, { recursive: true });
  const [input, output] = [join(home, 'stack.json'), join(home, 'calls.json')];
  writeFileSync(input, JSON.stringify(stack));
  await mustRun('the recorder', place.venv.python, [join(ROOT, 'local', 'recorder', 'main.py'), input, output], {
    cwd: home,
    log,
    env: cleanEnvironment(home, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_DEFAULT_REGION: 'us-east-1',
      ZENML_CONFIG_PATH: join(home, 'config'),
      ZENML_LOCAL_STORES_PATH: join(home, 'stores'),
      ...QUIET_SDKS,
    }),
  });
  return JSON.parse(readFileSync(output, 'utf8')) as Recording;
}
