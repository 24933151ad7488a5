import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown, isLookupDummy } from './known';
import { partitionOf } from './partitions';
import { synthError } from './synth-error';
import { quoted } from './validation';

/** The partition of an ARN; undefined when the partition is a token. */
export function partitionInArn(arn: string): string | undefined {
  return isLookupDummy(arn) ? undefined : /^arn:(aws[a-z-]*):/.exec(arn)?.[1];
}

/**
 * Throws when a value is known to be in another partition than the stack. Principals and keys do not work across
 * partitions.
 *
 * @param subject the prop or thing, as the message begins
 * @param partition partition of the value, if known
 * @param got the value
 */
export function requireOwnPartition(
  scope: IConstruct, subject: string, partition: string | undefined, got: string,
): void {
  const { region } = Stack.of(scope);
  const own = isKnown(region) ? partitionOf(region)?.partition : undefined;
  if (!own || !partition || own === partition) { return; }
  throw synthError(
    'CZ110',
    `${subject} must be in the stack's partition ${own} (Region ${region}), because principals and keys `
      + `do not work across partitions, got: ${quoted(got)} in partition ${partition}: use one of partition ${own}, or `
      + `deploy the stack to a Region of ${partition}`,
  );
}
