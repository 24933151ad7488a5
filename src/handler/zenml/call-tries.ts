import { Call, CALL_TIMEOUT_MS, nameOf } from './call';
import { Retry } from './classify';
import { Deadline } from '../cloudformation/deadline';
import { DeadlineError, UnreachableError, UserError, ZenmlError } from '../errors';
import { Ports } from '../ports';
import { Backoff, pauseMs } from '../retries';

/** Pauses between the tries of one call. */
const BACKOFF: Backoff = { firstMs: 500, longestMs: 8_000, jitter: true };

/**
 * After each timeout the next try may take twice as long, up to this, in milliseconds. A busy server keeps processing
 * requests whose callers have given up: without longer timeouts it would be asked the same again and again, and only
 * answer callers that have left.
 */
const LONGEST_TIMEOUT_MS = 120_000;

/** A restarting server says 502 to 504, so a 500 is no reason to wait for long. */
const TRIES_AT_500 = 4;
/** The very same 500 is a fault that trying again does not mend. */
const TRIES_AT_SAME_500 = 3;
/**
 * Several handlers that are asked to wait for the same time should not come back at the same moment, in milliseconds.
 */
const ASKED_JITTER_MS = 500;

/** For how long a call is tried again. */
export interface CallLimits {
  /** For how long an unreachable server is tried again, in milliseconds. */
  readonly patienceMs?: number;
  /**
   * The same as long as nothing has answered as ZenML does, in milliseconds: a wrong address should fail soon. It does
   * not cut a server that is slow, or one of which a gateway says that it is restarting.
   */
  readonly firstContactMs?: number;
}

interface CallTriesOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly deadline: Deadline;
  readonly limits: CallLimits;
  /** URL of the server, for messages. */
  readonly url: string;
}

/**
 * The tries of one call: what they have shown so far, how long the next one may take, and when there is no next one.
 */
export class CallTries {
  /** For how long the next try may wait for its answer, in milliseconds. */
  public timeoutMs: number;
  private lastFailure: Pick<UserError, 'code' | 'message'>;
  private failures = 0;
  private hasRenewedToken = false;
  private readonly startedMs: number;
  private tryStartedMs: number;
  /** Since when nothing at the address answers as ZenML does. */
  private deadSinceMs?: number;
  /** What the HTTP 500 answers so far were; undefined: not in ZenML's own form. */
  private readonly faults: Array<string | undefined> = [];

  public constructor(
    call: Pick<Call<unknown>, 'method' | 'path' | 'timeoutMs'>,
    private readonly options: CallTriesOptions,
  ) {
    this.startedMs = this.tryStartedMs = options.ports.clock.now();
    this.timeoutMs = Math.min(call.timeoutMs ?? CALL_TIMEOUT_MS, this.patienceMs);
    this.lastFailure = { code: 'CZ301', message: `ZenML at ${options.url} gave no answer to ${nameOf(call)}` };
  }

  public begin(): void {
    this.tryStartedMs = this.options.ports.clock.now();
  }

  /** Waits after a token that the server refuses. Throws where that was a new one already. */
  public async pauseForToken(error: ZenmlError): Promise<void> {
    if (this.hasRenewedToken) {
      throw error;
    }
    this.hasRenewedToken = true;
    this.failures++;
    this.lastFailure = error;
    await this.sleep(this.backoffMs());
  }

  /**
   * Waits before the next try. Throws where there is none. `hasMet`: ZenML has answered before, or a gateway has said
   * that it will.
   */
  public async pauseAfter(retry: Retry, hasMet: boolean): Promise<void> {
    if (retry.cause === 'fault' && this.isFinal(retry.fault)) {
      throw retry.error;
    }
    if (retry.cause === 'slow') {
      this.timeoutMs = Math.min(2 * this.timeoutMs, LONGEST_TIMEOUT_MS);
    }
    this.failures++;
    this.lastFailure = retry.error;
    this.deadSinceMs = retry.cause === 'dead' ? (this.deadSinceMs ?? this.tryStartedMs) : undefined;
    if (this.isUnreachable(hasMet)) {
      throw new UnreachableError(this.lastFailure.code, this.lastFailure.message);
    }
    await this.sleep(this.waitMs(retry));
  }

  /** The error of a call that the deadline ends. The last failure tells more than that the time is over. */
  public endedBy(error: DeadlineError): UnreachableError {
    return new UnreachableError(this.lastFailure.code, `${this.lastFailure.message}; ${error.message}`);
  }

  private get patienceMs(): number {
    return this.options.limits.patienceMs ?? Infinity;
  }

  /** Whether one more 500 ends the call: the same three times in a row, or four of any kind. */
  private isFinal(fault: string | undefined): boolean {
    this.faults.push(fault);
    const last = this.faults.slice(-TRIES_AT_SAME_500);
    const same = fault !== undefined && last.length === TRIES_AT_SAME_500 && last.every((earlier) => earlier === fault);
    return same || this.faults.length >= TRIES_AT_500;
  }

  private isUnreachable(hasMet: boolean): boolean {
    const now = this.options.ports.clock.now();
    const isDead =
      !hasMet
      && this.deadSinceMs !== undefined
      && now - this.deadSinceMs >= (this.options.limits.firstContactMs ?? Infinity);
    return isDead || now - this.startedMs >= this.patienceMs;
  }

  /** The pause before the next try: what the server asks for, and never less than the back-off. */
  private waitMs({ askedMs, error }: Retry): number {
    const ownMs = this.backoffMs();
    if (askedMs === undefined || askedMs <= ownMs) {
      return ownMs;
    }
    const waitMs = askedMs + this.options.ports.random() * ASKED_JITTER_MS;
    if (waitMs < this.options.deadline.left()) {
      return waitMs;
    }
    throw new UnreachableError(
      'CZ302',
      `${error.message}; it asks to wait ${Math.ceil(askedMs / 1000)} s, which is longer than this deployment step may take`,
    );
  }

  private backoffMs(): number {
    return pauseMs(BACKOFF, this.failures, this.options.ports);
  }

  private async sleep(milliseconds: number): Promise<void> {
    try {
      await this.options.ports.clock.sleep(milliseconds, this.options.deadline.signal);
    } catch (error) {
      throw error instanceof DeadlineError ? this.endedBy(error) : error;
    }
  }
}
