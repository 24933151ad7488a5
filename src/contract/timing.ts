/**
 * How the time limits of one registration hang together. Both sides compute with these, so that a Delete knows for how long a Create
 * of the same resource can still be running (CloudFormation may send a Delete while a cancelled Create is at work).
 */

/** An event that could not be delivered for so long is dropped: the function's `maxEventAge`, in seconds (60 is Lambda's minimum). */
export const MAX_EVENT_AGE_SECONDS = 60;

/** Kept back at the end of an invocation for the answer to CloudFormation and its retries, in seconds. */
export const ANSWER_RESERVE_SECONDS = 10;

/** The shortest function timeout with which a Create still has a useful budget, in seconds. */
export const MIN_TIMEOUT_SECONDS = 120;

/** Ten minutes: `ServiceTimeout` must also hold a queued event, and nobody waits longer for a registration, in seconds. */
export const MAX_TIMEOUT_SECONDS = 600;

/** Default of the function's timeout, in seconds. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * For how long a Create or Update may work, in seconds, given the function's timeout.
 *
 * A Delete with an id that CloudFormation made up must outlive any Create of that resource, which may have waited
 * `MAX_EVENT_AGE_SECONDS` and then worked for its whole budget: 60 + budget fits into timeout - reserve.
 */
export function changeBudgetSeconds(timeoutSeconds: number): number {
  return Math.floor(timeoutSeconds - ANSWER_RESERVE_SECONDS - MAX_EVENT_AGE_SECONDS);
}

/** `ServiceTimeout` of every registration, in seconds: queueing, the work, and a margin in which CloudFormation sees the answer. */
export function serviceTimeoutSeconds(timeoutSeconds: number): number {
  return MAX_EVENT_AGE_SECONDS + timeoutSeconds + 60;
}
