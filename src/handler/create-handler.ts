import { failure, encodeAnswer, sendAnswer, success } from './cloudformation/answer';
import { answerUrl } from './cloudformation/answer-hosts';
import { startDeadline } from './cloudformation/deadline';
import { Envelope, readEnvelope, readEvent } from './cloudformation/event';
import { startedTooLate } from './cloudformation/event-age';
import { oneLine } from './cloudformation/reason';
import { LateStartError, LostAnswerError, UserError } from './errors';
import { LIFECYCLES } from './lifecycle';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { Invocation, Memory, serve } from './serve';
import { Untouched } from './untouched';
import { Attribute } from '../contract/attributes';
import { formatFailedId } from '../contract/physical-id';

/** At the deadline work gets this long to say what it was waiting for, in milliseconds. */
const GRACE_MS = 1_000;
/** Answers kept for events that are delivered again. */
const ANSWERS_KEPT = 200;

export type Handler = (event: unknown, context?: unknown) => Promise<void>;

/**
 * The Lambda's handler on the given outside. It always answers CloudFormation and never throws: a throw after the answer would make Lambda
 * run the event again, when CloudFormation has long gone on.
 */
export function createHandler(ports: Ports): Handler {
  const memory: Memory = { logins: new Map(), displaced: new Map(), untouched: new Untouched() };
  const answers = new Map<string, string>();

  return async (raw, context) => {
    const started = ports.clock.now();
    const envelope = readEnvelope(raw);
    const url = envelope && answerUrl(envelope.ResponseURL, ports.env);
    if (!envelope || !url) {
      ports.log({ level: 'ERROR', outcome: 'ignored', why: 'the event names no address of CloudFormation to answer to' });
      return;
    }
    const key = `${envelope.StackId}|${envelope.RequestId}`;
    const again = answers.get(key);
    const result = again !== undefined ? { body: again, outcome: 'repeated', calls: 0, notes: [] } : await answerTo(raw, envelope, context);
    const delivered = await sendAnswer(ports, url, result.body);
    if (delivered) { remember(answers, key, result.body); }
    ports.log({
      level: result.outcome === 'FAILED' || !delivered ? 'ERROR' : 'INFO',
      RequestType: envelope.RequestType,
      ResourceType: envelope.ResourceType,
      LogicalResourceId: envelope.LogicalResourceId,
      RequestId: envelope.RequestId,
      outcome: result.outcome,
      reason: result.reason,
      notes: result.notes.join('; ') || undefined,
      calls: result.calls,
      milliseconds: Math.round(ports.clock.now() - started),
      delivered,
    });
  };

  async function answerTo(raw: unknown, envelope: Envelope, context: unknown) {
    const redactor = new Redactor();
    const notes: string[] = [];
    const deadline = startDeadline(ports.clock, context, envelope.RequestType !== 'Delete');
    let invocation: Invocation | undefined;
    try {
      const event = readEvent(raw);
      if (typeof event === 'string') { throw new UserError(`the event is not one of CloudFormation's (${event})`); }
      const served = LIFECYCLES.get(event.ResourceType);
      if (!served) { throw new UserError(`resource type ${event.ResourceType.slice(0, 60)} is not served by this function: use the library's own constructs`); }
      invocation = { event, served, ports, deadline, redactor, memory, notes, clients: [] };
      const tooLate = startedTooLate(event, ports.clock.now());
      if (tooLate) { throw new LateStartError(tooLate); }
      const outcome = await raceDeadline(serve(invocation), deadline.signal);
      const body = encodeAnswer(success(
        envelope, outcome?.physicalId ?? incomingId(envelope), outcome && { [Attribute.ID]: outcome.id, [Attribute.NAME]: outcome.name },
      ));
      return { body, outcome: 'SUCCESS', calls: callsOf(invocation), notes: notes.map(clean) };
    } catch (error) {
      if (invocation && invocation.clients.every(({ writes }) => writes === 0)) { memory.untouched.remember(invocation.event, ports.clock.now()); }
      const reason = clean(error instanceof UserError ? error.message : `unexpected failure (${errorName(error)}): please report it with the function's log`);
      const body = encodeAnswer(failure(envelope, failedId(envelope, invocation, error), reason));
      return { body, outcome: 'FAILED', reason, calls: callsOf(invocation), notes: notes.map(clean) };
    } finally {
      deadline.cancel();
    }

    function clean(text: string): string {
      return oneLine(redactor.redact(text), 1024);
    }
  }

  /** The work's own word if it comes within the grace; else it hangs in something, and what that has done is not known. */
  async function raceDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    let cancel = () => {};
    const over = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => { cancel = ports.clock.alarm(GRACE_MS, () => reject(new LostAnswerError(String((signal.reason as Error).message)))); }, { once: true });
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      cancel();
    }
  }
}

function callsOf(invocation: Invocation | undefined): number {
  return invocation?.clients.reduce((sum, { calls }) => sum + calls, 0) ?? 0;
}

/** The id of a failure: of the object if there is one, so that CloudFormation's Delete finds it. */
function failedId(envelope: Envelope, invocation: Invocation | undefined, error: unknown): string {
  if (envelope.RequestType !== 'Create') { return incomingId(envelope); }
  if (invocation?.made) { return invocation.made; }
  // A Create that may have made something without knowing: its Delete must look for that, and for a while. So not the id that says
  // "nothing there"; any other text is to a Delete like an id that CloudFormation made up.
  if (error instanceof LostAnswerError) { return `zenml:create-unsure:${envelope.RequestId}`; }
  return formatFailedId(envelope.RequestId);
}

/** CloudFormation always sends one with an Update or Delete; without it any text will do, as long as it is not empty. */
function incomingId(envelope: Envelope): string {
  return envelope.PhysicalResourceId || formatFailedId(envelope.RequestId);
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name.replace(/[^A-Za-z]/g, '').slice(0, 40) : typeof error;
}

function remember(answers: Map<string, string>, key: string, body: string): void {
  answers.set(key, body);
  if (answers.size > ANSWERS_KEPT) { answers.delete(answers.keys().next().value!); }
}
