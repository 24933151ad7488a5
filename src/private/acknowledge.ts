import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** Where aws-cdk (2.257 and later) and cdk-nag 3 look for findings that are accepted; older versions ignore it. */
const ACKNOWLEDGED = 'aws:cdk:acknowledged-rules';

/** Accepts findings of checkers that cannot be mended, each with its reason, for the construct and what is below it. */
export function acknowledge(construct: IConstruct, findings: Record<string, string>): void {
  construct.node.addMetadata(ACKNOWLEDGED, findings);
}

/** Accepts the wildcards in the resources of these statements. */
export function acknowledgeWildcards(construct: IConstruct, statements: iam.PolicyStatement[], reason: string): void {
  for (const resource of new Set(statements.flatMap((statement) => statement.resources))) {
    const shown = flatten(Stack.of(construct).resolve(resource));
    if (shown.includes('*')) { acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${shown}]`]: reason }); }
  }
}

/** As cdk-nag writes a resource in the id of a finding: `arn:<AWS::Partition>:ecr:...`. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) { return String(value); }
  const { 'Ref': ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as { 'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (ref) { return `<${ref}>`; }
  if (attribute) { return `<${attribute.join('.')}>`; }
  return join ? join[1].map(flatten).join(join[0]) : JSON.stringify(value);
}
