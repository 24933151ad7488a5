import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../process/command';
import { ROOT } from '../process/paths';
import { ensureVenv, findPython, Venv } from '../process/venv';
import { ensureZenmlVenv, ZENML_VERSION } from '../services/zenml';

/** The oldest release that the library supports. */
export const OLDEST_SUPPORTED = '0.80.0';

/** What releases need beside themselves, because a package that they depend on has changed since. */
interface ExtraPackages {
  readonly from: string;
  readonly to: string;
  readonly packages: string[];
  readonly why: string;
}

/**
 * Negative, zero or positive, as a sort wants it: compares number by number, so 0.100.0 follows 0.98.0 and 1.0.0
 * follows both.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) { return difference; }
  }
  return 0;
}

export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** The newest patch of each minor release from the floor on, oldest first. */
export function newestPatches(versions: readonly string[]): string[] {
  const newest = new Map<string, string>();
  // Release candidates and the like are no releases that people run.
  for (const version of versions.filter((text) => /^\d+\.\d+\.\d+$/.test(text))) {
    const minor = minorOf(version);
    if (compareVersions(version, OLDEST_SUPPORTED) < 0) { continue; }
    if (!newest.has(minor) || compareVersions(version, newest.get(minor)!) > 0) { newest.set(minor, version); }
  }
  return [...newest.values()].sort(compareVersions);
}

/** The releases of ZenML that pip can install on this machine. */
export async function releasesOnPypi(): Promise<string[]> {
  const { executable } = findPython();
  const result = await runCommand(
    executable,
    ['-m', 'pip', 'index', 'versions', 'zenml', '--disable-pip-version-check'],
    { env: process.env },
  );
  const listed = /^Available versions: (.*)$/m.exec(result.stdout)?.[1];
  if (!listed) {
    throw new Error(
      'pip cannot list the releases of ZenML, so the newest patch of each minor release is unknown: check the network and that '
        + '"python3 -m pip index versions zenml" works, or name complete versions (npm run test:servers -- 0.80.2 0.98.0)',
    );
  }
  return listed.split(',').map((version) => version.trim());
}

/** The virtual environment with one release of the server. */
export async function ensureServerVenv(version: string, log: string): Promise<Venv> {
  if (version === ZENML_VERSION) { return ensureZenmlVenv(log); }
  const file = join(ROOT, 'local', 'requirements', 'zenml-servers.json');
  const extras = JSON.parse(readFileSync(file, 'utf8')) as ExtraPackages[];
  const minor = minorOf(version);
  const packages = extras.filter(({ from, to }) => compareVersions(from, minor) <= 0 && compareVersions(minor, to) <= 0)
    .flatMap((extra) => extra.packages);
  // Complete pins exist for the release that each `npm test` runs; others take what pip finds.
  const pins = version === OLDEST_SUPPORTED ? 'zenml-oldest.txt' : undefined;
  return ensureVenv(
    { name: `zenml-${version}`, packages: [`zenml[server,connectors-aws]==${version}`, ...packages], pins },
    log,
  );
}
