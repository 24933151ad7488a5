/**
 * The smallest set-up: a repository, and the container registry in ZenML, without a service connector, role or key.
 * Everyone who builds or pulls images logs Docker in with their own AWS credentials, with the command in the output
 * `DockerLoginCommand`.
 *
 *   npx cdk deploy
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, RegistryAuthentication, ZenMLServer } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLLocalDocker');

const server = ZenMLServer.selfHosted({
  // The server must be reachable from AWS, where the registration function runs.
  url: 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

new EcrContainerRegistry(stack, 'Registry', {
  server,
  authentication: RegistryAuthentication.localDocker(),
  // `cdk destroy` also deletes the repository and its images, which suits a trial. By default, repositories are kept.
  repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
});
