import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { inlinePolicyProblems } from './policy-size';
import { digest } from '../private/digest';
import { shareFate } from '../private/fate';
import { isFrozen } from '../private/frozen-roles';

/**
 * Gives a role rights as a policy of their own, in the stack that needs them (never in the role's: two stacks would depend on each other).
 * The id depends on what the rights are for. When that changes, the new ones come before anything moves to them, and CloudFormation takes
 * the old ones away when nothing uses them any more.
 *
 * Undefined for a role whose policies are not managed here.
 *
 * @param removalPolicy of the object in ZenML that lives from the rights
 */
export function giveRights(scope: Construct, id: string, role: iam.IRole, purpose: readonly string[],
  statements: iam.PolicyStatement[], removalPolicy: RemovalPolicy | undefined): iam.Policy | undefined {
  if (isFrozen(role)) { return undefined; }
  const policy = new iam.Policy(scope, id + digest(scope, [role.roleArn, ...purpose]), { roles: [role], statements });
  shareFate(removalPolicy, policy);
  rightsOf(role).push(policy);
  return policy;
}

/** The policies that were given to a role here; the first one brings the check of their length, which counts what the role holds besides. */
const given = new WeakMap<iam.IRole, iam.Policy[]>();

function rightsOf(role: iam.IRole): iam.Policy[] {
  const known = given.get(role);
  if (known) { return known; }
  const policies: iam.Policy[] = [];
  given.set(role, policies);
  role.node.addValidation({
    validate: () => {
      const own = role.node.tryFindChild('DefaultPolicy');
      return inlinePolicyProblems(role, own instanceof iam.Policy ? [...policies, own] : policies,
        'give the repositories a common start and set `repositoryPrefix`, or let registries use several roles');
    },
  });
  return policies;
}
