import { Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { defineRepository } from './define-repository';
import { RepositoryEndpoints } from './repository-endpoints';
import { RepositoryDefaults } from './repository-options';
import { requireFreeId } from '../private/ids';

/** Properties of `PrivateRepositories`. */
export interface PrivateRepositoriesProps extends RepositoryDefaults {
  /** Names of the repositories, without the prefix. A name that is dropped later takes its repository out of the stack. */
  readonly repositoryNames: string[];

  /**
   * Start of all names, without the slash: `team` makes `team/models`.
   *
   * @default - no prefix
   */
  readonly prefix?: string;
}

/** Several private repositories with the same settings, optionally under one prefix. */
export class PrivateRepositories extends Construct {
  /** The repositories, in the order of their names. */
  public readonly repositories: ecr.Repository[];

  /** Repository URI by name (without the prefix). */
  public readonly repositoryUris: Record<string, string> = {};

  /** Repository ARN by name (without the prefix). */
  public readonly repositoryArns: Record<string, string> = {};

  private readonly byName = new Map<string, ecr.Repository>();

  /**
   * @throws when there is no name, one twice, or one that ECR does not take
   */
  public constructor(scope: Construct, id: string, props: PrivateRepositoriesProps) {
    super(scope, id);
    const { repositoryNames, prefix, ...settings } = props;
    if (repositoryNames.length === 0) { throw new Error('`repositoryNames` needs at least one name'); }
    for (const name of repositoryNames) {
      // The name is the construct id as well: order and number of the names then change no logical id.
      if (Token.isUnresolved(name)) { throw new Error('`repositoryNames` must be known at synth; use PrivateRepository for a name that is a token'); }
      if (this.byName.has(name)) { throw new Error(`\`repositoryNames\` has ${JSON.stringify(name)} twice`); }
      const childId = name.replace(/\//g, '--');
      requireFreeId(this, childId, `\`repositoryNames\`: ${JSON.stringify(name)}`, 'make it with PrivateRepository');
      const repository = defineRepository(this, childId, prefix ? `${prefix.replace(/\/+$/, '')}/${name}` : name, settings);
      this.byName.set(name, repository);
      this.repositoryUris[name] = RepositoryEndpoints.of(this, repository).repositoryUri;
      this.repositoryArns[name] = repository.repositoryArn;
    }
    this.repositories = [...this.byName.values()];
  }

  /**
   * The repository of that name (without the prefix).
   *
   * @throws when there is none
   */
  public repository(repositoryName: string): ecr.Repository {
    const repository = this.byName.get(repositoryName);
    if (!repository) {
      throw new Error(`there is no repository ${JSON.stringify(repositoryName)} here; \`repositoryNames\` has ${[...this.byName.keys()].join(', ')}`);
    }
    return repository;
  }
}
