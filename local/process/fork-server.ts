import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, Environment } from './environment';
import { ROOT } from './paths';
import { Run } from './run';
import { Service } from './service';
import { Venv } from './venv';

const FOLDER = join(ROOT, 'local', 'process', 'fork_server');

export interface ForkServerOptions {
  readonly name: string;
  /** What it imports: a file of `fork_server`. */
  readonly imports: 'zenml_client' | 'zenml_server';
  /** Variables that the processes will have in common. Those that an import reads must be the same in each. */
  readonly env: Environment;
}

/**
 * The virtual environment with a `python` that asks a fork server for each process. The import of ZenML takes at least
 * two seconds of CPU time, and most processes run for a shorter time. The fork server imports ZenML at its first
 * request. Where it cannot fork, `python` starts the interpreter, and the log `fork-server-<name>` says why. On macOS
 * the environment is returned unchanged.
 */
export async function withForkServer(run: Run, venv: Venv, options: ForkServerOptions): Promise<Venv> {
  // Forks of a process that has used frameworks of macOS crash there.
  if (process.platform !== 'linux') { return venv; }
  const home = run.directory(`fork-server-${options.name}`);
  const socket = `cdk-zenml-${randomBytes(16).toString('hex')}`;
  await Service.start({
    name: `fork server ${options.name}`,
    command: venv.python,
    // The settings of a ZenML server are read by their prefix.
    args: [join(FOLDER, 'main.py'), socket, options.imports, 'ZENML_SERVER'],
    cwd: home,
    log: run.log(`fork-server-${options.name}`),
    onStart: (record) => run.addService(record),
    timeoutSeconds: 30,
    ready: async () => readFileSync('/proc/net/unix', 'utf8').includes(socket),
    env: cleanEnvironment(home, options.env),
  });
  const python = join(home, 'python');
  const quoted = [venv.python, '-IS', join(FOLDER, 'start.py'), socket, venv.python].map((word) => `'${word}'`);
  writeFileSync(python, `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`);
  chmodSync(python, 0o755);
  return { ...venv, python };
}
