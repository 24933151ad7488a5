import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { inlinePolicyProblems } from './policy-size';
import { digest } from '../private/digest';
import { isFrozen } from '../private/frozen-roles';
import { applySharedPolicy } from '../private/removal';

/**
 * Attaches rights to a role as a separate policy. The policy is in the stack that needs the rights and not in the
 * role's stack, so that the two stacks do not depend on each other. The construct id depends on what the rights are
 * for: when that changes, CloudFormation creates the new policy before anything uses it, and deletes the old policy
 * when nothing uses it any more.
 *
 * @param purpose values that identify what the rights are for
 * @param removalPolicy removal policy of the object in ZenML that needs the rights
 * @returns the policy; undefined for an imported role whose policies the app cannot change
 */
export function attachPolicy(scope: Construct, id: string, role: iam.IRole, purpose: readonly string[],
  statements: iam.PolicyStatement[], removalPolicy: RemovalPolicy | undefined): iam.Policy | undefined {
  if (isFrozen(role)) { return undefined; }
  const policy = new iam.Policy(scope, id + digest(scope, [role.roleArn, ...purpose]), { roles: [role], statements });
  applySharedPolicy(removalPolicy, policy);
  policiesOf(role).push(policy);
  return policy;
}

/** Policies that `attachPolicy` attached, by role. */
const attached = new WeakMap<iam.IRole, iam.Policy[]>();

/** The policies that `attachPolicy` attached to a role. The first call adds the check of their total length. */
function policiesOf(role: iam.IRole): iam.Policy[] {
  const known = attached.get(role);
  if (known) { return known; }
  const policies: iam.Policy[] = [];
  attached.set(role, policies);
  role.node.addValidation({
    validate: () => {
      const own = role.node.tryFindChild('DefaultPolicy');
      return inlinePolicyProblems(role, own instanceof iam.Policy ? [...policies, own] : policies,
        'use a common prefix for the repository names and set `repositoryPrefix`, or use several roles');
    },
  });
  return policies;
}
