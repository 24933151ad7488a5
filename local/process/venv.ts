import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, mustRun, runCommand } from './command';
import { LOCAL, ROOT } from './paths';

export interface Venv {
  /** Folder of the commands (`python`, `zenml`, ...). */
  readonly bin: string;
  readonly python: string;
  /** Whether it had to be made now. */
  readonly fresh: boolean;
}

interface VenvSpec {
  readonly name: string;
  /** What is wanted, for example `zenml[server]==0.98.0`. */
  readonly packages: string[];
  /** File of complete pins in `local/requirements`; without one pip chooses what `packages` pull in. */
  readonly pins?: string;
}

/**
 * Astral's package installer (MIT or Apache-2.0, weekly releases): the environments of a fresh clone take 5 s with it,
 * 50 s with pip.
 */
const UV = 'uv==0.9.12';
/** Made once for all environments of a process. */
let uv: Promise<Venv> | undefined;

const CANDIDATES = ['python3.12', 'python3.11', 'python3.13', 'python3.10', 'python3'];
const PROBE =
  'import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.executable, "%d.%d.%d" % sys.version_info[:3])';

/** The versions of all Pythons on this machine that the local services can use. */
export function installedPythons(): string[] {
  const versions = CANDIDATES.map((candidate) => spawnSync(candidate, ['-c', PROBE], { encoding: 'utf8' }))
    .filter((probe) => probe.status === 0).map((probe) => probe.stdout.trim().split(' ').pop()!);
  return [...new Set(versions)];
}

/**
 * A Python of at least 3.10 that can make virtual environments. ZenML supports 3.10 to 3.13, so those come before plain
 * `python3`.
 */
export function findPython(): { executable: string; version: string } {
  for (const candidate of CANDIDATES) {
    const probe = spawnSync(candidate, ['-c', PROBE], { encoding: 'utf8' });
    if (probe.status !== 0) { continue; }
    const [executable, version] = probe.stdout.trim().split(/ (?=\S+$)/);
    return { executable: executable!, version: version! };
  }
  throw new Error(
    'Python 3.10 or newer with its venv module is needed for the local AWS and the ZenML server: install it (on Debian and Ubuntu: apt-get install python3 python3-venv) and run this again.',
  );
}

/**
 * The virtual environment of a spec, made when it is not there: `.local/venvs/<name>-<hash of pins and Python
 * version>`. It is built under another name and renamed when complete, so an interrupted run leaves nothing that looks
 * ready.
 */
export async function ensureVenv(spec: VenvSpec, log: string, parent: string = join(LOCAL, 'venvs')): Promise<Venv> {
  const python = findPython();
  const pins = spec.pins ? readFileSync(join(ROOT, 'local', 'requirements', spec.pins), 'utf8') : '';
  const hash = createHash('sha256')
    .update(JSON.stringify([spec.packages, pins, python.version]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(parent, `${spec.name}-${hash}`);
  const venv = { bin: join(folder, 'bin'), python: join(folder, 'bin', 'python') };
  if (existsSync(join(folder, 'complete'))) { return { ...venv, fresh: false }; }

  mkdirSync(parent, { recursive: true });
  const building = `${folder}.${randomBytes(3).toString('hex')}`;
  try {
    await build(spec, python.executable, building, log);
    writeFileSync(join(building, 'complete'), '');
    try {
      renameSync(building, folder);
    } catch (error) {
      // Another run was faster; its environment serves as well.
      if (!existsSync(join(folder, 'complete'))) { throw error; }
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return { ...venv, fresh: true };
}

/** pip and uv get the caller's environment: index, proxy and certificates are the user's business. */
async function build(spec: VenvSpec, python: string, folder: string, log: string): Promise<void> {
  const made = await runCommand(python, ['-m', 'venv', '--without-pip', folder], { env: process.env, log });
  if (made.code !== 0) {
    throw new Error(
      `${python} cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv):\n${lastLines(made.output, 5)}`,
    );
  }
  const pins = spec.pins && join(ROOT, 'local', 'requirements', spec.pins);
  // `python -m pip` and, later, `python -m uvicorn`: scripts in bin/ name the folder of the build in their first line.
  const venvPython = join(folder, 'bin', 'python');
  if (pins && await installWithUv(venvPython, pins, log)) { return; }
  await mustRun('installing pip', venvPython, ['-m', 'ensurepip'], { env: process.env, log });
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  if (pins) {
    const pinned = await runCommand(venvPython, [...install, '-r', pins], { env: process.env, log });
    if (pinned.code === 0) { return; }
    // The pins were taken on one Python version; another may need other versions of what is pulled in.
  }
  const plain = await runCommand(venvPython, [...install, ...spec.packages], { env: process.env, log });
  if (plain.code !== 0) {
    throw new Error(
      `pip could not install ${spec.packages.join(' ')} (whole output: ${log}):\n${lastLines(plain.output, 8)}`,
    );
  }
}

/**
 * uv installs the pinned packages of a ZenML server in four seconds, where pip needs twenty. pip remains the fallback:
 * uv does not read pip's configuration, such as the index of a company.
 */
async function installWithUv(python: string, pins: string, log: string): Promise<boolean> {
  uv ??= ensureVenv({ name: 'uv', packages: [UV] }, log);
  try {
    const { bin } = await uv;
    const install = ['pip', 'install', '--quiet', '--python', python, '-r', pins];
    const { code } = await runCommand(join(bin, 'uv'), install, { env: process.env, log });
    return code === 0;
  } catch {
    return false;
  }
}
