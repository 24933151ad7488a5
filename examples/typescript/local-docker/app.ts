/**
 * The quickest start: a repository and the container registry in ZenML, no service connector, no role, no key. Everybody who builds or
 * pulls images logs Docker in with AWS credentials of their own; the output `DockerLoginCommand` is the command.
 *
 *   npx cdk deploy
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, RegistryAuthentication, ZenMLServer } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLLocalDocker');

const server = ZenMLServer.selfHosted({
  // A server on this very machine would not be within reach: the registration runs in AWS.
  url: 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

new EcrContainerRegistry(stack, 'Registry', {
  server,
  authentication: RegistryAuthentication.localDocker(),
  // For trying out: the images go with the stack. By default repositories are kept.
  repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
});
