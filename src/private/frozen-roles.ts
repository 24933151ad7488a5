import * as iam from 'aws-cdk-lib/aws-iam';

/** A role whose policies aws-cdk pretends to change: referenced with `mutable: false`, in another account, or `withoutPolicyUpdates`. */
export function isFrozen(principal: iam.IPrincipal): boolean {
  // The class is not exported; this field is its own.
  return 'addGrantsToResources' in principal;
}
