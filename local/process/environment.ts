import { dirname, join } from 'node:path';
import { LOCAL } from './paths';

export type Environment = Record<string, string>;

/**
 * The environment that services and tools get. Never the caller's: certificate bundles, proxies, AWS profiles or
 * endpoints that a machine exports would send calls elsewhere or break TLS to the local AWS, and Lambda workers inherit
 * what ministack was started with.
 */
export function cleanEnvironment(home: string, extra: Environment = {}): Environment {
  return {
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    // Compiled modules are kept, but not beside the sources.
    PYTHONPYCACHEPREFIX: join(LOCAL, 'pycache'),
    ...extra,
  };
}
