import * as v from 'valibot';
import { isJson, parseJson, readComplaint, retryAfterMs } from './answers';
import { Deadline } from '../cloudformation/deadline';
import { oneLine } from '../cloudformation/reason';
import { DeadlineError, LostAnswerError, UnreachableError, UserError, ZenmlError } from '../errors';
import { HttpAnswer, Ports, TransportError } from '../ports';
import { Redactor } from '../redaction';

/** Any call but a verification, which itself waits for AWS, in milliseconds. */
export const CALL_TIMEOUT_MS = 15_000;
export const VERIFY_TIMEOUT_MS = 60_000;
/** A login costs the server half a second of work, on purpose: fifty CloudFormation stacks that log in at once wait for each other. */
export const LOGIN_TIMEOUT_MS = 60_000;
/**
 * After each timeout the next try may take twice as long, up to this, in milliseconds. A server works on at what its caller gave up, so one
 * that cannot serve all within one timeout would otherwise be asked again for ever, and answer only those who are gone.
 */
const LONGEST_TIMEOUT_MS = 120_000;

/** A broken server says 500 for ever; a restarting one says 502 to 504 for longer. */
const TRIES_AT_500 = 4;
const QUOTE_MAX_BYTES = 300;

export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The body, or a function that builds it anew before each try. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** `true`: a second run would make a second object, so a lost answer is the caller's to clear up. */
  readonly creates?: boolean;
  /** `true`: the answer can echo secrets, so an error's text is never quoted. */
  readonly secret?: boolean;
  readonly anonymous?: boolean;
  readonly timeoutMs?: number;
  readonly schema: v.GenericSchema<unknown, T>;
}

/** Where the server is and how to get there. */
export interface Address {
  readonly url: string;
  readonly ca?: string;
  readonly proxyUrl?: string;
}

/** Calls one server, with the retries that each kind of failure deserves. */
export class ZenmlClient {
  /** Calls made, for the log. */
  public calls = 0;
  /** Those of them that may have changed something. */
  public writes = 0;
  private token?: string;
  private renew?: () => Promise<string>;

  public constructor(
    private readonly ports: Ports,
    private readonly deadline: Deadline,
    public readonly address: Address,
    private readonly redactor: Redactor,
    /** For how long an unreachable server is tried again, in milliseconds. */
    private readonly patienceMs: number = Infinity,
  ) {}

  /** From now on calls carry the token; `renew` gets another when the server refuses it. */
  public authorize(token: string, renew: () => Promise<string>): void {
    this.token = token;
    this.renew = renew;
  }

  public async call<T>(call: Call<T>): Promise<T> {
    const started = this.ports.clock.now();
    let renewed = false;
    let timeoutMs = Math.min(call.timeoutMs ?? CALL_TIMEOUT_MS, this.patienceMs);
    let trouble = `ZenML at ${this.address.url} gave no answer to ${name(call)}`;
    for (let attempt = 0; ; attempt++) {
      let waitMs: number | undefined;
      try {
        const answer = await this.exchange(call, timeoutMs);
        if (answer.status >= 200 && answer.status < 300) { return this.read(call, answer); }
        if (answer.status === 401 && !call.anonymous && this.renew && !renewed && readComplaint(answer).className !== 'AuthorizationException') {
          renewed = true;
          this.token = await this.renew();
          continue;
        }
        const error = this.complain(call, answer);
        if (answer.status === 429) {
          waitMs = retryAfterMs(answer, this.ports.clock.now());
        } else if ([500, 502, 503, 504].includes(answer.status)) {
          waitMs = answer.status === 503 ? retryAfterMs(answer, this.ports.clock.now()) : undefined;
          // A 503 with Retry-After was turned away before any work; of the others one cannot know.
          if (call.creates && waitMs === undefined) { throw new LostAnswerError(error.message); }
          if (answer.status === 500 && attempt + 1 >= TRIES_AT_500) { throw error; }
        } else {
          throw error;
        }
        trouble = error.message;
        if (waitMs !== undefined && waitMs >= this.deadline.left()) {
          throw new UserError(`${trouble}; it asks to wait ${Math.ceil(waitMs / 1000)} s, which is longer than this deployment step may take`);
        }
      } catch (error) {
        if (error instanceof DeadlineError) { throw givenUp(trouble, error); }
        if (!(error instanceof TransportError)) { throw error; }
        trouble = `ZenML at ${this.address.url} ${this.redactor.redact(oneLine(error.message, QUOTE_MAX_BYTES))}`;
        if (error.failure === 'permanent') { throw new UnreachableError(trouble); }
        if (error.failure === 'lost' && call.creates) { throw new LostAnswerError(trouble); }
        if (error.code === 'ETIMEDOUT') { timeoutMs = Math.min(2 * timeoutMs, LONGEST_TIMEOUT_MS); }
      }
      if (this.ports.clock.now() - started >= this.patienceMs) { throw new UnreachableError(trouble); }
      await this.pause(waitMs ?? this.backoffMs(attempt), trouble);
    }
  }

  /** Waits; a deadline that ends the wait is reported with what was waited for. */
  private async pause(milliseconds: number, trouble: string): Promise<void> {
    try {
      await this.ports.clock.sleep(milliseconds, this.deadline.signal);
    } catch (error) {
      throw error instanceof DeadlineError ? givenUp(trouble, error) : error;
    }
  }

  private backoffMs(attempt: number): number {
    return Math.min(8_000, 500 * 2 ** Math.min(attempt, 10)) * (0.5 + this.ports.random() / 2);
  }

  private async exchange<T>(call: Call<T>, timeoutMs: number): Promise<HttpAnswer> {
    const { signal } = this.deadline;
    signal.throwIfAborted();
    const json: unknown = typeof call.json === 'function' ? await (call.json as () => Promise<unknown>)() : call.json;
    const controller = new AbortController();
    const stop = () => controller.abort(call.creates ? new LostAnswerError(`no answer to ${name(call)} before the time was over`) : signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const cancel = this.ports.clock.alarm(timeoutMs, () => controller.abort(
      new TransportError('lost', 'ETIMEDOUT', `gave no whole answer to ${name(call)} within ${timeoutMs / 1000} s`),
    ));
    this.calls++;
    if (call.method !== 'GET' && !call.anonymous && !call.path.endsWith('/verify')) { this.writes++; }
    try {
      return await this.ports.transport({
        method: call.method,
        url: `${this.address.url}/api/v1${call.path}${query(call.query)}`,
        headers: this.headers(call),
        body: json !== undefined ? JSON.stringify(json) : call.form && new URLSearchParams(call.form).toString(),
        ca: this.address.ca,
        proxyUrl: this.address.proxyUrl,
        signal: controller.signal,
      });
    } finally {
      cancel();
      signal.removeEventListener('abort', stop);
    }
  }

  private headers<T>(call: Call<T>): Record<string, string> {
    const headers: Record<string, string> = { 'accept': 'application/json', 'user-agent': 'cdk-zenml' };
    if (call.json !== undefined) { headers['content-type'] = 'application/json'; }
    if (call.form) { headers['content-type'] = 'application/x-www-form-urlencoded'; }
    if (this.token && !call.anonymous) { headers.authorization = `Bearer ${this.token}`; }
    return headers;
  }

  private read<T>(call: Call<T>, answer: HttpAnswer): T {
    if (!isJson(answer)) {
      const text = call.secret ? '' : this.redactor.redact(oneLine(answer.body, 120));
      throw this.strange(call, `ZenML at ${this.address.url} answered ${name(call)} with an unexpected content type, not JSON${text && `: ${text}`}`);
    }
    const result = v.safeParse(call.schema, parseJson(answer.body));
    if (result.success) { return result.output; }
    const where = v.getDotPath(result.issues[0]) ?? 'the whole';
    throw this.strange(call, `ZenML at ${this.address.url} answered ${name(call)} in an unexpected shape (${where})`);
  }

  /** A success that cannot be read. Of a POST it means that an object exists whose id we were not told. */
  private strange<T>(call: Call<T>, text: string): UserError {
    const advice = ': is this the server\'s own URL, without a login page or another application before it?';
    return call.creates ? new LostAnswerError(text + advice) : new UserError(text + advice);
  }

  private complain<T>(call: Call<T>, answer: HttpAnswer): UserError {
    if (answer.status >= 300 && answer.status < 400) {
      return new UserError(`ZenML at ${this.address.url} redirects to ${origin(answer.headers.location, this.address.url)}: give that as the server's URL`);
    }
    const { className, message } = readComplaint(answer);
    const quotable = !call.secret && answer.status !== 422;
    return new ZenmlError(name(call), answer.status, className, quotable ? this.redactor.redact(oneLine(message, QUOTE_MAX_BYTES)) : '');
  }
}

/** What was waited for tells more than that the time is over. */
function givenUp(trouble: string, end: DeadlineError): UnreachableError {
  return new UnreachableError(`${trouble}; ${end.message}`);
}

function name(call: { method: string; path: string }): string {
  return `${call.method} ${call.path}`;
}

function query(parameters: Readonly<Record<string, string>> | undefined): string {
  return parameters ? `?${new URLSearchParams(parameters).toString()}` : '';
}

function origin(location: string | undefined, base: string): string {
  try {
    return new URL(location ?? '', base).origin;
  } catch {
    return 'another address';
  }
}
