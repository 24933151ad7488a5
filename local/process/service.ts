import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from './command';
import { Environment } from './environment';

interface ServiceOptions {
  readonly name: string;
  readonly command: string;
  readonly args: string[];
  readonly env: Environment;
  readonly cwd: string;
  /** File that gets the output. */
  readonly log: string;
  /** Whether the service answers; an exception counts as no. */
  readonly ready: () => Promise<boolean>;
  readonly timeoutSeconds: number;
  /** Told as soon as there is a process, so that it can be found and stopped whatever happens next. */
  readonly onStart: (record: ServiceRecord) => void;
}

/**
 * What it takes to stop a service from another process: the pid, and the time the process began, since pids are used
 * again.
 */
export interface ServiceRecord {
  readonly name: string;
  readonly pid: number;
  readonly began: string;
}

const STOP_SECONDS = 10;
const running = new Set<Service>();

/** A process in a process group of its own, so that what it started (Lambda workers) ends with it. */
export class Service {
  /** Start it and wait until it answers. */
  public static async start(options: ServiceOptions): Promise<Service> {
    const out = openSync(options.log, 'a');
    const child = spawn(options.command, options.args, {
      env: options.env,
      cwd: options.cwd,
      stdio: ['ignore', out, out],
      detached: true,
    });
    closeSync(out);
    const service = new Service(options.name, child, options.log);
    options.onStart(service.record);
    try {
      await service.waitUntilReady(options);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  public readonly record: ServiceRecord;
  private ended = false;
  private failure?: Error;

  private constructor(
    public readonly name: string,
    private readonly child: ChildProcess,
    private readonly log: string,
  ) {
    child.once('exit', () => {
      this.ended = true;
    });
    child.once('error', (error) => {
      this.ended = true;
      this.failure = error;
    });
    this.record = { name, pid: child.pid ?? 0, began: child.pid ? processBegan(child.pid) : '' };
    running.add(this);
    watchOwnEnd();
  }

  public get pid(): number {
    return this.record.pid;
  }

  /** SIGTERM, then SIGKILL; returns when the process group is gone. */
  public async stop(): Promise<void> {
    running.delete(this);
    if (this.pid) {
      await stopGroup(this.pid);
    }
  }

  /** From now on the service outlives this process; stop it by its record. */
  public release(): ServiceRecord {
    running.delete(this);
    this.child.unref();
    return this.record;
  }

  /** Without waiting, for the moment when this process ends. */
  public kill(): void {
    running.delete(this);
    signalGroup(this.pid, 'SIGKILL');
  }

  private async waitUntilReady(options: ServiceOptions): Promise<void> {
    const deadline = Date.now() + options.timeoutSeconds * 1000;
    while (Date.now() < deadline) {
      if (this.ended) {
        throw new Error(
          `${this.name} ended before it was ready${this.failure ? `: ${this.failure.message}` : ''}.\n${this.tail()}`,
        );
      }
      if (await options.ready().catch(() => false)) {
        return;
      }
      await sleep(100);
    }
    throw new Error(
      `${this.name} was not ready within ${options.timeoutSeconds} s (log: ${this.log}).\n${this.tail()}`,
    );
  }

  private tail(): string {
    return existsSync(this.log) ? lastLines(readFileSync(this.log, 'utf8'), 15) : '';
  }
}

/** Stop a service that another process left running; false when that process is no longer there. */
export async function stopRecorded(record: ServiceRecord): Promise<boolean> {
  if (!record.pid || processBegan(record.pid) !== record.began || record.began === '') { return false; }
  await stopGroup(record.pid);
  return true;
}

/** When a process began, in whatever unit the system has; empty when there is no such process. */
export function processBegan(pid: number): string {
  if (existsSync('/proc/self/stat')) {
    try {
      // The command in parentheses may hold spaces; field 22 of the whole line is field 20 behind it.
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()!.split(' ')[19]!;
    } catch {
      return '';
    }
  }
  return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

/** Stop everything that this process started, last first. */
export async function stopAll(): Promise<void> {
  for (const service of [...running].reverse()) { await service.stop(); }
}

/** Everything that this process started outlives it from now on. */
export function releaseAll(): void {
  for (const service of [...running]) { service.release(); }
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function stopGroup(pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_SECONDS * 1000;
  while (signalGroup(pid, 0)) {
    if (Date.now() > deadline) {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    await sleep(50);
  }
}

let watching = false;

/** However this process ends (short of SIGKILL), nothing that it started stays behind. */
function watchOwnEnd(): void {
  if (watching) { return; }
  watching = true;
  process.once('exit', () => { for (const service of running) { service.kill(); } });
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    // `on`, not `once`: Ctrl-C reaches this process twice (from the terminal and from local/main.mjs), and the second
    // must not cut short the first.
    process.on(signal, () => process.exit(code));
  }
}
