import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL } from './paths';
import { processBegan, ServiceRecord, stopAll, stopRecorded } from './service';

interface RunFile {
  /** The process that made the folder. */
  readonly owner: { readonly pid: number; readonly began: string };
  readonly services: ServiceRecord[];
  /** Left running on purpose. */
  readonly kept: boolean;
}

const RUN_FILE = 'run.json';

/** The folder of one run: `.local/run-<id>`. Secrets lie in `private/` (files 0600), logs in `logs/`. */
export class Run {
  /** A new run. What runs left behind whose process was killed is stopped and removed first. */
  public static async create(): Promise<Run> {
    await sweep();
    const run = new Run(join(LOCAL, `run-${randomBytes(4).toString('hex')}`));
    mkdirSync(run.logs, { recursive: true });
    mkdirSync(run.secrets, { mode: 0o700 });
    run.save();
    process.once('exit', () => { if (!run.kept) { run.removeAllButLogs(); } });
    return run;
  }

  public readonly logs: string;
  public readonly secrets: string;
  private readonly services: ServiceRecord[] = [];
  private kept = false;

  private constructor(public readonly folder: string) {
    this.logs = join(folder, 'logs');
    this.secrets = join(folder, 'private');
  }

  /** A folder of the run, made when missing. */
  public directory(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  public log(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  public writeSecret(name: string, text: string): string {
    const path = join(this.secrets, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  public addService(record: ServiceRecord): void {
    this.services.push(record);
    this.save();
  }

  /** Leave folder and services as they are. */
  public keep(): void {
    this.kept = true;
    this.save();
  }

  /** Stop what this process started and remove the folder. */
  public async end(): Promise<void> {
    await stopAll();
    this.remove();
  }

  private remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** After a failure: the logs stay for a look, everything else goes. */
  public removeAllButLogs(): void {
    if (!existsSync(this.folder)) { return; }
    for (const entry of readdirSync(this.folder)) {
      if (entry !== 'logs') { rmSync(join(this.folder, entry), { recursive: true, force: true }); }
    }
  }

  private save(): void {
    const content: RunFile = {
      owner: { pid: process.pid, began: processBegan(process.pid) }, services: this.services, kept: this.kept,
    };
    // In one step: another run may be reading it.
    const path = join(this.folder, RUN_FILE);
    writeFileSync(`${path}.new`, JSON.stringify(content, undefined, 2));
    renameSync(`${path}.new`, path);
  }
}

function runs(): { folder: string; content: RunFile }[] {
  if (!existsSync(LOCAL)) { return []; }
  return readdirSync(LOCAL)
    .filter((name) => name.startsWith('run-') && existsSync(join(LOCAL, name, RUN_FILE)))
    .map((name) => ({
      folder: join(LOCAL, name),
      content: JSON.parse(readFileSync(join(LOCAL, name, RUN_FILE), 'utf8')) as RunFile,
    }));
}

async function end(run: { folder: string; content: RunFile }): Promise<void> {
  for (const record of [...run.content.services].reverse()) { await stopRecorded(record); }
  rmSync(run.folder, { recursive: true, force: true });
}

/** Logs of failed runs are kept for a day. */
const LOGS_MILLISECONDS = 24 * 3600 * 1000;

async function sweep(): Promise<void> {
  for (const name of existsSync(LOCAL) ? readdirSync(LOCAL) : []) {
    const folder = join(LOCAL, name);
    const onlyLogs = name.startsWith('run-') && !existsSync(join(folder, RUN_FILE));
    if (onlyLogs && Date.now() - statSync(folder).mtimeMs > LOGS_MILLISECONDS) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  for (const run of runs()) {
    const { pid, began } = run.content.owner;
    if (!run.content.kept && processBegan(pid) !== began) { await end(run); }
  }
}

/** Stop what `keep` left running; returns the folders that were removed. */
export async function stopKept(): Promise<string[]> {
  const kept = runs().filter((run) => run.content.kept);
  for (const run of kept) { await end(run); }
  return kept.map((run) => run.folder);
}
