import { join, resolve } from 'node:path';

/** The checkout. */
export const ROOT = resolve(__dirname, '..', '..');

/** Everything that the local services write lies below this (git-ignored). */
export const LOCAL = join(ROOT, '.local');

/** A command line tool among the dependencies, as a script for `node`. */
export function toolScript(name: 'cdk' | 'jest' | 'eslint' | 'tsc' | 'esbuild' | 'projen'): string {
  const scripts = {
    cdk: 'aws-cdk/bin/cdk',
    jest: 'jest/bin/jest.js',
    eslint: 'eslint/bin/eslint.js',
    tsc: 'typescript/bin/tsc',
    esbuild: 'esbuild/bin/esbuild',
    projen: 'projen/bin/projen',
  };
  return join(ROOT, 'node_modules', scripts[name]);
}
