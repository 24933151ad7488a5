import { Lazy, Resource } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { withoutSlash } from './prefixes';
import { READ_UPSTREAM_ACTIONS } from '../ecr-repository/actions';
import { policyLengthProblems } from '../ecr-repository/policy-length';
import { validateNotPublic } from '../ecr-repository/public-principals';
import { repositoryArn } from '../ecr-repository/repository-arns';
import { validateAccountId } from '../private/validation';

/**
 * The policy of the account's registry in this Region: what other accounts may do with all repositories, or with the
 * repositories under a prefix. The construct replaces the whole policy, so define it once and add statements to it.
 * Deleting it revokes the rights.
 *
 * Registries created before `RegistryPolicyScope.V2` support only three actions (`ecr:ReplicateImage`,
 * `ecr:CreateRepository`, `ecr:BatchImportUpstreamImage`) until the account setting `REGISTRY_POLICY_SCOPE` is `V2`.
 * See `RegistryAccountSettings`.
 */
export class RegistryPolicy extends Resource {
  private readonly document = new iam.PolicyDocument();

  /**
   * @throws at synth, when the app defines the policy twice, or the policy has no statement or more than 10,240
   * characters (ECR's limit)
   */
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const resource = new ecr.CfnRegistryPolicy(this, 'Resource', {
      policyText: Lazy.any({ produce: () => this.document }),
    });
    claimSetting(resource);
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * Adds a statement.
   *
   * @param statement resources are repository ARNs, `arn:aws:ecr:<region>:<account>:repository/<prefix>/*`
   * @throws when a principal is `*` without a condition
   */
  public addStatement(statement: iam.PolicyStatement): void {
    for (const principal of statement.principals) {
      if (Object.keys(statement.conditions as object).length === 0) { validateNotPublic(principal, '`statement`'); }
    }
    this.document.addStatements(statement);
  }

  /**
   * Allows the registry of another account to replicate images to this registry. That account's `RegistryReplication`
   * names this registry as a destination.
   *
   * @param account id of the account that replicates
   * @param repositoryPrefix allow only repositories under this prefix; default: all repositories
   * @throws when the account id does not have 12 digits
   */
  public allowReplicationFrom(account: string, repositoryPrefix?: string): void {
    this.allow(
      `Replication${this.document.statementCount + 1}`,
      ['ecr:CreateRepository', 'ecr:ReplicateImage'],
      account,
      repositoryPrefix,
    );
  }

  /**
   * Allows another account to cache images of this registry. That account's `PullThroughCacheRule` names this registry
   * as its upstream.
   *
   * @param account id of the account that caches
   * @param repositoryPrefix allow only repositories under this prefix; default: all repositories
   * @throws when the account id does not have 12 digits
   */
  public allowPullThroughFrom(account: string, repositoryPrefix?: string): void {
    this.allow(`PullThrough${this.document.statementCount + 1}`, READ_UPSTREAM_ACTIONS, account, repositoryPrefix);
  }

  private allow(sid: string, actions: string[], account: string, prefix: string | undefined): void {
    validateAccountId('account', account);
    this.addStatement(new iam.PolicyStatement({
      sid,
      actions,
      principals: [new iam.AccountPrincipal(account)],
      resources: [repositoryArn(this, prefix ? `${withoutSlash(prefix)}/*` : '*')],
    }));
  }

  private problems(): string[] {
    if (this.document.isEmpty) {
      return ['the registry policy must have at least one statement: add a statement or remove the construct'];
    }
    return [
      ...this.document.validateForResourcePolicy(),
      ...policyLengthProblems(
        this,
        this.document,
        'the registry policy',
        'use prefixes and organizations instead of lists',
      ),
    ];
  }
}
