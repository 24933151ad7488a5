import { CONNECTOR, Harness } from './harness';

/** The POST that creates a connector. */
export const POST_CONNECTOR = /^POST \/service_connectors$/;
export const VERIFY = /^POST \/service_connectors\/verify$/;

/**
 * Binds the harness to an address where nothing listens. No process listens on port 1; a port that was just closed
 * could be another's by now.
 */
export async function down(h: Harness): Promise<void> {
  h.bind('http://127.0.0.1:1');
}

/** Creates a connector, which must succeed. */
export async function create(h: Harness, more: Record<string, unknown> = {}) {
  const answer = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, ...more });
  expect(answer.Reason).toBeUndefined();
  return answer;
}

export const connectors = (h: Harness) => h.zenml.all('service_connectors');
export const components = (h: Harness) => h.zenml.all('components');
export const logins = (h: Harness) => h.zenml.received.filter(({ path }) => path === '/login').length;
