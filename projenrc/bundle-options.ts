/**
 * How esbuild bundles the handler. One file, minified, without a source map: the hash of the asset changes only with
 * the code.
 */
export const HANDLER_ENTRY = 'src/handler/registration.lambda.ts';
export const BUNDLE_OPTIONS = {
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
  sourcemap: false,
  // esbuild can drop unused parts of the AWS SDK's ES modules: 463 KB instead of 779 KB, and half the load time (npm
  // run bench).
  mainFields: ['module', 'main'],
} as const;
