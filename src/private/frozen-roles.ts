import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/**
 * Whether aws-cdk does not change the policies of a role although it reports success: roles that are imported with
 * `mutable: false`, imported from another account, or returned by `withoutPolicyUpdates`.
 */
export function isFrozen(principal: iam.IPrincipal): boolean {
  // aws-cdk does not export the class of such roles. Only that class has this field.
  return 'addGrantsToResources' in principal;
}

/**
 * Warns that the app cannot change the policies of an imported role.
 *
 * @param subject what needs the rights, `the access role`
 * @param done what the app did instead, `the repository policy now allows the role`
 * @param rights what to add to the role
 */
export function warnOfFrozenRole(scope: IConstruct, id: string, subject: string, done: string, rights: string): void {
  Annotations.of(scope).addWarningV2(
    id,
    `${subject} is an imported role whose policies this app cannot change: ${done}. `
      + `Add ${rights} to the role where it is defined`,
  );
}
