import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, ZenMLServer, ZenMLStack } from '../../src';

/**
 * `stable-app.ts OUTDIR`: an app with most of what the library has, for the test that templates do not depend on the
 * machine.
 */
const stack = new Stack(new App({ outdir: process.argv[2] }), 'Stable', {
  env: { account: '111122223333', region: 'eu-west-1' },
});
const server = ZenMLServer.selfHosted({
  url: 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});
const registry = new EcrContainerRegistry(stack, 'Registry', {
  server,
  repositoryNames: ['zenml', 'training'],
  zenmlStack: ZenMLStack.fromZenmlStackName(stack, 'Production', server, 'production'),
});
registry.scheduleHealthCheck().createAlarm('Unhealthy');
(stack.node.root as App).synth();
