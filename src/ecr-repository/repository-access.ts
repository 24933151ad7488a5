import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Who may use a repository. The list is written to the repository's policy. For other accounts it covers only one side:
 * an identity in another account also needs its own policy with the same actions and `ecr:GetAuthorizationToken`, which
 * `RepositoryGrants` on the imported repository writes.
 *
 * Principals are those of aws-cdk (`iam.AccountPrincipal`, `iam.ArnPrincipal`, roles) and of `RepositoryPrincipal`. ECR
 * refuses the ARN of a role or user that does not exist. A principal of `*` without a condition is refused.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export interface RepositoryAccess {
  /**
   * Principals that may pull images.
   *
   * @default - none
   */
  readonly pull?: iam.IPrincipal[];

  /**
   * Principals that may push images, but not read any.
   *
   * @default - none
   */
  readonly push?: iam.IPrincipal[];

  /**
   * Principals that may pull and push images, such as image builders.
   *
   * @default - none
   */
  readonly pullPush?: iam.IPrincipal[];

  /**
   * Principals that may read metadata of the repository, its images and scan findings.
   *
   * @default - none
   */
  readonly describe?: iam.IPrincipal[];

  /**
   * Principals that may list and delete images.
   *
   * @default - none
   */
  readonly deleteImages?: iam.IPrincipal[];

  /**
   * Ids of accounts whose Lambda functions may use images of the repository.
   *
   * @default - none; Lambda functions of the repository's account need no entry
   */
  readonly lambdaAccounts?: string[];
}
