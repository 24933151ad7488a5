import { ANSWER_RESERVE_SECONDS, changeBudgetSeconds } from '../../contract/timing';
import { DeadlineError } from '../errors';
import { Clock } from '../ports';

/** What a Lambda context without a usable remaining time is taken for, in milliseconds. */
const FALLBACK_REMAINING_MS = 120_000;

/**
 * A Delete after a cancelled Create must be able to look once more when that Create's budget has run out, so it may go
 * a little further than a change; its answer is short and its own last work a single DELETE.
 */
const DELETE_RESERVE_SECONDS = ANSWER_RESERVE_SECONDS / 2;

/** The end of an invocation's work: one signal for every wait and call. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** For how long a Create or Update of this function may work, in milliseconds. */
  readonly changeBudgetMs: number;
  /** Milliseconds left. */
  left(): number;
  cancel(): void;
}

/**
 * A Create or Update stops after `changeBudgetSeconds`, counted from its start, so that a Delete can know when it is
 * over (queueing included: `contract/timing.ts`); a Delete may use all of the time but a reserve for the answer.
 */
export function startDeadline(clock: Clock, context: unknown, change: boolean): Deadline {
  const remaining = remainingMs(context);
  const usable = remaining - (change ? ANSWER_RESERVE_SECONDS : DELETE_RESERVE_SECONDS) * 1000;
  // The function's timeout is what remains at the start; rounding up makes up for the start's own milliseconds.
  const changeBudgetMs = Math.max(changeBudgetSeconds(Math.ceil(remaining / 1000)), 20) * 1000;
  const milliseconds = Math.max(change ? Math.min(usable, changeBudgetMs) : usable, 1_000);
  const controller = new AbortController();
  const end = clock.now() + milliseconds;
  const cancel = clock.alarm(milliseconds, () => controller.abort(new DeadlineError(milliseconds / 1000)));
  return { signal: controller.signal, changeBudgetMs, left: () => Math.max(0, end - clock.now()), cancel };
}

export function remainingMs(context: unknown): number {
  const remaining = (context as { getRemainingTimeInMillis?: () => unknown } | undefined)?.getRemainingTimeInMillis?.();
  return typeof remaining === 'number' && Number.isFinite(remaining) && remaining > 0 && remaining <= 900_000
    ? remaining
    : FALLBACK_REMAINING_MS;
}
