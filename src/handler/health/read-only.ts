import { HttpRequest, Ports } from '../ports';

/**
 * Requests that are no GET and change nothing: a login, a verification, and the start of a blob upload, which stores
 * nothing.
 */
const HARMLESS: readonly [HttpRequest['method'], RegExp][] = [
  ['POST', /^\/api\/v1\/login$/],
  ['PUT', /^\/api\/v1\/service_connectors\/[0-9a-f-]{36}\/verify$/],
  ['POST', /^\/v2\/.+\/blobs\/uploads\/$/],
];

/** The outside for a health check: a request that could change something is refused before it is sent. */
export function readOnly(ports: Ports): Ports {
  return {
    ...ports,
    transport: async (request) => {
      const path = pathOf(request.url);
      const isHarmless =
        request.method === 'GET'
        || HARMLESS.some(([method, pattern]) => method === request.method && pattern.test(path));
      if (!isHarmless) { throw new Error(`a health check must not send ${request.method} ${path}`); }
      return ports.transport(request);
    },
  };
}

/** The path behind the server's own prefix: a ZenML server may be served below one. */
function pathOf(url: string): string {
  const { pathname } = new URL(url);
  const begin = pathname.search(/\/(api\/v1|v2)\//);
  return begin < 0 ? pathname : pathname.slice(begin);
}
