import { Lazy, Token, TokenComparison } from 'aws-cdk-lib';

/**
 * What aws-cdk puts in place of a value that it has yet to look up (`StringParameter.valueFromLookup`, `Role.fromLookup`, availability
 * zones, hosted zones, ...). The CDK command line looks the value up after such a synthesis, and synthesizes again.
 */
const LOOKUP_DUMMY = /dummy-value-for-|DUMMY_ARN|^dummy1[a-c]$|^DUMMY$|^1234$/i;

/** Whether a value is known at a later time only: a token, or the stand-in of a look-up. Whatever checks a value leaves such ones alone. */
export function isUnknown(value: unknown): boolean {
  return Token.isUnresolved(value) || isLookupDummy(value);
}

/** Whether the text is, or holds, the stand-in of a look-up: this synthesis is not the one that is deployed. */
export function isLookupDummy(value: unknown): boolean {
  return typeof value === 'string' && LOOKUP_DUMMY.test(value);
}

/** The text for a construct of aws-cdk that checks it: aws-cdk lets tokens pass, and refuses its own stand-ins of look-ups. */
export function shielded(value: string): string {
  return isLookupDummy(value) ? Lazy.string({ produce: () => value }) : value;
}

/** What is known of the start of a text: all up to its first token; nothing of the stand-in of a look-up. */
export function knownStart(value: string): string {
  return isLookupDummy(value) ? '' : value.split('${Token[')[0]!;
}

/** Whether the text is known to start otherwise, wherever tokens stand in the two. */
export function startsOtherwise(value: string, prefix: string): boolean {
  const [start, wanted] = [knownStart(value), knownStart(prefix)];
  const length = Math.min(isUnknown(value) ? start.length : Infinity, wanted.length);
  return start.slice(0, length) !== wanted.slice(0, length);
}

/** Whether a value is known at synth and so can be checked. */
export function isKnown(value: string | undefined): value is string {
  return value !== undefined && !isUnknown(value);
}

/** Whether two values (accounts, Regions, URLs) are known to be different: one that is unknown may be any. */
export function areDifferent(one: string, other: string): boolean {
  return !isLookupDummy(one) && !isLookupDummy(other) && Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}
