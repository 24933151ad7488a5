/**
 * One ECR registry, registered with a ZenML server of your own, in a ZenML stack made here. Deploy it with
 *
 *   npx cdk deploy -c zenmlUrl=https://zenml.example.com
 *
 * after putting the API key of a ZenML service account into the Secrets Manager secret `zenml/api-key`. More context:
 * `-c description=...` is shown in ZenML, `-c keySerial=1` rotates the connector's access key.
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ComponentType, ConnectorAuthentication, EcrContainerRegistry, RegistryAuthentication, StackComponent, ZenMLServer, ZenMLStack } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLRegistry');

const server = ZenMLServer.selfHosted({
  url: app.node.tryGetContext('zenmlUrl') ?? 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

const registry = new EcrContainerRegistry(stack, 'Registry', {
  server,
  repositoryNames: ['zenml'],
  // An example leaves nothing behind; by default repositories are kept.
  repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole({ accessKeySerial: Number(app.node.tryGetContext('keySerial') ?? 0) })),
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
