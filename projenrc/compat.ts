/**
 * `npx projen compat`: compares the public API with the newest published version, and fails on a breaking change that
 * `.compatignore` does not list. Arguments, both optional: the tarball or folder of an earlier package (if it is absent
 * or empty, the newest of the registry), and the folder of the new one (if it is absent, this project, compiled).
 */
import { spawnSync } from 'child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'fs';
import { join, resolve } from 'path';

const ROOT = resolve(__dirname, '..');
const NAME = 'cdk-zenml';
const ACCEPTED = '.compatignore';
/** How jsii-diff tells a breaking change: `[removed:cdk-zenml.EcrContainerRegistry.registryUri]`. */
const KEY = /\[[\w-]+:cdk-zenml\.\S+\]/;

/** Folders of the published package lie below the project, so that its assembly finds aws-cdk-lib. */
const WORK = join(ROOT, '.local', 'compat');

function main([earlier, current = ROOT]: string[]): number {
  if (!existsSync(join(current, '.jsii'))) {
    console.error('the API is compared in the compiled library: run `npx projen bundle && npx projen compile` first');
    return 1;
  }
  mkdirSync(WORK, { recursive: true });
  const folder = mkdtempSync(join(WORK, 'run-'));
  try {
    const published = earlier ? earlier : download(folder);
    if (published === undefined) {
      console.log(`skipped: no version of ${NAME} is published, so nothing can break`);
      return 0;
    }
    return compare(statSync(published).isDirectory() ? published : unpack(published, folder), current);
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tarball of the newest version; undefined if the registry says that there is no such package. */
function download(folder: string): string | undefined {
  const { status, stderr } = run('npm', ['pack', `${NAME}@latest`, '--pack-destination', folder]);
  if (status === 0) { return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!); }
  // Only the registry's answer counts: without a connection, the API may well be published.
  if (/\bE404\b/.test(stderr)) { return undefined; }
  throw new Error(`npm could not download the published version of ${NAME}:\n${stderr}`);
}

function unpack(tarball: string, folder: string): string {
  const { status, stderr } = run('tar', ['-xzf', resolve(tarball), '-C', folder]);
  if (status !== 0) { throw new Error(`tar could not unpack ${tarball}:\n${stderr}`); }
  return join(folder, 'package');
}

function compare(published: string, current: string): number {
  const diff = join(ROOT, 'node_modules', 'jsii-diff', 'bin', 'jsii-diff');
  // The whole API is marked as experimental, and jsii-diff would only warn of its changes.
  const options = ['--keys', '--error-on', 'all', '--ignore-file', join(ROOT, ACCEPTED)];
  const { status, stdout, stderr } = run(process.execPath, [diff, published, current, ...options]);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  if (status === 0) {
    console.log(`the public API is compatible with ${NAME} ${versionOf(published)}`);
    return 0;
  }
  // jsii-diff also exits with 1 if it cannot read an assembly.
  if (!KEY.test(stderr)) { throw new Error(`jsii-diff failed (exit code ${status})`); }
  console.error(
    `the public API breaks apps that use ${NAME} ${versionOf(published)}: undo the change, or add the keys in brackets to`
      + ` ${ACCEPTED} with the reason, and give the commit the type \`feat!\` or \`fix!\``,
  );
  return 1;
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

function run(command: string, args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' },
  });
}

process.exitCode = main(process.argv.slice(2));
