import { Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RepositoryReference } from '../contract/properties';
import { LIST_ACTION } from '../ecr-repository/actions';
import { acknowledgeWildcards } from '../private/acknowledge';
import { StackComponent } from '../zenml';

/**
 * Imported repositories that must exist before the stack component is registered. The handler gets the right to read
 * them.
 */
export class RepositoryPreflight {
  private readonly readableArns = new Set<string>();

  public constructor(private readonly component: StackComponent) {}

  /**
   * Requires a repository to exist.
   *
   * @param arn ARN of the repository, or an ARN pattern that includes it
   */
  public require(repository: RepositoryReference, arn: string): void {
    if (this.readableArns.size === 0) { this.grantToHandler(arn); }
    this.readableArns.add(arn);
    this.component._requireRepository(repository);
  }

  private grantToHandler(arn: string): void {
    const resources = Lazy.list({ produce: () => [...this.readableArns] });
    const statement = new iam.PolicyStatement({ actions: [LIST_ACTION], resources });
    const policy = this.component._registration.handler.grant(this.component, 'Preflight', statement);
    // Only the ARN pattern of a prefix is reported by checkers.
    if (arn.endsWith('*')) {
      acknowledgeWildcards(policy, [new iam.PolicyStatement({ resources: [arn] })], 'the registry covers all '
        + 'repositories under its prefix');
    }
    this.component._registration.dependOn(policy);
  }
}
