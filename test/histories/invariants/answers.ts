import { Exchange } from '../../simulator/custom-resources';
import type { Scene } from '../scene';

/** Every event is answered, in time: law 4. `died`: requests whose process a test has killed. */
export function unanswered({ world }: Scene, died: ReadonlySet<string>): string[] {
  const silent = world.cloudformation.custom.exchanges.filter(
    ({ event, outcome, calledOff }) =>
      outcome !== undefined
      && !calledOff
      && !died.has(String(event.RequestId))
      && /did not receive a response/.test(outcome.reason),
  );
  return [
    ...silent.map(
      ({ request, event }) => `no answer in time to ${request.type} ${request.logicalId} (${String(event.RequestId)})`,
    ),
    ...world.lambda.queue.dropped
      .filter(({ event }) => isOpen(world.cloudformation.custom.exchanges, event))
      .map(({ event, afterSeconds }) => {
        const { RequestType, LogicalResourceId } = event as { RequestType: string; LogicalResourceId: string };
        return `dropped by Lambda after ${afterSeconds} s: ${RequestType} ${LogicalResourceId}`;
      }),
  ];
}

/** A second copy of what was answered, or what CloudFormation has called off, harms nobody. */
function isOpen(exchanges: readonly Exchange[], event: unknown): boolean {
  return exchanges.some(exchange => exchange.event === event && !exchange.calledOff && exchange.answers.length === 0);
}

/** Answers that CloudFormation or a person could not use. */
export function badAnswers(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ request, answers }) => answers.flatMap(text => {
    const answer = JSON.parse(text) as Record<string, unknown>;
    const problems: string[] = [];
    if (Buffer.byteLength(text) > 4096) { problems.push('too long'); }
    if (typeof answer.PhysicalResourceId !== 'string' || answer.PhysicalResourceId === '') { problems.push('no id'); }
    if (request.type !== 'Create' && answer.Status === 'FAILED' && answer.PhysicalResourceId !== request.physicalId) {
      problems.push('a failed one changes the id');
    }
    if (
      request.type !== 'Delete'
      && answer.Status === 'SUCCESS'
      && Object.keys(answer.Data as object)
        .sort()
        .join() !== 'Id,Name'
    ) {
      problems.push('attributes');
    }
    if (
      answer.Status === 'FAILED'
      && (typeof answer.Reason !== 'string'
        || answer.Reason === ''
        || /[\n\r]/.test(answer.Reason)
        || answer.Reason.includes('unexpected failure'))
    ) {
      problems.push(`reason "${String(answer.Reason)}"`);
    }
    return problems.map(problem => `answer to ${request.type} ${request.logicalId}: ${problem}`);
  }));
}
