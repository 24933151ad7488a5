import * as v from 'valibot';
import { SteppedClock } from './harness';
import { Deadline, startDeadline } from '../../../src/handler/cloudformation/deadline';
import { HttpAnswer, HttpRequest, Ports } from '../../../src/handler/ports';
import { Redactor } from '../../../src/handler/redaction';
import { Call } from '../../../src/handler/zenml/call';
import { CallLimits } from '../../../src/handler/zenml/call-tries';
import { ZenmlClient } from '../../../src/handler/zenml/client';

export type Turn = HttpAnswer | Error | ((request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer);

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer =>
  ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** The client alone, without sockets: each exchange takes the next turn, and the last one for ever. */
export class ClientHarness {
  public readonly clock = new SteppedClock();
  public readonly sent: HttpRequest[] = [];
  public readonly redactor = new Redactor();
  public readonly deadline: Deadline;
  public turns: Turn[];

  public constructor(...turns: Turn[]) {
    this.turns = turns;
    // A change with 300 s left: 230 s to work.
    this.deadline = startDeadline(this.clock, { getRemainingTimeInMillis: () => 300_000 }, true);
  }

  public client(limits: CallLimits = {}, more: { ca?: string; proxyUrl?: string } = {}): ZenmlClient {
    const ports = {
      clock: this.clock,
      random: () => 0.5,
      transport: async (request: HttpRequest) => {
        this.sent.push(request);
        const turn = this.turns.length > 1 ? this.turns.shift()! : this.turns[0]!;
        if (turn instanceof Error) { throw turn; }
        return typeof turn === 'function' ? turn(request) : turn;
      },
    } as unknown as Ports;
    return new ZenmlClient({
      ports,
      deadline: this.deadline,
      redactor: this.redactor,
      address: { url: 'https://zenml.example/base', ...more },
      limits,
    });
  }

  /** The call's answer, or what it failed with. */
  public async outcome(call: Partial<Call<unknown>> = {}, client: ZenmlClient = this.client()): Promise<any> {
    return client.call({ method: 'GET', path: '/x', schema: v.unknown(), ...call }).catch((error: unknown) => error);
  }
}

/**
 * Never answers; ends with the signal's reason, as a transport must. `meanwhile` runs first, so that time can go on.
 */
export const hanging = (meanwhile: () => void) => async (request: HttpRequest): Promise<HttpAnswer> => {
  meanwhile();
  await new Promise<void>((resolve) => {
    if (request.signal.aborted) {
      resolve();
    } else {
      request.signal.addEventListener('abort', () => resolve());
    }
  });
  throw request.signal.reason;
};
