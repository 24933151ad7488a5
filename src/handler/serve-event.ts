import { encodeAnswer, failure, success } from './cloudformation/answer';
import { Deadline, startDeadline } from './cloudformation/deadline';
import { Envelope, readEvent } from './cloudformation/event';
import { startedTooLate } from './cloudformation/event-age';
import { oneLine, oneLineWithCode } from './cloudformation/reason';
import { dispatch } from './dispatch';
import { LostAnswerError, UNEXPECTED, UserError, withCode } from './errors';
import { Invocation, ProcessCache, stackHistory } from './invocation';
import { RESOURCE_HANDLERS } from './lifecycle';
import { Outcome } from './lifecycle/context';
import { judgeFailedUpdate, NOTHING_CHANGED, outcomeFromEvent, Verdict } from './lifecycle/failed-update';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { Attribute } from '../contract/attributes';
import { formatFailedId } from '../contract/physical-id';

/** At the deadline the work gets this long to report what it was waiting for, in milliseconds. */
const GRACE_MS = 1_000;
const REASON_MAX_BYTES = 1024;

/** What a failure says of itself. */
type Failure = Pick<UserError, 'code' | 'message'>;
/** What a failure's reason says beside the failure itself. */
type Advice = Exclude<Verdict, { keep: string }>;
const NO_ADVICE: Advice = { fail: '' };

/** What came of one event. */
export interface Result {
  readonly body: string;
  readonly outcome: 'SUCCESS' | 'FAILED' | 'repeated';
  readonly reason?: string;
  readonly calls: number;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export interface Served {
  readonly ports: Ports;
  readonly cache: ProcessCache;
  /** What identifies the event. */
  readonly envelope: Envelope;
  /** The event as Lambda gives it. */
  readonly raw: unknown;
  /** The context as Lambda gives it. */
  readonly context: unknown;
}

/** Serves one event of CloudFormation until its deadline. Never throws: a failure is a result, too. */
export async function serveEvent(served: Served): Promise<Result> {
  return new EventService(served).run();
}

class EventService {
  private readonly redactor = new Redactor();
  private readonly deadline: Deadline;
  /** Undefined while the event is not known to be one of this function's. */
  private invocation?: Invocation;

  public constructor(private readonly served: Served) {
    const { ports, context, envelope } = served;
    this.deadline = startDeadline(ports.clock, context, envelope.RequestType !== 'Delete');
  }

  public async run(): Promise<Result> {
    const { ports } = this.served;
    try {
      const invocation = this.invocation = this.readInvocation();
      const tooLate = startedTooLate(invocation.event, ports.clock.now());
      if (tooLate) { throw new UserError('CZ373', tooLate); }
      return this.succeeded(await raceDeadline(ports, dispatch(invocation), this.deadline.signal));
    } catch (error) {
      return await this.afterError(error);
    } finally {
      this.deadline.cancel();
    }
  }

  private readInvocation(): Invocation {
    const { ports, cache, raw } = this.served;
    const event = readEvent(raw);
    if (typeof event === 'string') {
      throw new UserError('CZ371', `the event is not one of CloudFormation's (${event})`);
    }
    const handler = RESOURCE_HANDLERS.get(event.ResourceType);
    if (!handler) {
      throw new UserError(
        'CZ371',
        `resource type ${event.ResourceType.slice(0, 60)} is not served by this function: use the library's own constructs`,
      );
    }
    const revertedUpdate = cache.failedUpdates.revertedBy(event, ports.clock.now());
    return {
      event,
      handler,
      ports,
      deadline: this.deadline,
      redactor: this.redactor,
      cache,
      notes: [],
      warnings: [],
      clients: [],
      revertedUpdate,
    };
  }

  /** An Update that has failed may end well all the same, if nothing is lost by that. */
  private async afterError(error: unknown): Promise<Result> {
    const { invocation } = this;
    const failed: Failure = error instanceof UserError ? error : {
      code: UNEXPECTED,
      message: `unexpected failure (${errorName(error)}): please report it with the function's log`,
    };
    const verdict = invocation ? await judge(invocation, error) : NO_ADVICE;
    if (!invocation || !('keep' in verdict)) {
      return this.failed(error, failed, 'fail' in verdict ? verdict : NO_ADVICE);
    }
    const note = `left as it is, because ${verdict.keep} (${failed.message})`;
    if (verdict.risk || !(error instanceof UserError)) { invocation.warnings.push(withCode('CZ401', note)); } else {
      invocation.notes.push(note);
    }
    return this.succeeded(outcomeFromEvent(invocation.handler.kind, invocation.event));
  }

  private succeeded(outcome: Outcome | undefined): Result {
    const { envelope } = this.served;
    const data = outcome && { [Attribute.ID]: outcome.id, [Attribute.NAME]: outcome.name };
    return {
      ...this.report(),
      outcome: 'SUCCESS',
      body: encodeAnswer(success(envelope, outcome?.physicalId ?? incomingId(envelope), data)),
    };
  }

  private failed(error: unknown, { code, message }: Failure, advice: Advice): Result {
    const { ports, cache, envelope } = this.served;
    const hasWritten = this.invocation?.clients.some(({ writes }) => writes > 0) ?? false;
    if (this.invocation) { cache.failedUpdates.remember(this.invocation.event, hasWritten, ports.clock.now()); }
    // Of a rollback, "nothing was changed" would be read as good news.
    const end = [advice.stopsRollback ? '' : this.endOfReason(hasWritten), advice.fail].filter(Boolean).join(' ');
    const text = this.redactor.redact(message);
    const left = REASON_MAX_BYTES - Buffer.byteLength(withCode(code, ''));
    const whole = end ? `${oneLine(text, left - Buffer.byteLength(end) - 2)}. ${end}` : oneLine(text, left);
    const reason = withCode(code, whole);
    return {
      ...this.report(),
      outcome: 'FAILED',
      reason,
      body: encodeAnswer(failure(envelope, this.failedId(error), reason)),
    };
  }

  private endOfReason(hasWritten: boolean): string {
    const { RequestType } = this.served.envelope;
    if (RequestType === 'Update' && !hasWritten) { return NOTHING_CHANGED; }
    return RequestType === 'Delete' ? this.invocation?.handler.afterFailedDelete ?? '' : '';
  }

  /** The id of a failure: of the object if there is one, so that CloudFormation's Delete finds it. */
  private failedId(error: unknown): string {
    const { envelope } = this.served;
    if (envelope.RequestType !== 'Create') { return incomingId(envelope); }
    if (this.invocation?.createdPhysicalId) { return this.invocation.createdPhysicalId; }
    // The Create may have created an object that it knows nothing of, so its Delete must search for a while. A
    // `create-failed` id would skip that search; any other unknown id triggers it.
    if (error instanceof LostAnswerError) { return `zenml:create-unsure:${envelope.RequestId}`; }
    return formatFailedId(envelope.RequestId);
  }

  private report(): Pick<Result, 'calls' | 'notes' | 'warnings'> {
    const { clients, notes, warnings } = this.invocation ?? { clients: [], notes: [], warnings: [] };
    return {
      calls: clients.reduce((sum, { calls }) => sum + calls, 0),
      notes: notes.map((note) => this.clean(note)),
      warnings: warnings.map((warning) => this.clean(warning)),
    };
  }

  private clean(text: string): string {
    return oneLineWithCode(this.redactor.redact(text), REASON_MAX_BYTES);
  }
}

/** Of an Update that has failed: may it end well? Only where the id and the properties tell the answer. */
async function judge(invocation: Invocation, error: unknown): Promise<Verdict> {
  const { event, handler, found, foundAt, revertedUpdate } = invocation;
  if (event.RequestType !== 'Update' || !outcomeFromEvent(handler.kind, event)) { return NO_ADVICE; }
  return judgeFailedUpdate({
    event,
    error,
    found,
    foundAt,
    vitalProperties: handler.vitalProperties,
    reverted: revertedUpdate,
    history: async () => stackHistory(invocation),
  });
}

/**
 * After the deadline, the work gets a short grace period to report its own error. If it stays silent it hangs, and its
 * effects are unknown.
 */
async function raceDeadline<T>(ports: Ports, work: Promise<T>, signal: AbortSignal): Promise<T> {
  let cancel = () => {};
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      cancel = ports.clock.alarm(GRACE_MS, () =>
        reject(new LostAnswerError('CZ309', String((signal.reason as Error).message))),
      );
    }, { once: true });
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}

/**
 * CloudFormation always sends one with an Update or Delete; without it any text will do, as long as it is not empty.
 */
function incomingId(envelope: Envelope): string {
  return envelope.PhysicalResourceId || formatFailedId(envelope.RequestId);
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name.replace(/[^A-Za-z]/g, '').slice(0, 40) : typeof error;
}
