import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/** Where aws-cdk (2.257 and later) and cdk-nag 3 look for findings that are accepted; older versions ignore it. */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

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
  for (const resource of new Set(props.statements.flatMap((statement) => statement.resources))) {
    const shown = flatten(Stack.of(scope).resolve(resource));
    if (shown.includes('*')) { policy.node.addMetadata(ACKNOWLEDGED, { [`AwsSolutions-IAM5[Resource::${shown}]`]: props.wildcardReason }); }
  }
  // No path: ECR refuses roles with one.
  return new iam.Role(scope, 'Role', { assumedBy: new iam.ServicePrincipal(props.service), description: props.description, managedPolicies: [policy] });
}

/** As cdk-nag writes a resource in the id of a finding: `arn:<AWS::Partition>:ecr:...`. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) { return String(value); }
  const { 'Ref': ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (ref) { return `<${ref}>`; }
  if (attribute) { return `<${attribute.join('.')}>`; }
  return join ? join[1].map(flatten).join(join[0]) : JSON.stringify(value);
}
