import * as iam from 'aws-cdk-lib/aws-iam';
import { synthError } from '../private/synth-error';

/**
 * Throws for a principal of `*` without a condition, which would give every AWS account access to the images.
 *
 * @param subject what names the principal, as the message begins
 */
export function validateNotPublic(principal: iam.IPrincipal, subject: string): void {
  const { principalJson, conditions } = principal.grantPrincipal.policyFragment;
  const everyone = Object.values(principalJson).flat().includes('*');
  if (!everyone || Object.keys(conditions).length > 0) { return; }
  throw synthError(
    'CZ121',
    `${subject} must not have a principal of "*" without a condition, which would give access to every AWS account: `
      + 'name accounts (iam.AccountPrincipal) or use RepositoryPrincipal.organization(...)',
  );
}
