import { Lazy, Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { assertNotPublic } from '../ecr-repository/public-principals';
import { isUnknown } from '../private/known';

const MAX_TEXT = 10240;

/**
 * The policy of the account's registry in this Region: what other accounts may do with all repositories, or those of a prefix. It replaces the whole
 * policy: define it once and add statements to it. Deleting it takes these rights away.
 *
 * Registries made before the wider scope existed know three actions here (`ecr:ReplicateImage`, `ecr:CreateRepository`,
 * `ecr:BatchImportUpstreamImage`) until the account setting `REGISTRY_POLICY_SCOPE` is `V2`.
 */
export class RegistryPolicy extends Resource {
  private readonly document = new iam.PolicyDocument();

  /**
   * @throws when the app sets the policy twice, or it gets longer than 10,240 characters
   */
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    const resource = new ecr.CfnRegistryPolicy(this, 'Resource', { policyText: Lazy.any({ produce: () => this.document }) });
    assertSingleOwner(resource);
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * Adds a statement. Resources are repository ARNs, `arn:aws:ecr:<region>:<account>:repository/<prefix>/*`.
   *
   * @throws for a principal of `*` without a condition
   */
  public addStatement(statement: iam.PolicyStatement): void {
    for (const principal of statement.principals) {
      if (Object.keys(statement.conditions as object).length === 0) { assertNotPublic(principal, '`addStatement`'); }
    }
    this.document.addStatements(statement);
  }

  /**
   * Lets another account's registry copy images here (its `RegistryReplication` has this one as a destination).
   *
   * @param account id of the account that copies
   * @param repositoryPrefix only repositories under it; default: all
   */
  public allowReplicationFrom(account: string, repositoryPrefix?: string): void {
    this.allow(`Replication${this.document.statementCount + 1}`, ['ecr:CreateRepository', 'ecr:ReplicateImage'], account, repositoryPrefix);
  }

  /**
   * Lets another account cache images of this registry (its `PullThroughCacheRule` has this one as upstream).
   *
   * @param account id of the account that caches
   * @param repositoryPrefix only repositories under it; default: all
   */
  public allowPullThroughFrom(account: string, repositoryPrefix?: string): void {
    this.allow(`PullThrough${this.document.statementCount + 1}`,
      ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:GetImageCopyStatus'], account, repositoryPrefix);
  }

  private allow(sid: string, actions: string[], account: string, prefix: string | undefined): void {
    if (!isUnknown(account) && !/^\d{12}$/.test(account)) {
      throw new Error(`\`account\`: an account id has 12 digits, got ${JSON.stringify(account)}`);
    }
    this.addStatement(new iam.PolicyStatement({
      sid,
      actions,
      principals: [new iam.AccountPrincipal(account)],
      resources: [Stack.of(this).formatArn({
        service: 'ecr', resource: 'repository', resourceName: prefix ? `${prefix.replace(/\/$/, '')}/*` : '*',
      })],
    }));
  }

  private problems(): string[] {
    if (this.document.isEmpty) { return ['the registry policy has no statement; add one or drop the construct']; }
    const length = JSON.stringify(Stack.of(this).resolve(this.document)).length;
    return [
      ...this.document.validateForResourcePolicy(),
      ...(length > MAX_TEXT ? [`the registry policy has ${length} characters and ECR takes ${MAX_TEXT}; use prefixes and organizations instead of lists`] : []),
    ];
  }
}
