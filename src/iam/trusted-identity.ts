import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { areDifferent, isKnown, isLookupDummy } from '../private/known';
import { partitionInArn, requireOwnPartition } from '../private/own-partition';

/** What a trust policy names: ARNs, or account ids. */
function namesOf(principal: iam.IPrincipal): string[] {
  return Object.values(principal.grantPrincipal.policyFragment.principalJson).flat().map(String);
}

/**
 * Throws for what is no single identity. `*` would let everybody in, a service never assumes a role as ZenML does, and an account means
 * all its identities, unless a condition (`aws:PrincipalArn`) narrows it.
 */
export function requireOneIdentity(scope: IConstruct, identity: iam.IPrincipal | undefined): void {
  if (!identity) { return; }
  const { principalJson, conditions } = identity.grantPrincipal.policyFragment;
  const names = namesOf(identity);
  const got = JSON.stringify(principalJson);
  if (Object.keys(principalJson).join() !== 'AWS' || names.length === 0 || names.includes('*')) {
    throw new Error(`\`awsIdentity\` must be the role or user as which the server runs, got: ${got}; give an iam.IRole or iam.ArnPrincipal`);
  }
  // An AccountPrincipal's name is a token, with a reference to the partition in it.
  const wholeAccount = names.some((name) => /:root"|^"?\d{12}"?$/.test(JSON.stringify(Stack.of(scope).resolve(name))));
  if (wholeAccount && Object.keys(conditions).length === 0) {
    throw new Error(`\`awsIdentity\` must be the role or user as which the server runs, got a whole account: ${identity}; give an iam.IRole or iam.ArnPrincipal, `
      + 'or narrow it with a condition: new iam.AccountPrincipal(...).withConditions({ ArnLike: { \'aws:PrincipalArn\': ... } })');
  }
}

/** Throws when the identity is in another partition than the stack. */
export function requireIdentityOfPartition(scope: Construct, what: string, identity: iam.IPrincipal): void {
  for (const name of namesOf(identity)) { requireOwnPartition(scope, what, partitionInArn(name), name); }
}

/** Across accounts a trust is half of what is needed: the identity's own account has to let it assume the role as well. */
export function warnOfOtherAccount(scope: Construct, role: iam.IRole, identity: iam.IPrincipal): void {
  const name = namesOf(identity)[0]!;
  const account = /^arn:[^:]+:iam::(\d{12}):/.exec(name)?.[1] ?? identity.grantPrincipal.principalAccount;
  const own = Stack.of(role).account;
  if (isLookupDummy(name) || !isKnown(account) || !areDifferent(account, own)) { return; }
  Annotations.of(scope).addWarningV2('cdk-zenml:identityOfOtherAccount', `\`awsIdentity\` ${name} is in account ${account}, the access role is in ${own}: the trust that is `
    + 'written here is half of what is needed. The identity\'s own policy, in its account, must allow sts:AssumeRole (and sts:TagSession, if its sessions have tags) on '
    + `the access role ${role.node.path} (stack output AccessRoleArn)`);
}
