import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Count, readJestResults } from './jest-results';
import { lastLines, runCommand } from './process/command';
import { LOCAL, ROOT, toolScript } from './process/paths';
import { ensureServerVenv, OLDEST_SUPPORTED } from './servers/zenml-versions';
import { ensureAwsVenv } from './services/aws';
import { ensureZenmlVenv } from './services/zenml';
import { seconds } from './steps';

const RESULTS = join(LOCAL, 'test');
const OUTPUT_LINES = 120;

/** `npm test`: everything that does not need minutes, cheapest first. Every part runs, whatever failed before it. */
async function main(args: string[]): Promise<void> {
  if (args.length > 0) { throw new Error(`npm test takes no arguments, got: ${args.join(' ')} (to run one file: npx jest test/that.test.ts)`); }
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });
  // pip waits for the network most of the time, so it works beside the other parts; the live pass uses (or reports) the outcome.
  const venvs = Promise.allSettled([
    ensureAwsVenv(join(RESULTS, 'ministack-venv.log')),
    ensureZenmlVenv(join(RESULTS, 'zenml-venv.log')),
    ensureServerVenv(OLDEST_SUPPORTED, join(RESULTS, 'oldest-zenml-venv.log')),
  ]);

  const total: Count = { passed: 0, failed: 0 };
  const add = ({ passed, failed }: Count) => { total.passed += passed; total.failed += failed; };
  add(await part('bundle', 'the custom resource handler', [toolScript('projen'), 'bundle']));
  add(await part('types', 'sources, handler, tests, local services, bench, examples', [toolScript('projen'), 'typecheck']));
  add(await part('lint', 'eslint', [toolScript('projen'), 'eslint']));
  add(await jest('unit', 'unit and template tests', []));
  await venvs;
  add(await jest('live', 'local AWS + ZenML server: deploy, update, roll back, destroy', ['-c', join('test', 'live', 'jest.config.js')]));
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

/** A part that passes or fails as a whole. */
async function part(name: string, what: string, args: string[]): Promise<Count> {
  const run = await timed(name, what, args);
  console.log(run.code === 0 ? `ok, ${run.time}` : `FAILED, ${run.time}\n${lastLines(run.output, OUTPUT_LINES)}`);
  return run.code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function jest(name: string, what: string, args: string[]): Promise<Count> {
  const results = join(RESULTS, `${name}.json`);
  const run = await timed(name, what, [toolScript('jest'), ...args, '--ci', '--coverage=false', '--json', `--outputFile=${results}`]);
  const { count, failures } = readJestResults(results, ROOT);
  // jest can fail though no test did: none was found, or a set-up or tear-down threw.
  if (run.code !== 0 && count.failed === 0) { count.failed = 1; }
  console.log(`${run.code === 0 ? 'ok' : 'FAILED'}, ${count.passed} passed, ${count.failed} failed, ${run.time}`);
  if (run.code !== 0) { console.log(failures || lastLines(run.output, OUTPUT_LINES)); }
  return count;
}

async function timed(name: string, what: string, args: string[]) {
  process.stdout.write(`${name.padEnd(7)}${what} ... `);
  const began = Date.now();
  // `--json` prints the results as well; only what jest tells people (standard error) is worth showing.
  let output = '';
  const run = await runCommand(process.execPath, args, {
    cwd: ROOT,
    log: join(RESULTS, `${name}.log`),
    env: { ...process.env, FORCE_COLOR: '0' },
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
