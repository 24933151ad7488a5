import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { RegistryStack } from '../local/clients/registry-stack';
import { StackResult } from '../local/clients/stack-driver';
import { Run } from '../local/process/run';
import { startLocalCloud, storeSecret } from '../local/services/local-cloud';
import { logins, RecordedCall, RecordingProxy } from '../local/services/recording-proxy';
import { ComponentType, EcrContainerRegistry, StackComponent, ZenMLServer, ZenMLStack } from '../src';

export const title = 'ZenML calls and times: connector + component + stack, local AWS and ZenML server';

export async function measure(): Promise<[string, string][]> {
  const run = await Run.create();
  const { aws, zenml } = await startLocalCloud(run);
  const proxy = await RecordingProxy.start({ target: zenml.url });
  try {
    const secret = await storeSecret(aws, 'bench/api-key', (await zenml.createApiKey('bench')).key);
    const stack = new RegistryStack(aws, 'Bench', run.directory('bench'));
    const build = (description: string) => (scope: Stack) => {
      const server = ZenMLServer.selfHosted({ url: proxy.url, apiKey: Secret.fromSecretCompleteArn(scope, 'ApiKey', secret) });
      const registry = new EcrContainerRegistry(scope, 'Registry', { server, repositoryNames: ['bench'] });
      const other = (type: ComponentType) => StackComponent.fromStackComponentName(scope, type.name, server, type, 'default');
      new ZenMLStack(scope, 'Stack', { server, description, components: [registry, other(ComponentType.ORCHESTRATOR), other(ComponentType.ARTIFACT_STORE)] });
    };
    const rows: [string, string][] = [];
    const note = (what: string, result: StackResult) => {
      if (result.failures.length) { throw new Error(`${what}: ${result.status} ${result.failures.join('; ')}`); }
      const calls = proxy.take();
      rows.push([what, `${calls.length} calls, ${logins(calls)} logins, ${span(calls)} at ZenML, whole stack ${result.seconds.toFixed(1)} s`]);
    };
    note('create', await stack.deploy(build('one')));
    note('unchanged', await stack.deploy(build('one')));
    note('change of a description', await stack.deploy(build('two')));
    note('destroy', await stack.destroy());
    return rows;
  } finally {
    await proxy.stop();
    await run.end();
  }
}

/** From the first call's begin to the last one's end, as the calls were noted one after another: the sum of their times. */
function span(calls: RecordedCall[]): string {
  return `${(calls.reduce((sum, call) => sum + call.milliseconds, 0) / 1000).toFixed(2)} s`;
}
