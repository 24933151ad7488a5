import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../private/acknowledge';

interface ServiceRoleOptions {
  /** Service principal that assumes the role. */
  readonly service: string;
  readonly description: string;
  readonly statements: iam.PolicyStatement[];
  /** Why the statements have wildcards in their resources. */
  readonly wildcardReason: string;
}

/**
 * Defines a role that ECR assumes. A managed policy holds its rights: the role then depends on the policy, so a
 * resource that refers to the role finds it with all its rights. Checkers that report inline policies report nothing.
 */
export function defineServiceRole(scope: Construct, options: ServiceRoleOptions): iam.Role {
  const { service, description, statements, wildcardReason } = options;
  const policy = new iam.ManagedPolicy(scope, 'Policy', { description, statements });
  acknowledgeWildcards(policy, statements, wildcardReason);
  // Without a path, because ECR refuses roles with a path.
  return new iam.Role(scope, 'Role', {
    assumedBy: new iam.ServicePrincipal(service),
    description,
    managedPolicies: [policy],
  });
}
