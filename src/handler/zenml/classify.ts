import * as v from 'valibot';
import { Complaint, isJson, parseJson, readComplaint, retryAfterMs } from './answers';
import { Call, nameOf } from './call';
import { UnreachableError, UserError, ZenmlError } from '../errors';
import { HttpAnswer, TransportError } from '../ports';
import { quote, Redactor } from '../redaction';

const QUOTE_MAX_BYTES = 300;

/**
 * What one exchange means for its call.
 * `retry`: by `cause`, `gateway` = something before the server says that the server is busy or restarting; `fault` =
 * the server answered 500; `dead` = nothing there that answers as ZenML does (no connection, a page, another
 * application); `slow` = no whole answer in time.
 */
export type Verdict<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'renew'; readonly error: ZenmlError }
  | { readonly kind: 'fail'; readonly error: UserError; readonly mayHaveActed?: boolean }
  | Retry;

export interface Retry {
  readonly kind: 'retry';
  readonly cause: 'gateway' | 'fault' | 'dead' | 'slow';
  readonly error: UserError;
  /** The server may have done what the call asks for. */
  readonly mayHaveActed: boolean;
  /** The server asked for this pause. */
  readonly askedMs?: number;
  /** Of a 500 in ZenML's own form: equal texts mean the same fault. Never shown, since it can hold secrets. */
  readonly fault?: string;
}

/** Whether the call may have changed something on the server. */
export function mayHaveWritten(verdict: Verdict<unknown>): boolean {
  return verdict.kind === 'done' || (verdict.kind !== 'renew' && verdict.mayHaveActed === true);
}

export interface Surroundings {
  readonly url: string;
  readonly now: number;
  readonly redactor: Redactor;
}

/**
 * Statuses with which a proxy or load balancer speaks for a server that is busy or not there: 408, 502 to 504,
 * Cloudflare's 520 to 530.
 */
const GATEWAY = /^(408|429|502|503|504|52\d|530)$/;
const IN_FRONT = 'is this the server\'s own URL, without a login page, a proxy or another application in front of it?';

/** What an answer means. */
export function classify<T>(call: Call<T>, answer: HttpAnswer, at: Surroundings): Verdict<T> {
  const { status } = answer;
  if (status >= 200 && status < 300) { return read(call, answer, at); }
  if (status >= 300 && status < 400) {
    return {
      kind: 'fail',
      error: new UserError(
        'CZ303',
        `ZenML at ${at.url} redirects to ${origin(answer.headers.location, at.url)}: give that as the server's URL`,
      ),
    };
  }
  const complaint = readComplaint(answer);
  const error = complain(call, answer, complaint, at);
  if (GATEWAY.test(String(status))) {
    const askedMs = status === 429 || status === 503 ? retryAfterMs(answer, at.now) : undefined;
    // A 429, or a 503 with Retry-After, was turned away before any work; of the others one cannot know.
    return { kind: 'retry', cause: 'gateway', error, askedMs, mayHaveActed: status !== 429 && askedMs === undefined };
  }
  if (status === 500) {
    const fault = complaint.form === 'zenml' ? `${complaint.className}: ${complaint.message}` : undefined;
    return { kind: 'retry', cause: 'fault', error, mayHaveActed: true, fault };
  }
  if (status === 404 && complaint.form !== 'zenml') { return foreign(call, answer, at); }
  // Something in front of ZenML may refuse what ZenML has done already: a POST must not be repeated without a look.
  if (complaint.form === 'foreign' && call.creates) {
    return { kind: 'retry', cause: 'dead', error, mayHaveActed: true, fault: `${status} ${answer.body}` };
  }
  const refusedToken =
    status === 401 && complaint.form !== 'foreign' && complaint.className !== 'AuthorizationException';
  return refusedToken ? { kind: 'renew', error } : { kind: 'fail', error, mayHaveActed: complaint.form === 'foreign' };
}

/** What an exchange without an answer means. */
export function classifyFailure(error: TransportError, at: Surroundings): Verdict<never> {
  const text = `ZenML at ${at.url} ${quote(at.redactor, error.message, QUOTE_MAX_BYTES)}`;
  // An answer that is too large is an answer: the call may have been served.
  if (error.failure === 'permanent') {
    return { kind: 'fail', error: new UnreachableError('CZ301', text), mayHaveActed: error.code === 'TOO_LARGE' };
  }
  const cause = error.code === 'ETIMEDOUT' && error.failure === 'lost' ? 'slow' : 'dead';
  return { kind: 'retry', cause, error: new UnreachableError('CZ301', text), mayHaveActed: error.failure === 'lost' };
}

function read<T>(call: Call<T>, answer: HttpAnswer, at: Surroundings): Verdict<T> {
  const body = isJson(answer) && !encodingOf(answer) ? parseJson(answer.body) : undefined;
  if (body === undefined) { return foreign(call, answer, at); }
  const result = v.safeParse(call.schema, body);
  if (result.success) { return { kind: 'done', value: result.output }; }
  // ZenML answers a DELETE with `null`. If this was ZenML after all, the repeat gets its 404.
  if (call.method === 'DELETE') { return foreign(call, answer, at); }
  const where = v.getDotPath(result.issues[0]) ?? 'the whole';
  return {
    kind: 'fail',
    error: new UserError(
      'CZ304',
      `ZenML at ${at.url} answered ${nameOf(call)} in an unexpected shape (${where}): ${IN_FRONT}`,
    ),
    mayHaveActed: true,
  };
}

/**
 * An answer that ZenML did not write. It says nothing about ZenML's objects, and may be over soon (an ingress that
 * restarts).
 */
function foreign<T>(call: Call<T>, answer: HttpAnswer, at: Surroundings): Retry {
  return {
    kind: 'retry',
    cause: 'dead',
    error: new UnreachableError('CZ304', foreignText(call, answer, at)),
    mayHaveActed: true,
  };
}

function foreignText<T>(call: Call<T>, answer: HttpAnswer, at: Surroundings): string {
  const encoding = encodingOf(answer);
  const type = (answer.headers['content-type'] ?? '').split(';')[0]!.trim().slice(0, 60) || 'no content type';
  const what = encoding ? `content encoding ${encoding}` : answer.body.trim() === '' ? 'an empty body' : type;
  const said = call.secret || encoding ? '' : quote(at.redactor, answer.body, 120);
  return `something other than ZenML answered ${nameOf(call)} at ${at.url} (HTTP ${answer.status}, ${quote(at.redactor, what, 100)}${said && `: ${said}`}): ${IN_FRONT}`;
}

function complain<T>(
  call: Call<T>,
  answer: HttpAnswer,
  { className, message, form }: Complaint,
  at: Surroundings,
): ZenmlError {
  const quotable = !call.secret && answer.status !== 422;
  const detail = quotable ? quote(at.redactor, message, QUOTE_MAX_BYTES) : '';
  const isGateway = GATEWAY.test(String(answer.status)) || answer.status >= 500;
  return new ZenmlError(
    nameOf(call),
    answer.status,
    className,
    detail,
    form === 'foreign' && !isGateway ? foreignText(call, answer, at) : undefined,
  );
}

/** A compression that the transport could not undo; one that it has undone is not in the headers any more. */
function encodingOf(answer: HttpAnswer): string | undefined {
  const encoding = answer.headers['content-encoding']?.trim();
  return encoding && encoding !== 'identity' ? encoding : undefined;
}

function origin(location: string | undefined, base: string): string {
  try {
    return new URL(location ?? '', base).origin;
  } catch {
    return 'another address';
  }
}
