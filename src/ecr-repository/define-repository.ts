import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { PrivateRepository } from './private-repository';
import { RepositoryDefaults } from './repository-options';

/** Makes a repository; `name` wins over the options. Undefined lets CloudFormation make one up. */
export function defineRepository(scope: Construct, id: string, name: string | undefined, options: RepositoryDefaults = {}): ecr.Repository {
  return new PrivateRepository(scope, id, { ...options, ...(name === undefined ? {} : { repositoryName: name }) });
}
