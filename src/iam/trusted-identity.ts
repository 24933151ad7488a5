import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { areKnownToDiffer, isKnown, isLookupDummy } from '../private/known';
import { partitionInArn, requireOwnPartition } from '../private/own-partition';
import { synthError } from '../private/synth-error';

const NEEDS_ONE_IDENTITY = '`awsIdentity` must be the role or user that the server runs as';

/** The ARNs or account ids that a trust policy for the principal names. */
function namesOf(principal: iam.IPrincipal): string[] {
  return Object.values(principal.grantPrincipal.policyFragment.principalJson).flat().map(String);
}

/**
 * Throws when `awsIdentity` is not a single identity. `*` would trust everyone, a service does not assume a role the
 * way ZenML does, and an account means all its identities unless a condition (`aws:PrincipalArn`) narrows it.
 */
export function validateIdentity(scope: IConstruct, identity: iam.IPrincipal | undefined): void {
  if (!identity) { return; }
  const { principalJson, conditions } = identity.grantPrincipal.policyFragment;
  const names = namesOf(identity);
  if (Object.keys(principalJson).join() !== 'AWS' || names.length === 0 || names.includes('*')) {
    throw synthError(
      'CZ142',
      `${NEEDS_ONE_IDENTITY}, got: ${JSON.stringify(principalJson)}: pass an iam.IRole or iam.ArnPrincipal`,
    );
  }
  // The name of an AccountPrincipal is a token that contains a reference to the partition.
  const wholeAccount = names.some((name) => /:root"|^"?\d{12}"?$/.test(JSON.stringify(Stack.of(scope).resolve(name))));
  if (wholeAccount && Object.keys(conditions).length === 0) {
    throw synthError(
      'CZ142',
      `${NEEDS_ONE_IDENTITY}, got: the whole account ${identity}: pass an iam.IRole or iam.ArnPrincipal, `
        + "or add a condition: new iam.AccountPrincipal(...).withConditions({ ArnLike: { 'aws:PrincipalArn': ... } })",
    );
  }
}

/** Throws when the identity is in another partition than the stack. */
export function requireIdentityOfPartition(scope: Construct, subject: string, identity: iam.IPrincipal): void {
  for (const name of namesOf(identity)) { requireOwnPartition(scope, subject, partitionInArn(name), name); }
}

/** Warns when the identity is in another account: that account must allow the identity to assume the role as well. */
export function warnOfOtherAccount(scope: Construct, role: iam.IRole, identity: iam.IPrincipal): void {
  const name = namesOf(identity)[0]!;
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(name)?.[1] ?? identity.grantPrincipal.principalAccount;
  const own = Stack.of(role).account;
  if (isLookupDummy(name) || !isKnown(account) || !areKnownToDiffer(account, own)) { return; }
  Annotations.of(scope).addWarningV2('cdk-zenml:identityOfOtherAccount', `\`awsIdentity\` ${name} is in account `
    + `${account}, but the access role is in account ${own}: the role's trust policy covers only the role's side. The `
    + `identity's policy in account ${account} must allow sts:AssumeRole (and sts:TagSession, if its sessions have `
    + `tags) on the access role ${role.node.path} (stack output AccessRoleArn)`);
}
