import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { PrivateRepository } from './private-repository';
import { RepositoryDefaults } from './repository-options';

/**
 * Defines a repository.
 *
 * @param name replaces a name in the options; without any name CloudFormation generates one
 */
export function defineRepository(
  scope: Construct, id: string, name: string | undefined, options: RepositoryDefaults = {},
): ecr.Repository {
  return new PrivateRepository(scope, id, { ...options, ...(name === undefined ? {} : { repositoryName: name }) });
}
