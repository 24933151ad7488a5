import { Lazy, Token, TokenComparison } from 'aws-cdk-lib';

/**
 * Placeholders that aws-cdk returns for a value that it has not looked up yet (`StringParameter.valueFromLookup`,
 * `Role.fromLookup`, availability zones, hosted zones, ...). After such a synthesis the CDK CLI looks the value up and
 * synthesizes again.
 */
const LOOKUP_DUMMY = /dummy-value-for-|DUMMY_ARN|^dummy1[a-c]$|^DUMMY$|^1234$/i;

/**
 * Whether a value is unknown at synth: a token, or the placeholder of a context look-up. Validation skips such values.
 */
export function isUnknown(value: unknown): boolean {
  return Token.isUnresolved(value) || isLookupDummy(value);
}

/** Whether a value is given and known at synth, so that validation can check it. */
export function isKnown(value: string | undefined): value is string {
  return value !== undefined && !isUnknown(value);
}

/**
 * Whether the text is or contains the placeholder of a context look-up: the result of this synthesis is not deployed.
 */
export function isLookupDummy(value: unknown): boolean {
  return typeof value === 'string' && LOOKUP_DUMMY.test(value);
}

/**
 * The text for a construct of aws-cdk that validates it: aws-cdk accepts tokens but refuses its own look-up
 * placeholders.
 */
export function shielded(value: string): string {
  return isLookupDummy(value) ? Lazy.string({ produce: () => value }) : value;
}

/** The start of a text that is known at synth: everything before its first token, nothing of a look-up placeholder. */
function knownStart(value: string): string {
  return isLookupDummy(value) ? '' : value.split('${Token[')[0]!;
}

/** Whether the text is known not to start with the prefix, with tokens anywhere in the two. */
export function startsOtherwise(value: string, prefix: string): boolean {
  const [start, wanted] = [knownStart(value), knownStart(prefix)];
  const length = Math.min(isUnknown(value) ? start.length : Infinity, wanted.length);
  return start.slice(0, length) !== wanted.slice(0, length);
}

/** Whether two values (accounts, Regions, URLs) are known to differ. An unknown value can be any value. */
export function areKnownToDiffer(one: string, other: string): boolean {
  return !isLookupDummy(one) && !isLookupDummy(other) && Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
}
