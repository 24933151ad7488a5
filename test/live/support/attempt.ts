export type Outcome = 'allowed' | 'denied';

const DENIED = new Set(['AccessDenied', 'AccessDeniedException']);

/**
 * What AWS says to a call. Only its "access denied" counts as denied and only success as allowed: any other error (a
 * key that it does not know, a repository that is not there) says nothing about permissions and fails the test.
 */
export async function attempt(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    await call();
    return 'allowed';
  } catch (error) {
    if (error instanceof Error && DENIED.has(error.name)) { return 'denied'; }
    throw error;
  }
}
