/**
 * The repository, the service connector and the ZenML stack already exist. The app creates only the container registry,
 * and attaches it to the ZenML stack. `cdk destroy` detaches the registry and restores the previous one.
 *
 *   npx cdk deploy
 *
 * The deploy verifies the connector: the AWS identity of the connector must already be allowed to push to the
 * repository.
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
  authentication: RegistryAuthentication.existingConnector(
    ServiceConnector.fromServiceConnectorName(stack, 'Connector', server, 'aws-ml-platform'),
  ),
});

registry.attachToStack('Production', ZenMLStack.fromZenmlStackName(stack, 'ProductionStack', server, 'production'));
