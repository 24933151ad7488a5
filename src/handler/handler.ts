import { encodeAnswer, failure, sendAnswer, success } from './cloudformation/answer';
import { answerUrl } from './cloudformation/answer-hosts';
import { startDeadline } from './cloudformation/deadline';
import { Envelope, readEnvelope, readEvent } from './cloudformation/event';
import { startedTooLate } from './cloudformation/event-age';
import { oneLine } from './cloudformation/reason';
import { dispatch, Invocation, ProcessCache, stackHistory } from './dispatch';
import { LostAnswerError, UserError } from './errors';
import { FailedUpdates } from './failed-updates';
import { RESOURCE_HANDLERS } from './lifecycle';
import { Outcome } from './lifecycle/context';
import { judgeFailedUpdate, NOTHING_CHANGED, outcomeFromEvent, Verdict } from './lifecycle/failed-update';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { Attribute } from '../contract/attributes';
import { formatFailedId } from '../contract/physical-id';

/** At the deadline the work gets this long to report what it was waiting for, in milliseconds. */
const GRACE_MS = 1_000;
/** Answers kept for events that are delivered again. */
const ANSWERS_KEPT = 200;
const REASON_MAX_BYTES = 1024;

/** What a failure's reason says beside the failure itself. */
type Advice = Exclude<Verdict, { keep: string }>;
const NO_ADVICE: Advice = { fail: '' };

export type Handler = (event: unknown, context?: unknown) => Promise<void>;

/** What came of one event. */
interface Result {
  readonly body: string;
  readonly outcome: 'SUCCESS' | 'FAILED' | 'repeated';
  readonly reason?: string;
  readonly calls: number;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * The Lambda's handler on the given ports. It always answers CloudFormation and never throws: a throw after the answer would make Lambda
 * run the event again, when CloudFormation has long gone on.
 */
export function makeHandler(ports: Ports): Handler {
  const cache: ProcessCache = { logins: new Map(), displacedComponents: new Map(), failedUpdates: new FailedUpdates() };
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
    const result: Result = again !== undefined
      ? { body: again, outcome: 'repeated', calls: 0, notes: [], warnings: [] } : await answerTo(ports, cache, raw, envelope, context);
    const delivered = await sendAnswer(ports, url, result.body);
    if (delivered) { remember(answers, key, result.body); }
    ports.log({
      level: result.outcome === 'FAILED' || !delivered ? 'ERROR' : result.warnings.length > 0 ? 'WARN' : 'INFO',
      RequestType: envelope.RequestType,
      ResourceType: envelope.ResourceType,
      LogicalResourceId: envelope.LogicalResourceId,
      RequestId: envelope.RequestId,
      outcome: result.outcome,
      reason: result.reason,
      warnings: result.warnings.join('; ') || undefined,
      notes: result.notes.join('; ') || undefined,
      calls: result.calls,
      milliseconds: Math.round(ports.clock.now() - started),
      delivered,
    });
  };
}

async function answerTo(ports: Ports, cache: ProcessCache, raw: unknown, envelope: Envelope, context: unknown): Promise<Result> {
  const redactor = new Redactor();
  const clean = (text: string) => oneLine(redactor.redact(text), REASON_MAX_BYTES);
  const deadline = startDeadline(ports.clock, context, envelope.RequestType !== 'Delete');
  let invocation: Invocation | undefined;
  try {
    const event = readEvent(raw);
    if (typeof event === 'string') { throw new UserError(`the event is not one of CloudFormation's (${event})`); }
    const handler = RESOURCE_HANDLERS.get(event.ResourceType);
    if (!handler) { throw new UserError(`resource type ${event.ResourceType.slice(0, 60)} is not served by this function: use the library's own constructs`); }
    const revertedUpdate = cache.failedUpdates.revertedBy(event, ports.clock.now());
    invocation = { event, handler, ports, deadline, redactor, cache, notes: [], warnings: [], clients: [], revertedUpdate };
    const tooLate = startedTooLate(event, ports.clock.now());
    if (tooLate) { throw new UserError(tooLate); }
    const outcome = await raceDeadline(ports, dispatch(invocation), deadline.signal);
    return succeeded(envelope, invocation, outcome, clean);
  } catch (error) {
    const text = clean(error instanceof UserError ? error.message : `unexpected failure (${errorName(error)}): please report it with the function's log`);
    const verdict = invocation ? await judge(invocation, error) : NO_ADVICE;
    if (invocation && 'keep' in verdict) {
      const note = clean(`left as it is, because ${verdict.keep} (${text})`);
      (verdict.risk || !(error instanceof UserError) ? invocation.warnings : invocation.notes).push(note);
      return succeeded(envelope, invocation, outcomeFromEvent(invocation.handler.kind, invocation.event), clean);
    }
    return failed(ports, cache, envelope, invocation, error, text, 'fail' in verdict ? verdict : NO_ADVICE, clean);
  } finally {
    deadline.cancel();
  }
}

/** Of an Update that has failed: may it end well? Only where the id and the properties tell the answer. */
async function judge(invocation: Invocation, error: unknown): Promise<Verdict> {
  const { event, handler, found, revertedUpdate } = invocation;
  if (event.RequestType !== 'Update' || !outcomeFromEvent(handler.kind, event)) { return NO_ADVICE; }
  return judgeFailedUpdate({
    event, error, found, vitalProperties: handler.vitalProperties, reverted: revertedUpdate, history: async () => stackHistory(invocation),
  });
}

function succeeded(envelope: Envelope, invocation: Invocation, outcome: Outcome | undefined, clean: (text: string) => string): Result {
  const data = outcome && { [Attribute.ID]: outcome.id, [Attribute.NAME]: outcome.name };
  return {
    body: encodeAnswer(success(envelope, outcome?.physicalId ?? incomingId(envelope), data)),
    outcome: 'SUCCESS',
    calls: callsOf(invocation),
    notes: invocation.notes.map(clean),
    warnings: invocation.warnings.map(clean),
  };
}

function failed(
  ports: Ports, cache: ProcessCache, envelope: Envelope, invocation: Invocation | undefined, error: unknown, text: string, advice: Advice,
  clean: (text: string) => string,
): Result {
  const hasWritten = invocation?.clients.some(({ writes }) => writes > 0) ?? false;
  if (invocation) { cache.failedUpdates.remember(invocation.event, hasWritten, ports.clock.now()); }
  // Of a rollback, "nothing was changed" would be read as good news.
  const end = [advice.stopsRollback ? '' : endOfReason(envelope.RequestType, invocation, hasWritten), advice.fail].filter(Boolean).join(' ');
  const reason = end ? `${oneLine(text, REASON_MAX_BYTES - Buffer.byteLength(end) - 2)}. ${end}` : text;
  return {
    body: encodeAnswer(failure(envelope, failedId(envelope, invocation, error), reason)),
    outcome: 'FAILED',
    reason,
    calls: callsOf(invocation),
    notes: (invocation?.notes ?? []).map(clean),
    warnings: (invocation?.warnings ?? []).map(clean),
  };
}

function endOfReason(requestType: string, invocation: Invocation | undefined, hasWritten: boolean): string {
  if (requestType === 'Update' && !hasWritten) { return NOTHING_CHANGED; }
  return requestType === 'Delete' ? invocation?.handler.afterFailedDelete ?? '' : '';
}

/**
 * After the deadline, the work gets a short grace period to report its own error. If it stays silent it hangs, and its effects are unknown.
 */
async function raceDeadline<T>(ports: Ports, work: Promise<T>, signal: AbortSignal): Promise<T> {
  let cancel = () => {};
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      cancel = ports.clock.alarm(GRACE_MS, () => reject(new LostAnswerError(String((signal.reason as Error).message))));
    }, { once: true });
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}

function callsOf(invocation: Invocation | undefined): number {
  return invocation?.clients.reduce((sum, { calls }) => sum + calls, 0) ?? 0;
}

/** The id of a failure: of the object if there is one, so that CloudFormation's Delete finds it. */
function failedId(envelope: Envelope, invocation: Invocation | undefined, error: unknown): string {
  if (envelope.RequestType !== 'Create') { return incomingId(envelope); }
  if (invocation?.createdPhysicalId) { return invocation.createdPhysicalId; }
  // The Create may have created an object that it knows nothing of, so its Delete must search for a while. A `create-failed` id would skip
  // that search; any other unknown id triggers it.
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
