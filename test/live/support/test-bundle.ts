import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../../../local/process/paths';

/**
 * Set to any text, the live tests deploy the product's own bundle: every wait then takes its full time, and the tests
 * take minutes longer.
 */
const FULL_WAITS_VARIABLE = 'CDK_ZENML_FULL_WAITS';

/**
 * Bundles the function with short waits; returns its folder, or `undefined` when the product's own bundle is wanted.
 */
export async function testBundle(folder: string): Promise<string | undefined> {
  if (process.env[FULL_WAITS_VARIABLE]) { return undefined; }
  await build({
    entryPoints: [join(ROOT, 'test', 'live', 'support', 'short-waits.lambda.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  return folder;
}
