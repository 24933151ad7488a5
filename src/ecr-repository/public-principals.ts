import * as iam from 'aws-cdk-lib/aws-iam';

/** Throws for a principal that is everybody in AWS: ECR would hand the images to any account. */
export function assertNotPublic(principal: iam.IPrincipal, subject: string): void {
  const { principalJson, conditions } = principal.grantPrincipal.policyFragment;
  const everybody = Object.values(principalJson).flat().includes('*');
  if (!everybody || Object.keys(conditions).length > 0) { return; }
  throw new Error(`${subject}: a principal of "*" without a condition lets every AWS account in; `
    + 'name accounts (iam.AccountPrincipal) or use RepositoryPrincipal.organization(...)');
}
