import { Envelope } from './event';
import { oneLineWithCode } from './reason';
import { Ports } from '../ports';
import { Backoff, Retries } from '../retries';
import { withTimeout } from '../with-timeout';

/** CloudFormation's limit for a whole answer, in bytes. */
export const ANSWER_MAX_BYTES = 4096;
const REASON_MAX_BYTES = [1024, 256];
const TRIES = 6;
const BACKOFF: Backoff = { firstMs: 500, longestMs: 4_000, jitter: true };
const TRY_TIMEOUT_MS = 5_000;

export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

export function success(envelope: Envelope, physicalId: string, data?: Readonly<Record<string, string>>): Answer {
  return { Status: 'SUCCESS', PhysicalResourceId: physicalId, ...identity(envelope), ...(data && { Data: data }) };
}

export function failure(envelope: Envelope, physicalId: string, reason: string): Answer {
  return {
    Status: 'FAILED',
    Reason: oneLineWithCode(reason, REASON_MAX_BYTES[0]!),
    PhysicalResourceId: physicalId,
    ...identity(envelope),
  };
}

function identity(envelope: Envelope) {
  return { StackId: envelope.StackId, RequestId: envelope.RequestId, LogicalResourceId: envelope.LogicalResourceId };
}

/**
 * The answer as JSON of at most 4096 bytes. A longer one would be dropped by CloudFormation, and with it the physical
 * id; so a success that does not fit becomes a failure that keeps its id.
 */
export function encodeAnswer(answer: Answer): string {
  const whole = JSON.stringify(answer);
  if (Buffer.byteLength(whole) <= ANSWER_MAX_BYTES) { return whole; }
  if (answer.Status === 'SUCCESS') {
    const { Data: _, ...rest } = answer;
    return encodeAnswer({
      ...rest,
      Status: 'FAILED',
      Reason: 'the answer to CloudFormation would be larger than 4096 bytes: choose shorter names [CZ376]',
    });
  }
  const { Data: _, ...rest } = answer;
  for (const bytes of REASON_MAX_BYTES) {
    const text = JSON.stringify({ ...rest, Reason: oneLineWithCode(answer.Reason ?? '', bytes) });
    if (Buffer.byteLength(text) <= ANSWER_MAX_BYTES) { return text; }
  }
  // Only an absurd id gets here: CloudFormation's own limit for one is 1 KB, so this is the last way to say anything at
  // all.
  return JSON.stringify({ ...rest, Reason: 'failed', PhysicalResourceId: answer.PhysicalResourceId.slice(0, 256) });
}

/**
 * Sends the answer; true when CloudFormation took it. Never throws: a throw would only make Lambda run the event again.
 */
export async function sendAnswer(ports: Ports, url: URL, body: string): Promise<boolean> {
  const retries = new Retries({ ports }, BACKOFF, { tries: TRIES });
  do {
    const result = await putOnce(ports, url, body);
    if (result !== 'retry') { return result === 'delivered'; }
  } while (await retries.pause());
  return false;
}

async function putOnce(ports: Ports, url: URL, body: string): Promise<'delivered' | 'refused' | 'retry'> {
  try {
    const status = await withTimeout(ports, { milliseconds: TRY_TIMEOUT_MS }, async (signal) =>
      ports.putAnswer(url, body, signal),
    );
    if (status >= 200 && status < 300) { return 'delivered'; }
    return status < 500 && status !== 408 && status !== 429 ? 'refused' : 'retry';
  } catch {
    // The network's fault.
    return 'retry';
  }
}
