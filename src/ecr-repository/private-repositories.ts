import { Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { defineRepository } from './define-repository';
import { RepositoryEndpoints } from './repository-endpoints';
import { RepositoryDefaults } from './repository-options';
import { requireFreeId } from '../private/ids';
import { synthError } from '../private/synth-error';
import { invalidProp, quoted } from '../private/validation';

/** Properties of `PrivateRepositories`. */
export interface PrivateRepositoriesProps extends RepositoryDefaults {
  /**
   * Names of the repositories, without the prefix. Removing a name later removes its repository from the CloudFormation
   * stack.
   */
  readonly repositoryNames: string[];

  /**
   * Prefix of all names, with or without the slash at its end: with `team`, the name `models` becomes `team/models`.
   *
   * @default - no prefix
   */
  readonly prefix?: string;
}

/** Several private repositories with the same settings and, optionally, a common prefix. */
export class PrivateRepositories extends Construct {
  /** The repositories, in the order of `repositoryNames`. */
  public readonly repositories: ecr.Repository[];

  /** Repository URIs by name (without the prefix). */
  public readonly repositoryUris: Record<string, string> = {};

  /** Repository ARNs by name (without the prefix). */
  public readonly repositoryArns: Record<string, string> = {};

  private readonly byName = new Map<string, ecr.Repository>();

  /**
   * @throws when there is no name, a name twice, or a name that ECR does not accept
   */
  public constructor(scope: Construct, id: string, props: PrivateRepositoriesProps) {
    super(scope, id);
    const { repositoryNames, prefix, ...settings } = props;
    if (repositoryNames.length === 0) {
      throw synthError('CZ102', '`repositoryNames` must have at least one name: add a name or remove the construct');
    }
    for (const name of repositoryNames) {
      // The name is the construct id as well, so that the order and number of the names do not change logical ids.
      if (Token.isUnresolved(name)) {
        throw synthError(
          'CZ103',
          '`repositoryNames` must be known at synth, got: a token: define a PrivateRepository with `repositoryName` instead',
        );
      }
      if (this.byName.has(name)) {
        throw invalidProp('repositoryNames', 'must not have a name twice', name, 'remove one');
      }
      const childId = name.replace(/\//g, '--');
      requireFreeId(
        this,
        childId,
        `\`repositoryNames\`: ${quoted(name)}`,
        'define a PrivateRepository with `repositoryName` instead',
      );
      const repository = defineRepository(
        this,
        childId,
        prefix ? `${prefix.replace(/\/+$/, '')}/${name}` : name,
        settings,
      );
      this.byName.set(name, repository);
      this.repositoryUris[name] = RepositoryEndpoints.of(this, repository).repositoryUri;
      this.repositoryArns[name] = repository.repositoryArn;
    }
    this.repositories = [...this.byName.values()];
  }

  /**
   * The repository with the name (without the prefix).
   *
   * @throws when there is no such repository
   */
  public repository(repositoryName: string): ecr.Repository {
    const repository = this.byName.get(repositoryName);
    if (!repository) {
      throw invalidProp(
        'repositoryName',
        `must be one of \`repositoryNames\` (${[...this.byName.keys()].join(', ')})`,
        repositoryName,
        'add the name to `repositoryNames`',
      );
    }
    return repository;
  }
}
