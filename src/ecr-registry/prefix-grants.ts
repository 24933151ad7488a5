import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { repositoriesUnder } from './prefixes';
import { LOGIN_ACTION } from '../ecr-repository/actions';
import { isFrozen } from '../private/frozen-roles';
import { areDifferent } from '../private/known';

/**
 * Rights on all repositories of a prefix, also on ones that do not exist yet: these have no policy to write, so the identity must hold them.
 * Says where that has no effect, or only half of one.
 *
 * @param instead what lets a principal in that holds no policies
 */
export function grantUnderPrefix(scope: Construct, prefix: string, grantee: iam.IGrantable, actions: string[], instead: string): iam.Grant {
  const resource = repositoriesUnder(scope, prefix);
  iam.Grant.addToPrincipal({ grantee, actions: [LOGIN_ACTION], resourceArns: ['*'] });
  const grant = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [resource] });
  const what = `the grant on the repositories under ${prefix}`;
  if (!grant.success) { throw new Error(`${what} would have no effect: the grantee holds no policies; grant to a role or user, or ${instead}`); }
  const { principalAccount } = grantee.grantPrincipal;
  if (isFrozen(grantee.grantPrincipal)) {
    Annotations.of(scope).addWarningV2('cdk-zenml:frozenGrantee', `${what} changed nothing: the role is referenced and its policies are not managed here. `
      + `Add ${actions.join(', ')} on ${prefix}/* and ${LOGIN_ACTION} on * to the role, where it is made`);
  }
  if (principalAccount && areDifferent(principalAccount, Stack.of(scope).account)) {
    Annotations.of(scope).addWarningV2('cdk-zenml:otherAccountGrantee', `${what} is half of what account ${principalAccount} needs: also ${instead}`);
  }
  return grant;
}
