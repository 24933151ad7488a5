import { LifecycleContext } from './context';
import { Retries, SECONDS } from '../retries';

/** A server with replicas may answer for so long as if a write had not been, in milliseconds. */
export const LAG_MS = 15_000;

/**
 * Looks until there is something to see, or for as long as a look-up may lag behind a write. For decisions that would
 * be wrong, not only late, if the look-up lagged.
 */
export async function untilSeen<T>(
  context: LifecycleContext,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const retries = new Retries(context, SECONDS, { lastPauseMs: LAG_MS });
  for (;;) {
    const seen = await look();
    if (seen !== undefined || !(await retries.pause())) {
      return seen;
    }
  }
}
