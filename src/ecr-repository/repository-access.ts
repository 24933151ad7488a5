import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Who may use a repository, written to its policy. For other accounts this is one half: an identity there also needs a policy of its own
 * with the same actions and `ecr:GetAuthorizationToken` (`RepositoryGrants` on the referenced repository writes it).
 *
 * Principals are aws-cdk's: `iam.AccountPrincipal`, `iam.ArnPrincipal`, roles, `RepositoryPrincipal.organization(...)`. ECR refuses the
 * ARN of a role or user that does not exist. `*` without a condition is refused.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export interface RepositoryAccess {
  /**
   * May pull images.
   *
   * @default - nobody
   */
  readonly pull?: iam.IPrincipal[];

  /**
   * May push images, but not read any.
   *
   * @default - nobody
   */
  readonly push?: iam.IPrincipal[];

  /**
   * May pull and push: what image builders need.
   *
   * @default - nobody
   */
  readonly pullPush?: iam.IPrincipal[];

  /**
   * May read about the repository, its images and scan findings.
   *
   * @default - nobody
   */
  readonly describe?: iam.IPrincipal[];

  /**
   * May list and delete images.
   *
   * @default - nobody
   */
  readonly deleteImages?: iam.IPrincipal[];

  /**
   * Ids of accounts whose Lambda functions may run images from here.
   *
   * @default - none (functions of the repository's own account need nothing here)
   */
  readonly lambdaAccounts?: string[];
}
