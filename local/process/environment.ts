import { dirname, join } from 'node:path';
import { LOCAL, ROOT } from './paths';

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

/** Settings of a machine that runs ZenML: nothing is reported to others, and output is plain text. */
export const QUIET_SDKS = {
  SAGEMAKER_USER_CONFIG_OVERRIDE: join(ROOT, 'local', 'pipeline', 'sagemaker-sdk.yaml'),
  ZENML_ANALYTICS_OPT_IN: 'false',
  ZENML_LOGGING_VERBOSITY: 'WARN',
  COLUMNS: '160',
  NO_COLOR: '1',
};
