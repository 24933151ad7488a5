import { LifecycleContext } from './context';
import { MAX_START_DELAY_SECONDS } from '../../contract/timing';
import { issueTime } from '../cloudformation/issued-at';
import { Backoff, Retries } from '../retries';

/** The looks come less often as time passes: the longer nothing came, the less likely it is that anything comes. */
const BACKOFF: Backoff = { firstMs: 5_000, longestMs: 20_000, growth: 1.5 };
/**
 * The last look is this long before the deadline, in milliseconds: after the end of the Create, with time for a DELETE.
 */
const LAST_LOOK_MS = 4_000;
/**
 * A Create that lost the answer to its POST looks and posts again at once, so a second object can only come soon after
 * the first.
 */
const AFTERMATH_MS = 30_000;
/** A server may still be working on a POST when the Create that sent it ends; clocks differ. In milliseconds. */
const CREATE_MARGIN_MS = 15_000;

/**
 * Looks again and again until nothing more came for a while after something was removed, or the Create that this Delete
 * follows can no longer be alive: CloudFormation sends the Delete while a cancelled Create may still wait or work. A
 * Create's budget is made so that all of it fits into this invocation (`contract/timing.ts`).
 */
export async function untilCreateIsOver(
  context: LifecycleContext,
  look: () => Promise<'nothing' | 'removed' | 'over'>,
): Promise<void> {
  const retries = new Retries(context, BACKOFF);
  let until = endOfCreate(context);
  for (;;) {
    const seen = await look();
    if (seen === 'over') {
      return;
    }
    if (seen === 'removed') {
      until = Math.min(until, context.ports.clock.now() + AFTERMATH_MS);
    }
    const left = Math.min(context.deadline.left() - LAST_LOOK_MS, until - context.ports.clock.now());
    if (!(await retries.pause(left))) {
      return;
    }
  }
}

/**
 * When no Create that was issued before this Delete can be alive any more. The time counts from the issue of the
 * Delete, not from its start: a Delete that waited in the queue for as long as a Create can live need not wait again.
 */
function endOfCreate(context: LifecycleContext): number {
  const issued = issueTime(context.event.ResponseURL);
  return issued === undefined
    ? Infinity
    : issued + MAX_START_DELAY_SECONDS * 1000 + context.deadline.changeBudgetMs + CREATE_MARGIN_MS;
}
