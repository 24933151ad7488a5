/**
 * A ZenML stack for a team that runs pipelines on its own machines and shares artifacts and images in AWS: S3 artifact
 * store, ECR container registry, and the local orchestrator of the server. Store the API key of a ZenML service account
 * in the Secrets Manager secret `zenml/api-key`, then run
 *
 *   npx cdk deploy -c zenmlUrl=https://zenml.example.com
 *
 * `-c description=...` sets the description of the ZenML stack. `-c keySerial=1` rotates the access key of the
 * connectors. `-c orchestrator=sagemaker` runs the pipelines in Amazon SageMaker instead.
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsZenMLStack, ContainerRegistry, Orchestrator, ZenMLServer } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLOnAws');

const server = ZenMLServer.selfHosted({
  url: app.node.tryGetContext('zenmlUrl') ?? 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

new AwsZenMLStack(stack, 'ML', {
  server,
  description: app.node.tryGetContext('description'),
  orchestrator: app.node.tryGetContext('orchestrator') === 'sagemaker'
    ? Orchestrator.sageMaker()
    : Orchestrator.serverDefault(),
  accessKeySerial: Number(app.node.tryGetContext('keySerial') ?? 0),
  // `cdk destroy` also deletes the bucket, if it is empty, and the repository with its images, which suits an example.
  // By default, both are kept.
  dataRemovalPolicy: RemovalPolicy.DESTROY,
  containerRegistry: ContainerRegistry.ecr({
    repositoryNames: ['zenml'],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  }),
});
