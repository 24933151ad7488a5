import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { readIntrinsic } from './intrinsics';

/**
 * Metadata key under which aws-cdk (2.257 and later) and cdk-nag 3 read acknowledged findings; older versions ignore
 * the key.
 */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/**
 * Acknowledges findings of template checkers for a construct and its children.
 *
 * @param findings reason by id of the finding
 */
export function acknowledge(construct: IConstruct, findings: Record<string, string>): void {
  construct.node.addMetadata(ACKNOWLEDGED, findings);
}

/** Acknowledges the wildcards in the resources of the statements. */
export function acknowledgeWildcards(construct: IConstruct, statements: iam.PolicyStatement[], reason: string): void {
  for (const resource of new Set(statements.flatMap((statement) => statement.resources))) {
    const shown = flatten(Stack.of(construct).resolve(resource));
    if (shown.includes('*')) { acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${shown}]`]: reason }); }
  }
}

/**
 * Acknowledges the only resource `*` of grants on repositories: AWS has no resource level for the login. aws-cdk adds
 * the grants to the role's own policy, below the role.
 */
export function acknowledgeLogin(role: IConstruct): void {
  acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': 'AWS has no resource level for ecr:GetAuthorizationToken' });
}

/** The resource as cdk-nag writes it in the id of a finding: `arn:<AWS::Partition>:ecr:...`. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) { return String(value); }
  const intrinsic = readIntrinsic(value);
  switch (intrinsic?.kind) {
    case 'ref': return `<${intrinsic.name}>`;
    case 'attribute': return `<${intrinsic.path.join('.')}>`;
    case 'join': return intrinsic.parts.map(flatten).join(intrinsic.separator);
    default: return JSON.stringify(value);
  }
}
