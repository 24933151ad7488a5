import { Exchange } from '../../simulator/custom-resources';

/**
 * A rollback may end without success only where that would lose something, and then its reason says how to go on: law
 * 1.
 */
export function lockedWithoutReason(exchanges: readonly Exchange[], died: ReadonlySet<string>): string[] {
  return exchanges
    .filter(
      ({ request, outcome, answers, event }) =>
        request.rollback
        && outcome !== undefined
        && !outcome.success
        && answers.length > 0
        && !died.has(String(event.RequestId))
        && !/continue-update-rollback/.test(outcome.reason),
    )
    .map(
      ({ request, outcome }) =>
        `the rollback of ${request.stackId.split('/')[1]}/${request.logicalId} ${request.physicalId} locks the stack: ${outcome!.reason}`,
    );
}
