import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The account and Region of a registry. */
export interface RegistryEnvironment {
  readonly account: string;
  readonly region: string;
}

/**
 * ARN of a repository, or ARN pattern of several repositories, in the partition of the scope's stack.
 *
 * @param name name of the repository, or a pattern such as `team/*`
 * @param registry account and Region of the registry; by default those of the scope's stack
 */
export function repositoryArn(scope: IConstruct, name: string, registry: Partial<RegistryEnvironment> = {}): string {
  const { account, region } = registry;
  return Stack.of(scope).formatArn({ service: 'ecr', region, account, resource: 'repository', resourceName: name });
}
