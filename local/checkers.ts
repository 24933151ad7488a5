import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkov } from './checkers/checkov';
import { ensureLibrary } from './compare/library';
import { mustRun, runCommand } from './process/command';
import { LOCAL, ROOT } from './process/paths';
import { ensureVenv } from './process/venv';
import { Steps } from './steps';

const WORK = join(LOCAL, 'checkers');
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
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  const steps = new Steps();
  const results: boolean[] = [];

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
    await steps.run(`${name}, on the npm package`, async () => {
      const tarball = readdirSync(WORK).find((file) => file.endsWith('.tgz'))!;
      const check = await runCommand(join(WORK, 'node_modules', '.bin', name), [...args, tarball], {
        cwd: WORK,
        env: process.env,
        log: LOG,
      });
      results.push(report(steps, check.code === 0, check.output));
    });
  }

  const output = join(WORK, 'cdk.out');
  await steps.run('aws-cdk\'s validation as errors, cdk-nag 3 (AwsSolutions, Serverless)', async () => {
    const synth = await runCommand(process.execPath, ['app.cjs', output], { cwd: WORK, env: process.env, log: LOG });
    results.push(report(steps, synth.code === 0 && !/^(ERROR|WARNING)/m.test(synth.output), synth.output));
  });

  await steps.run('cfn-lint', async () => {
    const venv = await ensureVenv({ name: 'cfn-lint', packages: [CFN_LINT] }, LOG);
    const templates = readdirSync(output)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => join(output, file));
    const lint = await runCommand(
      venv.python,
      [
        '-c',
        'from cfnlint.runner import main; main()',
        '--ignore-checks',
        ...CFN_LINT_IGNORED,
        '--template',
        ...templates,
      ],
      { env: process.env, log: LOG },
    );
    results.push(report(steps, lint.code === 0, lint.output));
  });

  await steps.run('checkov, on repositories: the default, the hardened one, the one for pipelines', async () => {
    const problems = await checkov(output, LOG);
    results.push(report(steps, problems.length === 0, problems.join('\n')));
  });

  await steps.run('moto\'s validator, on the lifecycle policies that expire', async () => {
    const venv = await ensureVenv({ name: 'moto', packages: [MOTO] }, LOG);
    const lifecycle = await runCommand(
      venv.python,
      [join(ROOT, 'local', 'checkers', 'lifecycle.py'), join(output, 'RepositoryLifecycles.template.json')],
      { env: process.env, log: LOG },
    );
    results.push(report(steps, lifecycle.code === 0, lifecycle.output));
  });

  const failed = results.filter((clean) => !clean).length;
  console.log(`\n${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function report(steps: Steps, clean: boolean, output: string): boolean {
  // Node quotes the line that threw, which in aws-cdk's minified files is the whole file.
  steps.report(clean ? 'clean' : output.trim().split('\n').filter((line) => line.length < 1000).join('\n'));
  return clean;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
