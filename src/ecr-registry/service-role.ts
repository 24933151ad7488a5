import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../private/acknowledge';

/** A role for ECR itself. */
export interface ServiceRoleProps {
  readonly service: string;
  readonly description: string;
  readonly statements: iam.PolicyStatement[];
  /** Why statements have wildcards in their resources. */
  readonly wildcardReason: string;
}

/**
 * Makes the role. Its rights stand in a managed policy: the role then depends on them, and whatever takes the role's ARN finds it complete;
 * and the checkers that refuse inline policies are content.
 */
export function makeServiceRole(scope: Construct, props: ServiceRoleProps): iam.Role {
  const policy = new iam.ManagedPolicy(scope, 'Policy', { description: props.description, statements: props.statements });
  acknowledgeWildcards(policy, props.statements, props.wildcardReason);
  // No path: ECR refuses roles with one.
  return new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal(props.service), description: props.description, managedPolicies: [policy] });
}
