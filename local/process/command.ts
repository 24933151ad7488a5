import { ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** File that gets the output as well. */
  readonly log?: string;
  /** Lines as they come. */
  readonly onLine?: (line: string) => void;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  /** Standard output and error in the order of arrival. */
  readonly output: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => { for (const child of running) { child.kill('SIGTERM'); } });

/** Run a command to its end; a code other than 0 is a result, not an error. */
export async function runCommand(
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let stdout = '';
    let output = '';
    let rest = '';
    const take = (chunk: string) => {
      output += chunk;
      if (options.log) {
        appendFileSync(options.log, chunk);
      }
      if (!options.onLine) {
        return;
      }
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(options.onLine);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      take(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      running.delete(child);
      // Such a command often says nothing itself: the system ends it when memory runs out, for example.
      if (signal) { take(`\n${command} was ended by ${signal}\n`); }
      if (rest) {
        options.onLine?.(rest);
      }
      resolve({ code: code ?? 1, stdout, output });
    });
  });
}

/** Run a command that must succeed; the error shows the end of its output. */
export async function mustRun(
  what: string,
  command: string,
  args: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.code !== 0) {
    throw new Error(`${what} failed (exit code ${result.code}):\n${lastLines(result.output, 25)}`);
  }
  return result;
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
