import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { startBenchCloud } from './cloud';
import { spread, Table } from './section';
import { RegistryStack } from '../local/clients/registry-stack';
import { Run } from '../local/process/run';
import { LocalAws } from '../local/services/aws';
import { logins, RecordingProxy } from '../local/services/recording-proxy';
import { mustCall } from '../local/services/signed-call';
import { ComponentType, EcrContainerRegistry, StackComponent, ZenMLServer, ZenMLStack } from '../src';

export const title = 'one run of a health check of a registry with one repository in one ZenML stack, and a deploy of nothing';

const RUNS = 5;
const ROOT_KEYS = { accessKeyId: 'test', secretAccessKey: 'test' };
const FUNCTION = 'HealthCheckFunction';

interface Measured {
  readonly calls: number;
  readonly logins: number;
  readonly seconds: number;
}

/** Cold runs have a new sandbox, as a run once an hour most often has. */
export async function measure(): Promise<Table> {
  const run = await Run.create();
  const { aws, zenml, secretArn } = await startBenchCloud(run);
  const proxy = await RecordingProxy.start({ target: zenml.url });
  try {
    const stack = new RegistryStack(aws, 'life-health', run.directory('bench'));
    const deploy = async (sandbox: number) => stack.deploy((scope) => {
      build(scope, proxy.url, secretArn, sandbox);
    });
    const { status, outputs } = await deploy(0);
    if (status !== 'CREATE_COMPLETE') { throw new Error(`the registry could not be deployed: ${status}`); }
    const [cold, warm, unchanged]: [Measured[], Measured[], Measured[]] = [[], [], []];
    for (let round = 1; round <= RUNS; round++) {
      await deploy(round);
      cold.push(await observed(proxy, async () => invoke(aws, outputs[FUNCTION]!)));
      warm.push(await observed(proxy, async () => invoke(aws, outputs[FUNCTION]!)));
      unchanged.push(await observed(proxy, async () => { await deploy(round); }));
    }
    await stack.destroy();
    return {
      columns: ['what', 'calls to ZenML (logins)', 'seconds'],
      rows: [
        row('health check, new sandbox', cold),
        row('health check, same sandbox', warm),
        row('deploy of nothing', unchanged),
      ],
    };
  } finally {
    await proxy.stop();
    await run.end();
  }
}

function build(scope: Stack, url: string, secretArn: string, sandbox: number): void {
  const server = ZenMLServer.selfHosted({ url, apiKey: Secret.fromSecretCompleteArn(scope, 'ApiKey', secretArn) });
  const registry = new EcrContainerRegistry(scope, 'Registry', {
    server,
    repositoryNames: ['life-health'],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  });
  const others = [ComponentType.ORCHESTRATOR, ComponentType.ARTIFACT_STORE].map((type) =>
    StackComponent.fromStackComponentName(scope, type.name, server, type, 'default'));
  new ZenMLStack(scope, 'Stack', { server, components: [registry, ...others] });
  const { healthCheckFunction } = registry.scheduleHealthCheck();
  new CfnOutput(scope, FUNCTION, { value: healthCheckFunction.functionName });
  // Lambda starts a new sandbox when a setting of the function changes.
  (healthCheckFunction.node.defaultChild as CfnFunction).addPropertyOverride('Description', `sandbox ${sandbox}`);
}

async function invoke(aws: LocalAws, name: string): Promise<void> {
  const path = `/2015-03-31/functions/${name}/invocations`;
  await mustCall(aws, ROOT_KEYS, { service: 'lambda', path, body: '{}' });
}

async function observed(proxy: RecordingProxy, work: () => Promise<void>): Promise<Measured> {
  proxy.take();
  const began = Date.now();
  await work();
  const calls = proxy.take();
  return { calls: calls.length, logins: logins(calls), seconds: (Date.now() - began) / 1000 };
}

function row(what: string, runs: readonly Measured[]): string[] {
  return [
    what,
    `${spread(runs.map(({ calls }) => calls), 0)} (${spread(runs.map((one) => one.logins), 0)})`,
    spread(runs.map(({ seconds }) => seconds)),
  ];
}
