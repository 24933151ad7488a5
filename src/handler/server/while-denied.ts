import { Deadline } from '../cloudformation/deadline';
import { AwsError, Ports } from '../ports';
import { Retries, SECONDS } from '../retries';

/** Repeats what AWS denies: a policy that was just attached can need this long until all of AWS knows it. */
export async function whileDenied<T>(
  ports: Ports,
  deadline: Deadline,
  seconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const retries = new Retries({ ports, deadline }, SECONDS, { withinMs: seconds * 1000 });
  for (;;) {
    deadline.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AwsError) || !error.denied || !(await retries.pause())) {
        throw error;
      }
    }
  }
}
