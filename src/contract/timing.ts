/**
 * How the time limits of one registration hang together. Both sides compute with these, so that a Delete knows for how long a Create
 * of the same resource can still be running (CloudFormation may send a Delete while a cancelled Create is at work).
 */

/**
 * Lambda drops an event that it could not deliver within this time: the function's `maxEventAge`, in seconds. Lambda tries throttled events
 * again after about 1, 2, 4, ... 256 and 511 s. With 600 s, a second wave of events still starts when a first wave took 300 s. The handler
 * itself decides what it does with an old event (`MAX_START_DELAY_SECONDS`), so that CloudFormation gets an answer in any case.
 */
export const MAX_EVENT_AGE_SECONDS = 600;

/** The handler refuses a Create or Update that starts later than this after CloudFormation issued it, in seconds. It serves every Delete. */
export const MAX_START_DELAY_SECONDS = 60;

/** Kept back at the end of an invocation for the answer to CloudFormation and its retries, in seconds. */
export const ANSWER_RESERVE_SECONDS = 10;

/** The shortest function timeout with which a Create still has a useful budget, in seconds. */
export const MIN_TIMEOUT_SECONDS = 120;

/** Ten minutes, in seconds: `ServiceTimeout` also includes the time that an event waits in the queue, and is at most an hour. */
export const MAX_TIMEOUT_SECONDS = 600;

/** Default of the function's timeout, in seconds. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * For how long a Create or Update may work, in seconds, given the function's timeout.
 *
 * A Delete with an id that CloudFormation made up must outlive any Create of that resource. Such a Create starts at most
 * `MAX_START_DELAY_SECONDS` after it was issued and then works for its whole budget: 60 + budget fits into timeout - reserve.
 */
export function changeBudgetSeconds(timeoutSeconds: number): number {
  return Math.floor(timeoutSeconds - ANSWER_RESERVE_SECONDS - MAX_START_DELAY_SECONDS);
}

/** `ServiceTimeout` of every registration, in seconds: the queue, the work, and a margin in which CloudFormation sees the answer. */
export function serviceTimeoutSeconds(timeoutSeconds: number): number {
  return MAX_EVENT_AGE_SECONDS + timeoutSeconds + 60;
}
