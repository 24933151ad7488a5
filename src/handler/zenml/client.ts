import { Call, CALL_TIMEOUT_MS, nameOf } from './call';
import { classify, classifyFailure, Retry, Surroundings, Verdict } from './classify';
import { Deadline } from '../cloudformation/deadline';
import { DeadlineError, LostAnswerError, UnreachableError } from '../errors';
import { HttpAnswer, Ports, TransportError } from '../ports';
import { Redactor } from '../redaction';

/**
 * After each timeout the next try may take twice as long, up to this, in milliseconds. A busy server keeps processing requests whose callers
 * have given up: without longer timeouts it would be asked the same again and again, and only answer callers that have left.
 */
const LONGEST_TIMEOUT_MS = 120_000;

/** A restarting server says 502 to 504, so a 500 is no reason to wait for long. */
const TRIES_AT_500 = 4;
/** The very same 500 is a fault that trying again does not mend. */
const TRIES_AT_SAME_500 = 3;
/** Several handlers that are asked to wait for the same time should not come back at the same moment, in milliseconds. */
const ASKED_JITTER_MS = 500;

/** Where the server is and how to get there. */
export interface Address {
  readonly url: string;
  readonly ca?: string;
  readonly proxyUrl?: string;
}

export interface Limits {
  /** For how long an unreachable server is tried again, in milliseconds. */
  readonly patienceMs?: number;
  /**
   * The same as long as nothing has answered as ZenML does, in milliseconds: a wrong address should fail soon. It does not cut a server that
   * is slow, or one of which a gateway says that it is restarting.
   */
  readonly firstContactMs?: number;
}

/** Calls one server, with the retries that each kind of failure deserves. */
export class ZenmlClient {
  /** Calls made, for the log. */
  public calls = 0;
  /** Those of them that may have changed something. */
  public writes = 0;
  private token?: string;
  private renew?: () => Promise<string>;
  /** ZenML has answered, or a gateway has said that it will. */
  private met = false;

  public constructor(
    private readonly ports: Ports,
    private readonly deadline: Deadline,
    public readonly address: Address,
    private readonly redactor: Redactor,
    private readonly limits: Limits = {},
  ) {}

  /** From now on calls carry the token; `renew` gets another when the server refuses it. */
  public authorize(token: string, renew: () => Promise<string>): void {
    this.token = token;
    this.renew = renew;
  }

  /** ZenML is known to be at this address: an earlier event has logged in there. */
  public assumeMet(): void {
    this.met = true;
  }

  public async call<T>(call: Call<T>): Promise<T> {
    const { clock } = this.ports;
    const patienceMs = this.limits.patienceMs ?? Infinity;
    const started = clock.now();
    const faults: Array<string | undefined> = [];
    let deadSince: number | undefined;
    let renewed = false;
    let timeoutMs = Math.min(call.timeoutMs ?? CALL_TIMEOUT_MS, patienceMs);
    let lastFailure = `ZenML at ${this.address.url} gave no answer to ${nameOf(call)}`;
    for (let attempt = 0; ; attempt++) {
      const body = await bodyOf(call);
      const began = clock.now();
      const verdict = await this.attempt(call, body, timeoutMs, lastFailure);
      if (verdict.kind === 'done') {
        this.met = true;
        return verdict.value;
      }
      if (verdict.kind === 'renew') {
        if (call.anonymous || !this.renew || renewed) { throw verdict.error; }
        renewed = true;
        lastFailure = verdict.error.message;
        await this.pause(this.backoffMs(attempt), lastFailure);
        this.token = await this.renew();
        continue;
      }
      const { error } = verdict;
      if (verdict.kind === 'fail') { throw verdict.mayHaveActed && call.creates ? new LostAnswerError(error.message) : error; }
      if (call.creates && verdict.mayHaveActed) { throw new LostAnswerError(error.message, verdict.fault); }
      if (verdict.cause === 'gateway' || verdict.fault !== undefined) { this.met = true; }
      if (verdict.cause === 'fault' && isFinal(faults, verdict.fault)) { throw error; }
      if (verdict.cause === 'slow') { timeoutMs = Math.min(2 * timeoutMs, LONGEST_TIMEOUT_MS); }

      lastFailure = error.message;
      deadSince = verdict.cause === 'dead' ? deadSince ?? began : undefined;
      const now = clock.now();
      const dead = !this.met && deadSince !== undefined && now - deadSince >= (this.limits.firstContactMs ?? Infinity);
      if (dead || now - started >= patienceMs) { throw new UnreachableError(lastFailure); }
      await this.pause(this.waitMs(verdict, attempt), lastFailure);
    }
  }

  /** One exchange and what it means. */
  private async attempt<T>(call: Call<T>, body: unknown, timeoutMs: number, lastFailure: string): Promise<Verdict<T>> {
    const surroundings = () => ({ url: this.address.url, now: this.ports.clock.now(), redactor: this.redactor });
    const isWrite = call.method !== 'GET' && !call.anonymous && !call.path.endsWith('/verify');
    if (isWrite) { this.writes++; }
    const verdict = await this.exchangeOf(call, body, timeoutMs, lastFailure, surroundings);
    // What was refused has changed nothing.
    if (isWrite && verdict.kind !== 'done' && !(verdict.kind !== 'renew' && verdict.mayHaveActed)) { this.writes--; }
    return verdict;
  }

  private async exchangeOf<T>(
    call: Call<T>, body: unknown, timeoutMs: number, lastFailure: string, surroundings: () => Surroundings,
  ): Promise<Verdict<T>> {
    try {
      const answer = await this.exchange(call, body, timeoutMs);
      return classify(call, answer, surroundings());
    } catch (error) {
      if (error instanceof DeadlineError) { throw givenUp(lastFailure, error); }
      if (!(error instanceof TransportError)) { throw error; }
      return classifyFailure(error, surroundings());
    }
  }

  /** The pause before the next try: what the server asks for, and never less than our own back-off. */
  private waitMs({ askedMs, error }: Retry, attempt: number): number {
    const ownMs = this.backoffMs(attempt);
    if (askedMs === undefined || askedMs <= ownMs) { return ownMs; }
    const waitMs = askedMs + this.ports.random() * ASKED_JITTER_MS;
    if (waitMs < this.deadline.left()) { return waitMs; }
    throw new UnreachableError(`${error.message}; it asks to wait ${Math.ceil(askedMs / 1000)} s, which is longer than this deployment step may take`);
  }

  /** Waits; a deadline that ends the wait is reported with what was waited for. */
  private async pause(milliseconds: number, lastFailure: string): Promise<void> {
    try {
      await this.ports.clock.sleep(milliseconds, this.deadline.signal);
    } catch (error) {
      throw error instanceof DeadlineError ? givenUp(lastFailure, error) : error;
    }
  }

  private backoffMs(attempt: number): number {
    return Math.min(8_000, 500 * 2 ** Math.min(attempt, 10)) * (0.5 + this.ports.random() / 2);
  }

  private async exchange<T>(call: Call<T>, body: unknown, timeoutMs: number): Promise<HttpAnswer> {
    const { signal } = this.deadline;
    signal.throwIfAborted();
    const controller = new AbortController();
    const stop = () => controller.abort(call.creates ? new LostAnswerError(`no answer to ${nameOf(call)} before the time was over`) : signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const cancel = this.ports.clock.alarm(timeoutMs, () => controller.abort(
      new TransportError('lost', 'ETIMEDOUT', `did not answer completely to ${nameOf(call)} within ${timeoutMs / 1000} s`),
    ));
    this.calls++;
    try {
      return await this.ports.transport({
        method: call.method,
        url: `${this.address.url}/api/v1${call.path}${query(call.query)}`,
        headers: this.headers(call, body),
        body: body !== undefined ? JSON.stringify(body) : call.form && new URLSearchParams(call.form).toString(),
        connectionOf: this,
        ca: this.address.ca,
        proxyUrl: this.address.proxyUrl,
        signal: controller.signal,
      });
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  private headers<T>(call: Call<T>, body: unknown): Record<string, string> {
    const headers: Record<string, string> = { 'accept': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'cdk-zenml' };
    if (body !== undefined) { headers['content-type'] = 'application/json'; }
    if (call.form) { headers['content-type'] = 'application/x-www-form-urlencoded'; }
    if (this.token && !call.anonymous) { headers.authorization = `Bearer ${this.token}`; }
    return headers;
  }
}

async function bodyOf<T>(call: Call<T>): Promise<unknown> {
  return typeof call.json === 'function' ? (call.json as () => Promise<unknown>)() : call.json;
}

/** Whether one more 500 ends the call: the same three times in a row, or four of any kind. */
function isFinal(faults: Array<string | undefined>, fault: string | undefined): boolean {
  faults.push(fault);
  const last = faults.slice(-TRIES_AT_SAME_500);
  const same = fault !== undefined && last.length === TRIES_AT_SAME_500 && last.every((earlier) => earlier === fault);
  return same || faults.length >= TRIES_AT_500;
}

/** What was waited for tells more than that the time is over. */
function givenUp(lastFailure: string, end: DeadlineError): UnreachableError {
  return new UnreachableError(`${lastFailure}; ${end.message}`);
}

function query(parameters: Readonly<Record<string, string>> | undefined): string {
  return parameters ? `?${new URLSearchParams(parameters).toString()}` : '';
}
