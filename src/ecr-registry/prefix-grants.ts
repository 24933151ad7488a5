import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { repositoriesUnder } from './prefixes';
import { LOGIN_ACTION } from '../ecr-repository/actions';
import { isFrozen, warnOfFrozenRole } from '../private/frozen-roles';
import { areKnownToDiffer } from '../private/known';
import { synthError } from '../private/synth-error';

/**
 * Grants actions on all repositories under a prefix, including repositories that do not exist yet. Such repositories
 * have no policy that the app can change, so the grantee's own policies must grant the actions. Throws where the grant
 * would have no effect, and warns where it covers only one side.
 *
 * @param alternative how to grant to a principal without policies, as the end of a sentence
 */
export function grantUnderPrefix(
  scope: Construct, prefix: string, grantee: iam.IGrantable, actions: string[], alternative: string,
): iam.Grant {
  const resource = repositoriesUnder(scope, prefix);
  iam.Grant.addToPrincipal({ grantee, actions: [LOGIN_ACTION], resourceArns: ['*'] });
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [resource] });
  const subject = `the grant on the repositories under ${prefix}`;
  if (!grant.success) {
    throw synthError(
      'CZ120',
      `${subject} would have no effect, because the grantee cannot have a policy: grant to a role or `
        + `user, or ${alternative}`,
    );
  }
  const { principalAccount } = grantee.grantPrincipal;
  if (isFrozen(grantee.grantPrincipal)) {
    warnOfFrozenRole(
      scope,
      'cdk-zenml:frozenGrantee',
      `the grantee of the repositories under ${prefix}`,
      'the grant has no effect',
      `${actions.join(', ')} on ${prefix}/* and ${LOGIN_ACTION} on *`,
    );
  }
  if (principalAccount && areKnownToDiffer(principalAccount, Stack.of(scope).account)) {
    Annotations.of(scope).addWarningV2('cdk-zenml:otherAccountGrantee', `${subject} covers only the identity's side `
      + `for account ${principalAccount}: also ${alternative}`);
  }
  return grant;
}
