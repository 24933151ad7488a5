import { Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CREATE_ACTION, LIST_ACTION, LOGIN_ACTION } from '../ecr-repository/actions';
import { cfnRepositoryOf } from '../ecr-repository/registry-host';
import { RegistryEnvironment, repositoryArn } from '../ecr-repository/repository-arns';
import { pushPullStatement } from '../iam/access-role';
import { INLINE_POLICIES_MAX_LENGTH } from '../iam/policy-size';
import { attachPolicy } from '../iam/role-policies';
import { acknowledgeWildcards } from '../private/acknowledge';
import { warnOfFrozenRole } from '../private/frozen-roles';
import { isUnknown, startsOtherwise } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, validatePattern } from '../private/validation';

/**
 * The inline policies of a role have a limited length, an ARN has up to about 90 characters, and other policies share
 * the role.
 */
const MAX_LISTED = 100;

interface RepositoryRightsSettings extends RegistryEnvironment {
  /** Grant rights on all repositories under this prefix instead of listing each repository. */
  readonly prefix?: string;
  /** Whether pushes under the prefix may create repositories. */
  readonly createOnPush: boolean;
  /** Removal policy of the registry. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The right to push to and pull from the repositories of a registry, as one statement to which repositories can be
 * added until synth.
 */
export class RepositoryRights {
  private readonly repositories: ecr.IRepository[] = [];

  public constructor(private readonly scope: Construct, private readonly settings: RepositoryRightsSettings) {
    validatePattern('repositoryPrefix', settings.prefix, /^[a-z0-9][a-z0-9._/-]*\/$/, '"team-a/" (the start of '
      + 'repository names up to a slash)');
  }

  /** Adds a repository. Throws when the repository is known not to be under the prefix. */
  public add(repository: ecr.IRepository): void {
    const { prefix } = this.settings;
    if (prefix !== undefined) { this.requirePrefix(repository, prefix); }
    this.repositories.push(repository);
  }

  /**
   * The resource in a right on the repository: its ARN, or the ARN pattern of the prefix, so that the policy does not
   * grow with each repository.
   */
  public resourceFor(repository: ecr.IRepository): string {
    return this.settings.prefix !== undefined ? this.resources()[0]! : repository.repositoryArn;
  }

  /** Grants the rights to a role; undefined for an imported role whose policies the app cannot change. */
  public grantTo(role: iam.IRole): iam.Policy | undefined {
    const { region, account, prefix, createOnPush, removalPolicy } = this.settings;
    const statement = pushPullStatement(this.resources(), createOnPush);
    const policy = attachPolicy(
      this.scope,
      'PushAndPull',
      role,
      [region, account, prefix ?? ''],
      [statement],
      removalPolicy,
    );
    if (policy && prefix !== undefined) {
      acknowledgeWildcards(
        policy,
        [statement],
        '`repositoryPrefix` grants ZenML all repositories under it, including later ones',
      );
    }
    if (!policy) {
      const creation = createOnPush ? `, and ${CREATE_ACTION} on repository/${prefix}*` : '';
      warnOfFrozenRole(
        this.scope,
        'cdk-zenml:frozenAccessRole',
        'the access role',
        'it gets no rights on the repositories',
        `push and pull on the repositories, ${LIST_ACTION} on repository/* and ${LOGIN_ACTION} on *${creation}`,
      );
    }
    return policy;
  }

  /** What is wrong, once all repositories are known. */
  public problems(): string[] {
    if (this.settings.prefix !== undefined || this.repositories.length <= MAX_LISTED) { return []; }
    return [`a registry without \`repositoryPrefix\` must have at most ${MAX_LISTED} repositories, because an IAM role `
      + `has at most ${INLINE_POLICIES_MAX_LENGTH} characters of inline policies, got: ${this.repositories.length}: `
      + 'use a common prefix for the repository names and set `repositoryPrefix`'];
  }

  private requirePrefix(repository: ecr.IRepository, prefix: string): void {
    // The attribute `repositoryName` of a repository that this app defines is a reference. Its explicit name is a
    // property of its resource.
    const cfn = cfnRepositoryOf(repository);
    if (cfn && Stack.of(cfn).resolve(cfn.repositoryName) === undefined) {
      const example = `${isUnknown(prefix) ? '<prefix>' : prefix}zenml`;
      throw synthError(
        'CZ103',
        `\`repositoryPrefix\` must only be set for repositories with explicit names, got: "${prefix}" and repository `
          + `${repository.node.path}, whose name CloudFormation generates: set its name, for example \`repositoryNames\`: ["${example}"]`,
      );
    }
    const name = cfn?.repositoryName ?? repository.repositoryName;
    if (startsOtherwise(name, prefix)) {
      throw invalidProp(
        'repositoryPrefix',
        `must be the start of all repository names of the registry, it is "${prefix}"`,
        name,
        'change the prefix or the name',
      );
    }
  }

  private resources(): string[] {
    const { prefix } = this.settings;
    if (prefix !== undefined) { return [repositoryArn(this.scope, `${prefix}*`, this.settings)]; }
    return Lazy.list({ produce: () => this.repositories.map((repository) => repository.repositoryArn) });
  }
}
