import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown, isLookupDummy } from './known';
import { partitionOf } from './partitions';

/** The partition in an ARN, where it is written out. */
export function partitionInArn(arn: string): string | undefined {
  return isLookupDummy(arn) ? undefined : /^arn:(aws[a-z-]*):/.exec(arn)?.[1];
}

/**
 * Throws when something is known to be in another partition than the stack: neither principals nor keys cross partitions.
 *
 * @param what the prop or thing, as the message begins
 * @param partition of the thing, if known
 */
export function requireOwnPartition(scope: IConstruct, what: string, partition: string | undefined, got: string): void {
  const { region } = Stack.of(scope);
  const own = isKnown(region) ? partitionOf(region)?.partition : undefined;
  if (!own || !partition || own === partition) { return; }
  throw new Error(`${what} is in partition ${partition}, but the stack is in ${own} (${region}), and principals do not cross partitions, got: ${got}; `
    + `use one of partition ${own}, or put the stack into a Region of ${partition}`);
}
