import { Annotations, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { cfnRepositoryOf } from '../ecr-repository/registry-host';
import { pushPullStatement } from '../iam/access-role';
import { giveRights } from '../iam/rights';
import { acknowledgeWildcards } from '../private/acknowledge';
import { isUnknown, startsOtherwise } from '../private/known';

/**
 * A role holds 10,240 characters of inline policies (AWS's limit, not adjustable); an ARN has up to about 90, and others share the role.
 */
const MAX_LISTED = 100;

export interface RepositoryRightsSettings {
  readonly region: string;
  readonly account: string;
  /** All repositories under it, instead of one by one. */
  readonly prefix?: string;
  /** Whether pushes under the prefix may make repositories. */
  readonly createOnPush: boolean;
  /** The registry's. */
  readonly removalPolicy?: RemovalPolicy;
}

/** Push and pull on a registry's repositories, as one statement that grows until synth. */
export class RepositoryRights {
  private readonly repositories: ecr.IRepository[] = [];

  public constructor(private readonly scope: Construct, private readonly settings: RepositoryRightsSettings) {
    const { prefix } = settings;
    if (prefix !== undefined && !isUnknown(prefix) && !/^[a-z0-9][a-z0-9._/-]*\/$/.test(prefix)) {
      throw new Error(`\`repositoryPrefix\` must be the start of repository names up to a slash, "team-a/", got: "${prefix}"`);
    }
  }

  /** @throws when the repository is known to lie outside of the prefix */
  public cover(repository: ecr.IRepository): void {
    const { prefix } = this.settings;
    // A repository of this app tells its name only as a reference; what it was given stands in its resource.
    const made = cfnRepositoryOf(repository);
    if (prefix !== undefined && made && Stack.of(made).resolve(made.repositoryName) === undefined) {
      throw new Error(`\`repositoryPrefix\` is "${prefix}", but CloudFormation would make up the name of repository ${repository.node.path}: `
        + `give it one, such as \`repositoryNames\`: ["${isUnknown(prefix) ? '<prefix>' : prefix}zenml"]`);
    }
    const name = made?.repositoryName ?? repository.repositoryName;
    if (prefix !== undefined && startsOtherwise(name, prefix)) {
      throw new Error(`\`repositoryPrefix\` is "${prefix}", so all repositories must start with it, got: "${name}"`);
    }
    this.repositories.push(repository);
  }

  /** What a right on the repository names: it, or all under the prefix, so that a policy does not grow with their number. */
  public arnOf(repository: ecr.IRepository): string {
    return this.settings.prefix !== undefined ? this.resources()[0]! : repository.repositoryArn;
  }

  /** The policy; undefined for a role whose policies are not managed here. */
  public giveTo(role: iam.IRole): iam.Policy | undefined {
    const { region, account, prefix, createOnPush, removalPolicy } = this.settings;
    const statement = pushPullStatement(this.resources(), createOnPush);
    const policy = giveRights(this.scope, 'PushAndPull', role, [region, account, prefix ?? ''], [statement], removalPolicy);
    if (policy && prefix !== undefined) {
      acknowledgeWildcards(policy, [statement], '`repositoryPrefix` gives ZenML all repositories under it, also those that are made later');
    }
    if (!policy) {
      Annotations.of(this.scope).addWarningV2('cdk-zenml:frozenAccessRole', 'the access role is referenced and its policies are not managed here: give it push and pull '
        + `on the repositories, ecr:DescribeRepositories on repository/* and ecr:GetAuthorizationToken on *${createOnPush ? `, and ecr:CreateRepository on repository/${prefix}*` : ''}`);
    }
    return policy;
  }

  /** What is wrong, once all repositories are known. */
  public problems(): string[] {
    if (this.settings.prefix !== undefined || this.repositories.length <= MAX_LISTED) { return []; }
    return [`a role can list at most ${MAX_LISTED} repositories (an IAM role holds 10,240 characters of inline policies), got: ${this.repositories.length}; `
      + 'give them a common start and set `repositoryPrefix`'];
  }

  private resources(): string[] {
    const { region, account, prefix } = this.settings;
    if (prefix !== undefined) {
      return [Stack.of(this.scope).formatArn({ service: 'ecr', region, account, resource: 'repository', resourceName: `${prefix}*` })];
    }
    return Lazy.list({ produce: () => this.repositories.map((repository) => repository.repositoryArn) });
  }
}
