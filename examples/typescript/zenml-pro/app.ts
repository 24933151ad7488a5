/**
 * A registry for a ZenML Pro workspace, without any AWS key: the access role trusts the AWS identity of the workspace.
 *
 *   npx cdk deploy
 *
 * Set the URL and the id of your workspace (dashboard > workspace > settings). Store the API key of a service account
 * in the Secrets Manager secret `zenml/pro-api-key`.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, ZenMLServer, ZenMLStack } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLProRegistry', {
  // The host of the registry contains the Region, so the Region must be known. The account is the one that you deploy
  // to.
  env: { region: 'eu-central-1' },
  // Other people use this registry, so nobody can delete the CloudFormation stack by accident.
  terminationProtection: true,
});

const server = ZenMLServer.pro({
  workspaceUrl: 'https://1bfe8d94-zenml.cloudinfra.zenml.io',
  workspaceId: '1bfe8d94-3c4b-4d0f-8a87-0f5a1e9b7c21',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/pro-api-key'),
});

new EcrContainerRegistry(stack, 'Registry', {
  server,
  stackComponentName: 'ecr',
  repositoryNames: ['zenml'],
  labels: { team: 'ml-platform' },
  zenmlStack: ZenMLStack.fromZenmlStackName(stack, 'ProductionStack', server, 'production'),
});
