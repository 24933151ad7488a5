import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkov } from './checkers/checkov';
import { ensureLibrary } from './compare/library';
import { mustRun, runCommand } from './process/command';
import { LOCAL, ROOT } from './process/paths';
import { ensureVenv } from './process/venv';
import { Steps } from './steps';

mkdirSync(LOCAL, { recursive: true });
/** Of this run alone: a second run beside it must not delete what a tool of the first is reading. */
const WORK = mkdtempSync(join(LOCAL, 'checkers-'));
const LOG = join(WORK, 'log');

/**
 * Newer than the library's floor on purpose: cdk-nag 3 and aws-cdk's own validation need it. Exact, so that a new rule
 * is a decision.
 */
const PACKAGES = ['aws-cdk-lib@2.276.0', 'constructs@10.8.1', 'cdk-nag@3.0.2'];
const CFN_LINT = 'cfn-lint==1.51.0';
const MOTO = 'moto[ecr]==5.2.5';

/** Whether the npm package can be loaded: its fields, and its types with each kind of module resolution. */
const PACKAGE_CHECKERS = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];

/** W3005: aws-cdk writes DependsOn beside references that say the same. */
const CFN_LINT_IGNORED = ['W3005'];

/**
 * `npm run checkers`: what aws-cdk's validation, cdk-nag, cfn-lint, checkov and moto say of the packed library's
 * templates, on the newest aws-cdk-lib.
 */
async function main(): Promise<void> {
  const steps = new Steps();
  const results: boolean[] = [];
  /** A tool that cannot be run is a failure of its step, and the others run all the same. */
  const check = (title: string, work: () => Promise<Finding>) => steps.run(title, async () => {
    const { clean, output } = await work().catch((error: Error) => ({ clean: false, output: error.message }));
    report(steps, clean, output);
    results.push(clean);
  });

  await steps.run('Pack the library and install it beside the newest aws-cdk-lib and cdk-nag', async () => {
    await ensureLibrary(LOG);
    const options = { cwd: WORK, env: process.env, log: LOG };
    await mustRun('npm pack', 'npm', ['pack', ROOT, '--pack-destination', WORK], options);
    const tarball = readdirSync(WORK).find((file) => file.endsWith('.tgz'))!;
    writeFileSync(join(WORK, 'package.json'), '{"private":true}');
    await mustRun(
      'npm install',
      'npm',
      ['install', '--no-audit', '--no-fund', `./${tarball}`, ...PACKAGES, ...PACKAGE_CHECKERS],
      options,
    );
    copyFileSync(join(ROOT, 'local', 'checkers', 'app.cjs'), join(WORK, 'app.cjs'));
  });

  for (const [name, args] of [['publint', ['run', '--strict']], ['attw', []]] as const) {
    await check(`${name}, on the npm package`, async () => {
      const tarball = readdirSync(WORK).find((file) => file.endsWith('.tgz'))!;
      return run(join(WORK, 'node_modules', '.bin', name), [...args, tarball]);
    });
  }

  const output = join(WORK, 'cdk.out');
  await check('aws-cdk\'s validation as errors, cdk-nag 3 (AwsSolutions, Serverless)', async () => {
    const synth = await run(process.execPath, ['app.cjs', output]);
    return { ...synth, clean: synth.clean && !/^(ERROR|WARNING)/m.test(synth.output) };
  });

  await check('cfn-lint', async () => {
    const venv = await ensureVenv({ name: 'cfn-lint', packages: [CFN_LINT] }, LOG);
    const templates = readdirSync(output)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => join(output, file));
    const script = 'from cfnlint.runner import main; main()';
    return run(venv.python, ['-c', script, '--ignore-checks', ...CFN_LINT_IGNORED, '--template', ...templates]);
  });

  await check('checkov, on repositories: the default, the hardened one, the one for pipelines', async () => {
    const problems = await checkov(output, LOG);
    return { clean: problems.length === 0, output: problems.join('\n') };
  });

  await check('moto\'s validator, on the lifecycle policies that expire', async () => {
    const venv = await ensureVenv({ name: 'moto', packages: [MOTO] }, LOG);
    const script = join(ROOT, 'local', 'checkers', 'lifecycle.py');
    return run(venv.python, [script, join(output, 'RepositoryLifecycles.template.json')]);
  });

  const failed = results.filter((clean) => !clean).length;
  console.log(`\n${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
  // What failed stays, less the packages, which are large.
  rmSync(failed === 0 ? WORK : join(WORK, 'node_modules'), { recursive: true, force: true });
  if (failed > 0) { console.log(`Whole output: ${LOG}`); }
}

interface Finding {
  readonly clean: boolean;
  readonly output: string;
}

async function run(command: string, args: string[]): Promise<Finding> {
  const { code, output } = await runCommand(command, args, { cwd: WORK, env: process.env, log: LOG });
  return { clean: code === 0, output: code === 0 ? output : `exit code ${code}\n${output}` };
}

function report(steps: Steps, clean: boolean, output: string): void {
  // Node quotes the line that threw, which in aws-cdk's minified files is the whole file.
  steps.report(clean ? 'clean' : output.trim().split('\n').filter((line) => line.length < 1000).join('\n'));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
