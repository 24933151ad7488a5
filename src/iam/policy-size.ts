import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/** AWS's limit for all inline policies of a role together, white space not counted; not adjustable. */
const MAX_CHARACTERS = 10240;

/** What references are at least, in characters: with more nobody can say before the deployment. */
const SHORTEST: Record<string, number> = { 'AWS::Partition': 3, 'AWS::AccountId': 12, 'AWS::Region': 9 };
const SHORTEST_ARN = 30;

/** What is wrong with the inline policies of a role, as far as it is known at synth. `remedy` says what to do. */
export function inlinePolicyProblems(role: IConstruct, policies: readonly iam.Policy[], remedy: string): string[] {
  const least = policies.reduce((sum, policy) => sum + leastLength(Stack.of(policy).resolve(policy.document)), 0);
  return least > MAX_CHARACTERS
    ? [`the inline policies of role ${role.node.path} have ${least} characters or more, and an IAM role holds ${MAX_CHARACTERS} (AWS's limit): ${remedy}`] : [];
}

/** Length of the JSON text, with each reference as short as it can be. */
function leastLength(value: unknown): number {
  if (Array.isArray(value)) { return 2 + commas(value.length) + value.reduce<number>((sum, one) => sum + leastLength(one), 0); }
  if (typeof value !== 'object' || value === null) { return String(JSON.stringify(value)).replace(/\s/g, '').length; }
  const reference = value as { 'Ref'?: string; 'Fn::GetAtt'?: unknown; 'Fn::Join'?: [string, unknown[]] };
  if (reference.Ref) { return 2 + (SHORTEST[reference.Ref] ?? 1); }
  if (reference['Fn::GetAtt']) { return 2 + SHORTEST_ARN; }
  if (reference['Fn::Join']) {
    const [separator, parts] = reference['Fn::Join'];
    return 2 + separator.length * Math.max(0, parts.length - 1) + parts.reduce<number>((sum, part) => sum + leastLength(part) - 2, 0);
  }
  if (Object.keys(value).some((key) => key.startsWith('Fn::'))) { return 3; }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return 2 + commas(entries.length) + entries.reduce((sum, [key, one]) => sum + key.length + 3 + leastLength(one), 0);
}

function commas(count: number): number {
  return Math.max(0, count - 1);
}
