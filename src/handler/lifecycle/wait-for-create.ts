import { LifecycleContext } from './context';

const LOOK_EVERY_MS = 5_000;
/** The last look is this long before the deadline, in milliseconds: late enough that the Create is over, with time for a DELETE. */
const LAST_LOOK_MS = 4_000;
/** A Create that lost the answer to its POST looks and posts again at once, so a second object can only come soon after the first. */
const AFTERMATH_MS = 30_000;

/**
 * Looks again and again until nothing more came for a while after something was removed, or the Create that this Delete follows can no
 * longer be alive: CloudFormation sends the Delete while a cancelled Create may still wait or context. A Create's budget is made so that all of it fits into
 * this invocation (`contract/timing.ts`).
 */
export async function untilCreateIsOver(context: LifecycleContext, look: () => Promise<'nothing' | 'removed' | 'over'>): Promise<void> {
  let until = Infinity;
  for (;;) {
    const seen = await look();
    if (seen === 'over') { return; }
    if (seen === 'removed') { until = context.ports.clock.now() + AFTERMATH_MS; }
    const left = Math.min(context.deadline.left() - LAST_LOOK_MS, until - context.ports.clock.now());
    if (left <= 0) { return; }
    await context.ports.clock.sleep(Math.min(LOOK_EVERY_MS, left), context.deadline.signal);
  }
}
