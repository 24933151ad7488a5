import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, ZenMLServer } from '../src';

/**
 * A registry with so many repositories, as the bench builds it, numbered from `first` on. Beyond 100 a common prefix
 * carries the rights.
 */
export function registryOf(stack: Stack, repositories: number, first = 0): EcrContainerRegistry {
  const server = ZenMLServer.selfHosted({
    url: 'https://zenml.example.com',
    apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
  });
  return new EcrContainerRegistry(stack, 'Registry', {
    server,
    repositoryNames: Array.from({ length: repositories }, (_, index) => `team/repository-${first + index}`),
    repositoryPrefix: repositories > 100 ? 'team/' : undefined,
  });
}
