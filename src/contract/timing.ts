// The time limits of one registration depend on each other. Constructs and handler share them, so that a Delete knows
// how long a Create of the same resource can still be running: CloudFormation may send a Delete while a cancelled
// Create is running.

/**
 * The function's `maxEventAge`, in seconds: Lambda drops an event that it could not deliver within this time. Lambda
 * retries throttled events after about 1, 2, 4, ... 256 and 511 s. With 600 s, a second wave of events still starts
 * after a first wave of 300 s. The handler decides what it does with an old event (`MAX_START_DELAY_SECONDS`), so that
 * CloudFormation always gets an answer.
 */
export const MAX_EVENT_AGE_SECONDS = 600;

/**
 * The handler refuses a Create or Update that starts later than this after CloudFormation issued it, in seconds. It
 * accepts every Delete.
 */
export const MAX_START_DELAY_SECONDS = 60;

/** Time at the end of an invocation that is reserved for the answer to CloudFormation and its retries, in seconds. */
export const ANSWER_RESERVE_SECONDS = 10;

/** Shortest timeout of the function that leaves a Create enough time, in seconds. */
export const MIN_TIMEOUT_SECONDS = 120;

/**
 * Longest timeout of the function, in seconds. `ServiceTimeout` also includes the time that an event waits in the
 * queue.
 */
export const MAX_TIMEOUT_SECONDS = 600;

/** Default timeout of the function, in seconds. */
export const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * Default of `PropagationSeconds`: how long the handler retries a refusal that a new role, key or policy can cause, in
 * seconds. IAM usually propagates a change within a minute; waiting longer only delays the report of a mistake.
 */
export const DEFAULT_PROPAGATION_SECONDS = 60;

/**
 * How long a Create or Update may run, in seconds, given the function's timeout.
 *
 * A Delete with a physical id that CloudFormation generated must run longer than any Create of that resource. Such a
 * Create starts at most `MAX_START_DELAY_SECONDS` after it was issued and then runs for its whole budget: 60 + budget
 * fits into timeout - reserve.
 */
export function changeBudgetSeconds(timeoutSeconds: number): number {
  return Math.floor(timeoutSeconds - ANSWER_RESERVE_SECONDS - MAX_START_DELAY_SECONDS);
}

/**
 * `ServiceTimeout` of every registration, in seconds: the time in the queue, the timeout of the function, and a margin
 * for the answer.
 */
export function serviceTimeoutSeconds(timeoutSeconds: number): number {
  return MAX_EVENT_AGE_SECONDS + timeoutSeconds + 60;
}
