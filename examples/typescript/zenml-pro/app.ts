/**
 * A registry for a workspace of ZenML Pro. No keys anywhere: the access role trusts the workspace's own AWS identity.
 *
 *   npx cdk deploy
 *
 * Put your workspace's URL and id here (dashboard > workspace > settings), and the API key of a service account into the Secrets Manager
 * secret `zenml/pro-api-key`.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, ZenMLServer, ZenMLStack } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLProRegistry', {
  // The Region is in the name of the registry's host; the account is the one that you deploy to.
  env: { region: 'eu-central-1' },
  // A stack that others work with shall not go by a slip of the hand.
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
