import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { isFrozen } from '../ecr/grants';
import { digest } from '../private/digest';

/**
 * Gives a role rights as a policy of their own, in the stack that needs them (never in the role's: two stacks would depend on each other).
 * The id depends on what the rights are for. When that changes, the new ones come before anything moves to them, and CloudFormation takes
 * the old ones away when nothing uses them any more.
 *
 * Undefined for a role whose policies are not managed here.
 */
export function giveRights(scope: Construct, id: string, role: iam.IRole, purpose: readonly string[],
  statements: iam.PolicyStatement[]): iam.Policy | undefined {
  if (isFrozen(role)) { return undefined; }
  return new iam.Policy(scope, id + digest(scope, [role.roleArn, ...purpose]), { roles: [role], statements });
}
