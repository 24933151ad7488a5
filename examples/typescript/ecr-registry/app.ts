/**
 * One ECR registry in a self-hosted ZenML server, and a new ZenML stack that contains the registry. Store the API key
 * of a ZenML service account in the Secrets Manager secret `zenml/api-key`, then run
 *
 *   npx cdk deploy -c zenmlUrl=https://zenml.example.com
 *
 * `-c description=...` sets the description of the ZenML stack. `-c keySerial=1` rotates the access key of the
 * connector.
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ComponentType,
  ConnectorAuthentication,
  EcrContainerRegistry,
  RegistryAuthentication,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
} from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLRegistry');

const server = ZenMLServer.selfHosted({
  url: app.node.tryGetContext('zenmlUrl') ?? 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

const registry = new EcrContainerRegistry(stack, 'Registry', {
  server,
  repositoryNames: ['zenml'],
  // `cdk destroy` also deletes the repository and its images, which suits an example. By default, repositories are
  // kept.
  repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  authentication: RegistryAuthentication.connector(
    ConnectorAuthentication.iamRole({ accessKeySerial: Number(app.node.tryGetContext('keySerial') ?? 0) }),
  ),
});

new ZenMLStack(stack, 'Production', {
  server,
  description: app.node.tryGetContext('description'),
  components: [
    registry,
    StackComponent.fromStackComponentName(stack, 'Orchestrator', server, ComponentType.ORCHESTRATOR, 'default'),
    StackComponent.fromStackComponentName(stack, 'ArtifactStore', server, ComponentType.ARTIFACT_STORE, 'default'),
  ],
});
