import { Deadline } from '../cloudformation/deadline';
import { AwsError, Ports } from '../ports';

/** Runs again what AWS denies, for as long as a policy that was just attached may need to be seen everywhere. */
export async function whileDenied<T>(ports: Ports, deadline: Deadline, seconds: number, work: () => Promise<T>): Promise<T> {
  const started = ports.clock.now();
  for (let attempt = 0; ; attempt++) {
    deadline.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const waitMs = backoffMs(attempt);
      if (!(error instanceof AwsError) || !error.denied || ports.clock.now() - started + waitMs > seconds * 1000) { throw error; }
      await ports.clock.sleep(waitMs, deadline.signal);
    }
  }
}

/** 1, 2, 4, 8, 8, ... seconds. */
export function backoffMs(attempt: number): number {
  return 1_000 * 2 ** Math.min(attempt, 3);
}
