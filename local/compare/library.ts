import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../process/command';
import { LOCAL, ROOT, toolScript } from '../process/paths';

/** Everything that this task generates lies here. */
export const WORK = join(LOCAL, 'examples');

const PACMAK = join(ROOT, 'node_modules', 'jsii-pacmak');
const TARGETS = ['python', 'java', 'go', 'dotnet'];

/** The library as its users get it: generated sources for Python, Java, Go and .NET. */
export interface Library {
  /** Holds `python/`, `java/`, `go/` and `dotnet/`. */
  readonly folder: string;
  /** Changes with anything that users of the library get. */
  readonly fingerprint: string;
}

/** The version of a development dependency: the lowest that the library supports, since it is compiled against that. */
export function floorOf(dependency: 'aws-cdk-lib' | 'constructs'): string {
  return version(join(ROOT, 'node_modules', dependency));
}

export function jsiiVersion(): string {
  return version(PACMAK);
}

/** Compiled when the sources are newer, generated when that changed something. */
export async function ensureLibrary(log: string): Promise<Library> {
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
  if (!existsSync(join(ROOT, 'assets', 'registration', 'index.js'))) {
    await mustRun('bundling the handler', process.execPath, [toolScript('projen'), 'bundle'], { cwd: ROOT, env, log });
  }
  if (isStale()) {
    // What a source that is gone was compiled to would be packed, and found before a folder of its name.
    rmSync(join(ROOT, 'lib'), { recursive: true, force: true });
    await mustRun(
      'jsii',
      process.execPath,
      [join(ROOT, 'node_modules', 'jsii', 'bin', 'jsii'), '--silence-warnings=reserved-word'],
      { cwd: ROOT, env, log },
    );
  }
  const fingerprint = fingerprintOf([join(ROOT, '.jsii'), join(ROOT, 'lib'), join(ROOT, 'assets')]);
  const library = { folder: join(WORK, `library-${fingerprint}`), fingerprint };
  if (existsSync(library.folder)) { return library; }

  mkdirSync(WORK, { recursive: true });
  for (const old of readdirSync(WORK)) {
    if (old.startsWith('library-')) { rmSync(join(WORK, old), { recursive: true, force: true }); }
  }
  // Under another name until it is complete, so that an interrupted run leaves nothing that looks ready.
  const building = join(WORK, 'library.building');
  rmSync(building, { recursive: true, force: true });
  await mustRun(
    'jsii-pacmak',
    process.execPath,
    [
      join(PACMAK, 'bin', 'jsii-pacmak'),
      '--code-only',
      '--no-npmignore',
      '--force',
      '--outdir',
      building,
      ...TARGETS.flatMap((target) => ['--target', target]),
    ],
    { cwd: ROOT, env, log },
  );
  renameSync(building, library.folder);
  return library;
}

/** The handler is not of the assembly, but its bundle in assets/ is of the package. */
function isStale(): boolean {
  const assembly = join(ROOT, '.jsii');
  if (!existsSync(assembly)) { return true; }
  const compiled = statSync(assembly).mtimeMs;
  return filesBelow(join(ROOT, 'src')).some(
    (file) => !file.startsWith(join(ROOT, 'src', 'handler')) && statSync(file).mtimeMs > compiled,
  );
}

function fingerprintOf(paths: string[]): string {
  const hash = createHash('sha256').update([jsiiVersion(), ...TARGETS].join());
  for (const file of paths.flatMap(filesBelow)) { hash.update(`${file}\0`).update(readFileSync(file)); }
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) { return [path]; }
  return readdirSync(path).sort().flatMap((name) => filesBelow(join(path, name)));
}

function version(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
