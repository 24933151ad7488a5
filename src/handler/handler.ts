import { sendAnswer } from './cloudformation/answer';
import { answerUrl } from './cloudformation/answer-hosts';
import { Envelope, readEnvelope } from './cloudformation/event';
import { FailedUpdates } from './failed-updates';
import { ProcessCache } from './invocation';
import { Ports } from './ports';
import { Result, serveEvent } from './serve-event';

/** Answers kept for events that are delivered again. */
const ANSWERS_KEPT = 200;

export type Handler = (event: unknown, context?: unknown) => Promise<void>;

/**
 * The Lambda's handler on the given ports. It always answers CloudFormation and never throws: a throw after the answer
 * would make Lambda run the event again, when CloudFormation has long gone on.
 */
export function makeHandler(ports: Ports): Handler {
  const cache: ProcessCache = { logins: new Map(), displacedComponents: new Map(), failedUpdates: new FailedUpdates() };
  const answers = new Map<string, string>();

  return async (raw, context) => {
    const started = ports.clock.now();
    const envelope = readEnvelope(raw);
    const url = envelope && answerUrl(envelope.ResponseURL, ports.env);
    if (!envelope || !url) {
      ports.log({
        level: 'ERROR',
        outcome: 'ignored',
        why: 'the event names no address of CloudFormation to answer to [CZ377]',
      });
      return;
    }
    const key = `${envelope.StackId}|${envelope.RequestId}`;
    const again = answers.get(key);
    const result: Result =
      again !== undefined
        ? { body: again, outcome: 'repeated', calls: 0, notes: [], warnings: [] }
        : await serveEvent({ ports, cache, envelope, raw, context });
    const delivered = await sendAnswer(ports, url, result.body);
    if (delivered) { remember(answers, key, result.body); }
    ports.log(logLine(envelope, result, { delivered, milliseconds: Math.round(ports.clock.now() - started) }));
  };
}

function logLine(
  envelope: Envelope,
  result: Result,
  { delivered, milliseconds }: { delivered: boolean; milliseconds: number },
): Parameters<Ports['log']>[0] {
  const { outcome, reason, warnings, notes, calls } = result;
  return {
    level: outcome === 'FAILED' || !delivered ? 'ERROR' : warnings.length > 0 ? 'WARN' : 'INFO',
    RequestType: envelope.RequestType,
    ResourceType: envelope.ResourceType,
    LogicalResourceId: envelope.LogicalResourceId,
    RequestId: envelope.RequestId,
    outcome,
    reason,
    warnings: warnings.join('; ') || undefined,
    notes: notes.join('; ') || undefined,
    calls,
    milliseconds,
    delivered,
  };
}

function remember(answers: Map<string, string>, key: string, body: string): void {
  answers.set(key, body);
  if (answers.size > ANSWERS_KEPT) { answers.delete(answers.keys().next().value!); }
}
