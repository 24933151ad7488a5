import { IConstruct } from 'constructs';
import { synthError } from './synth-error';

/**
 * Throws when a construct id is taken, with a better message than aws-cdk's. aws-cdk replaces `/` in ids by `--` before
 * it compares them.
 *
 * @param subject what gets the id, as the message begins
 * @param remedy what the user can do
 */
export function requireFreeId(scope: IConstruct, id: string, subject: string, remedy: string): void {
  const taken = scope.node.tryFindChild(id);
  if (!taken) { return; }
  throw synthError(
    'CZ104',
    `${subject} has the construct id "${taken.node.id}", which is already in use in ${scope.node.path}: ${remedy}`,
  );
}
