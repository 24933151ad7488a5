/**
 * A complete ZenML stack on AWS: S3 artifact store, ECR container registry, SageMaker orchestrator and step operator,
 * and a CodeBuild image builder. Store the API key of a ZenML service account in the Secrets Manager secret
 * `zenml/api-key`, then run
 *
 *   npx cdk deploy -c zenmlUrl=https://zenml.example.com
 */
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsZenMLStack, ZenMLServer } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLOnAws');

const server = ZenMLServer.selfHosted({
  url: app.node.tryGetContext('zenmlUrl') ?? 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

new AwsZenMLStack(stack, 'ML', { server });
