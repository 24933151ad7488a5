import { createHash } from 'crypto';
import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Eight upper-case hex digits that identify the values. Tokens resolve to references, which are as stable as the
 * logical ids that the references name.
 */
export function digest(scope: IConstruct, identity: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(Stack.of(scope).resolve(identity)))
    .digest('hex')
    .slice(0, 8)
    .toUpperCase();
}
