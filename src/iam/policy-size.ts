import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { readIntrinsic } from '../private/intrinsics';

/** AWS's limit for all inline policies of a role together, in characters without white space. AWS does not raise it. */
export const INLINE_POLICIES_MAX_LENGTH = 10240;

/** Minimum length of each reference, in characters. The real length is only known at deploy time. */
const SHORTEST: Record<string, number> = { 'AWS::Partition': 3, 'AWS::AccountId': 12, 'AWS::Region': 9 };
const SHORTEST_ARN = 30;

/**
 * What is wrong with the inline policies of a role, as far as the length is known at synth.
 *
 * @param remedy what the user can do
 */
export function inlinePolicyProblems(role: IConstruct, policies: readonly iam.Policy[], remedy: string): string[] {
  const least = sumOf(policies, (policy) => leastLength(Stack.of(policy).resolve(policy.document)));
  if (least <= INLINE_POLICIES_MAX_LENGTH) { return []; }
  return [
    `the inline policies of role ${role.node.path} must have at most ${INLINE_POLICIES_MAX_LENGTH} characters (AWS's limit), `
      + `got: ${least} characters or more: ${remedy}`,
  ];
}

/** Minimum length of the value as JSON text, in characters without white space. */
function leastLength(value: unknown): number {
  if (Array.isArray(value)) { return 2 + commas(value.length) + sumOf(value, leastLength); }
  if (typeof value !== 'object' || value === null) { return String(JSON.stringify(value)).replace(/\s/g, '').length; }
  const intrinsic = readIntrinsic(value);
  switch (intrinsic?.kind) {
    case 'ref': return 2 + (SHORTEST[intrinsic.name] ?? 1);
    case 'attribute': return 2 + SHORTEST_ARN;
    case 'join': {
      const separators = intrinsic.separator.length * Math.max(0, intrinsic.parts.length - 1);
      return 2 + separators + sumOf(intrinsic.parts, (part) => leastLength(part) - 2);
    }
    case 'other': return 3;
    default: {
      const entries = Object.entries(value).filter(([, one]) => one !== undefined);
      return 2 + commas(entries.length) + sumOf(entries, ([key, one]) => key.length + 3 + leastLength(one));
    }
  }
}

function sumOf<T>(values: readonly T[], length: (value: T) => number): number {
  return values.reduce((sum, value) => sum + length(value), 0);
}

function commas(count: number): number {
  return Math.max(0, count - 1);
}
