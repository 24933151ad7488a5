import { Call, nameOf } from './call';
import { CallLimits, CallTries } from './call-tries';
import { classify, classifyFailure, mayHaveWritten, Retry, Surroundings, Verdict } from './classify';
import { Deadline } from '../cloudformation/deadline';
import { DeadlineError, LostAnswerError } from '../errors';
import { HttpAnswer, Ports, TransportError } from '../ports';
import { Redactor } from '../redaction';
import { withTimeout } from '../with-timeout';

/** Where the server is and how to get there. */
export interface Address {
  readonly url: string;
  readonly ca?: string;
  readonly proxyUrl?: string;
}

interface ZenmlClientOptions {
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly address: Address;
  readonly limits?: CallLimits;
}

/** Calls one server, with the retries that each kind of failure deserves. */
export class ZenmlClient {
  public readonly address: Address;
  /** Calls made, for the log. */
  public calls = 0;
  /** Number of requests that may have changed something. */
  public writes = 0;
  private token?: string;
  private renew?: () => Promise<string>;
  /** ZenML has answered, or a gateway has said that it will. */
  private met = false;

  public constructor(private readonly options: ZenmlClientOptions) {
    this.address = options.address;
  }

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
    const { ports, deadline, limits = {} } = this.options;
    const tries = new CallTries(call, { ports, deadline, limits, url: this.address.url });
    for (;;) {
      const body = await bodyOf(call);
      const verdict = await this.attempt(call, body, tries);
      switch (verdict.kind) {
        case 'done':
          this.met = true;
          return verdict.value;
        case 'fail':
          throw verdict.mayHaveActed && call.creates
            ? new LostAnswerError(verdict.error.code, verdict.error.message)
            : verdict.error;
        case 'renew':
          if (call.anonymous || !this.renew) { throw verdict.error; }
          await tries.pauseForToken(verdict.error);
          this.token = await this.renew();
          break;
        case 'retry':
          await this.pauseAfter(verdict, call, tries);
      }
    }
  }

  private async pauseAfter<T>(retry: Retry, call: Call<T>, tries: CallTries): Promise<void> {
    if (call.creates && retry.mayHaveActed) {
      throw new LostAnswerError(retry.error.code, retry.error.message, retry.fault);
    }
    if (retry.cause === 'gateway' || retry.fault !== undefined) { this.met = true; }
    await tries.pauseAfter(retry, this.met);
  }

  /** One try, counted, and what it means. */
  private async attempt<T>(call: Call<T>, body: unknown, tries: CallTries): Promise<Verdict<T>> {
    const isWrite = call.method !== 'GET' && !call.anonymous && !call.path.endsWith('/verify');
    if (isWrite) { this.writes++; }
    const verdict = await this.judgedExchange(call, body, tries);
    // What was refused has changed nothing.
    if (isWrite && !mayHaveWritten(verdict)) { this.writes--; }
    return verdict;
  }

  private async judgedExchange<T>(call: Call<T>, body: unknown, tries: CallTries): Promise<Verdict<T>> {
    tries.begin();
    try {
      return classify(call, await this.exchange(call, body, tries.timeoutMs), this.surroundings());
    } catch (error) {
      if (error instanceof DeadlineError) { throw tries.endedBy(error); }
      if (!(error instanceof TransportError)) { throw error; }
      return classifyFailure(error, this.surroundings());
    }
  }

  private surroundings(): Surroundings {
    return { url: this.address.url, now: this.options.ports.clock.now(), redactor: this.options.redactor };
  }

  /** One HTTP exchange, which ends at the timeout or at the deadline. */
  private async exchange<T>(call: Call<T>, body: unknown, timeoutMs: number): Promise<HttpAnswer> {
    const { ports, deadline } = this.options;
    const { ca, proxyUrl, url } = this.address;
    const timeout = {
      milliseconds: timeoutMs,
      error: new TransportError(
        'lost',
        'ETIMEDOUT',
        `did not answer completely to ${nameOf(call)} within ${timeoutMs / 1000} s`,
      ),
      signal: deadline.signal,
      errorOfSignal: call.creates
        ? new LostAnswerError('CZ308', `no answer to ${nameOf(call)} before the time was over`)
        : undefined,
    };
    return withTimeout(ports, timeout, async (signal) => {
      this.calls++;
      return ports.transport({
        method: call.method,
        url: `${url}/api/v1${call.path}${query(call.query)}`,
        headers: this.headers(call, body),
        body: body !== undefined ? JSON.stringify(body) : call.form && new URLSearchParams(call.form).toString(),
        connectionOf: this,
        ca,
        proxyUrl,
        signal,
      });
    });
  }

  private headers<T>(call: Call<T>, body: unknown): Record<string, string> {
    const headers: Record<string, string> = {
      'accept': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'cdk-zenml',
    };
    if (body !== undefined) { headers['content-type'] = 'application/json'; }
    if (call.form) { headers['content-type'] = 'application/x-www-form-urlencoded'; }
    if (this.token && !call.anonymous) { headers.authorization = `Bearer ${this.token}`; }
    return headers;
  }
}

async function bodyOf<T>(call: Call<T>): Promise<unknown> {
  return typeof call.json === 'function' ? (call.json as () => Promise<unknown>)() : call.json;
}

function query(parameters: Readonly<Record<string, string>> | undefined): string {
  return parameters ? `?${new URLSearchParams(parameters).toString()}` : '';
}
