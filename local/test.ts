import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureClientVenv } from './clients/zenml-client';
import { Count, readJestResults } from './jest-results';
import { lastLines, runCommand } from './process/command';
import { LOCAL, ROOT, toolScript } from './process/paths';
import { ensureServerVenv, OLDEST_SUPPORTED } from './servers/zenml-versions';
import { ensureAwsVenv } from './services/aws';
import { ensureZenmlVenv } from './services/zenml';
import { seconds } from './steps';

const RESULTS = join(LOCAL, 'test');
const OUTPUT_LINES = 120;
/** Temporary folder of the parts, deleted at the end: each `new App()` of a test leaves a `cdk.out` there. */
const TEMPORARY = mkdtempSync(join(tmpdir(), 'cdk-zenml-test-'));
process.once('exit', () => { rmSync(TEMPORARY, { recursive: true, force: true }); });

/** How many files of the unit tests run at once. The live pass sets its own number in `test/live/jest.config.js`. */
const UNIT_WORKERS = Math.min(4, Math.max(2, availableParallelism()));

/**
 * `npm test`: everything that does not take many minutes. Every part runs, whatever failed before it.
 *
 * The live pass waits for its servers half of its time, so unit tests, linter and type check run beside it, one after
 * another.
 */
async function main(args: string[]): Promise<void> {
  if (args.length > 0) {
    throw new Error(
      `npm test takes no arguments, got: ${args.join(' ')} (to run one file: npx jest test/that.test.ts)`,
    );
  }
  const began = Date.now();
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  // A failure shows in the live pass, which asks for the environments again.
  const venvs = Promise.allSettled([
    ensureAwsVenv(join(RESULTS, 'ministack-venv.log')),
    ensureZenmlVenv(join(RESULTS, 'zenml-venv.log')),
    ensureServerVenv(OLDEST_SUPPORTED, join(RESULTS, 'oldest-zenml-venv.log')),
    ensureClientVenv(join(RESULTS, 'client-venv.log')),
  ]);
  const counts = [await part('bundle', 'the function behind the custom resources', [toolScript('projen'), 'bundle'])];
  const live = venvs.then(async () =>
    jest('live', 'stacks on the local AWS with a ZenML server', ['-c', join('test', 'live', 'jest.config.js')]),
  );
  counts.push(await jest('unit', 'unit, template and simulator tests', [`--maxWorkers=${UNIT_WORKERS}`]));
  counts.push(await part('lint', 'ESLint and oxlint', [toolScript('projen'), 'lint']));
  counts.push(
    await part('types', 'sources, tests, local services, bench, examples', [toolScript('projen'), 'typecheck']),
  );
  counts.push(await live);

  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  // The last line is for machines, too.
  console.log(`\n${seconds(began)}\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

/** A part that passes or fails as a whole. */
async function part(name: string, what: string, args: string[]): Promise<Count> {
  const run = await timed(name, what, args);
  report(name, run.code === 0 ? `ok, ${run.time}` : `FAILED, ${run.time}\n${lastLines(run.output, OUTPUT_LINES)}`);
  return run.code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function jest(name: string, what: string, args: string[]): Promise<Count> {
  const results = join(RESULTS, `${name}.json`);
  const run = await timed(name, what, [
    toolScript('jest'),
    ...args,
    '--ci',
    '--coverage=false',
    '--json',
    `--outputFile=${results}`,
  ]);
  const { count, failures } = readJestResults(results, ROOT);
  // jest can fail though no test did: it found none, or a set-up or tear-down threw.
  if (run.code !== 0 && count.failed === 0) { count.failed = 1; }
  const detail = run.code === 0 ? '' : `\n${failures || lastLines(run.output, OUTPUT_LINES)}`;
  report(
    name,
    `${run.code === 0 ? 'ok' : 'FAILED'}, ${count.passed} passed, ${count.failed} failed, ${run.time}${detail}`,
  );
  return count;
}

function report(name: string, text: string): void {
  console.log(`${name.padEnd(7)}${text}`);
}

async function timed(name: string, what: string, args: string[]) {
  report(name, `${what} ...`);
  const began = Date.now();
  // `--json` also prints the results on standard output as one line, which nobody reads.
  let output = '';
  const run = await runCommand(process.execPath, args, {
    cwd: ROOT,
    log: join(RESULTS, `${name}.log`),
    env: { ...process.env, FORCE_COLOR: '0', TMPDIR: TEMPORARY },
    onLine: (line) => {
      if (!line.startsWith('{"num')) { output += `${line}\n`; }
    },
  });
  return { code: run.code, output, time: seconds(began) };
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
