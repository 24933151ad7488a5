/**
 * The repository, the service connector and the ZenML stack exist, made by others; only the container registry is missing. It is made
 * here and put into their stack. Nothing of theirs is changed but that one entry, and `cdk destroy` puts back what was there before.
 *
 *   npx cdk deploy
 *
 * The connector is verified at the deploy: its AWS identity must be allowed to push to the repository already.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, RegistryAuthentication, ServiceConnector, ZenMLServer, ZenMLStack } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLRegistryInExistingStack');

const server = ZenMLServer.selfHosted({
  url: 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

const registry = new EcrContainerRegistry(stack, 'Registry', {
  server,
  repositories: [Repository.fromRepositoryName(stack, 'Images', 'ml-platform/images')],
  authentication: RegistryAuthentication.existingConnector(ServiceConnector.fromServiceConnectorName(stack, 'Connector', server, 'aws-ml-platform')),
});

registry.attachToStack('Production', ZenMLStack.fromZenmlStackName(stack, 'ProductionStack', server, 'production'));
