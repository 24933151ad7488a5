import { LifecycleContext } from './context';
import { backoffMs } from '../server/patience';

/** A server with replicas may answer for so long as if a write had not been, in milliseconds. */
const LAG_MS = 15_000;

/**
 * Looks until there is something to see, or for as long as a look-up may lag behind a write. For decisions that would be wrong, not only late, if
 * the look-up lagged.
 */
export async function untilSeen<T>(context: LifecycleContext, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const started = context.ports.clock.now();
  for (let attempt = 0; ; attempt++) {
    const seen = await look();
    if (seen !== undefined || context.ports.clock.now() - started >= LAG_MS) { return seen; }
    await context.ports.clock.sleep(backoffMs(attempt), context.deadline.signal);
  }
}
