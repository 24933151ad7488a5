import * as v from 'valibot';

/** Any call but a verification, which itself waits for AWS, in milliseconds. */
export const CALL_TIMEOUT_MS = 15_000;
export const VERIFY_TIMEOUT_MS = 60_000;
/**
 * A login costs the server half a second of work, on purpose: fifty CloudFormation stacks that log in at once wait for
 * each other.
 */
export const LOGIN_TIMEOUT_MS = 60_000;

export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Behind `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The body, or a function that builds it before every try, the first included; what that throws ends the call. */
  readonly json?: unknown | (() => Promise<unknown>);
  readonly form?: Readonly<Record<string, string>>;
  /** `true`: a second run would make a second object, so a lost answer is the caller's to clear up. */
  readonly creates?: boolean;
  /** `true`: the answer can echo secrets, so an error's text is never quoted. */
  readonly secret?: boolean;
  readonly anonymous?: boolean;
  readonly timeoutMs?: number;
  readonly schema: v.GenericSchema<unknown, T>;
}

/** `GET /components`, for messages. */
export function nameOf(call: { readonly method: string; readonly path: string }): string {
  return `${call.method} ${call.path}`;
}
