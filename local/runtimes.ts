import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readJestResults } from './jest-results';
import { mustRun, runCommand } from './process/command';
import { LOCAL, ROOT, toolScript } from './process/paths';
import { installedPythons } from './process/venv';
import { runOf, writeSection } from './servers/results';
import { seconds } from './steps';

const WORK = join(LOCAL, 'runtimes');
const LOG = join(WORK, 'log');

/** Lambda runs the handler on 24; the library and its tools support all three. */
const NODE_MAJORS = [20, 22, 24];
/**
 * Releases of aws-cdk-lib beside the one in node_modules, which is the oldest that the library supports. Exact, so that
 * a new one is a decision.
 */
const NEWEST_CDK = ['aws-cdk-lib@2.276.0', 'constructs@10.8.1'];

/**
 * Recommended flags that the unit tests run without. Three change only the form of a template: literal partitions,
 * sorted and merged statements, and cross-stack references without exports. The fourth validates whole templates and
 * refuses aws-cdk's own dummies of context look-ups, and the partial stacks of tests: `npm run checkers` runs it on
 * whole apps.
 */
const LEFT_OUT_FLAGS = [
  '@aws-cdk/core:enablePartitionLiterals',
  '@aws-cdk/aws-iam:minimizePolicies',
  '@aws-cdk/core:defaultCrossStackReferences',
  '@aws-cdk/core:validateAgainstDefaultRules',
];

const HANDLER_TESTS = ['test/handler', 'test/contract'];
const CONSTRUCT_TESTS = [
  'container-registry',
  'ecr-registry',
  'ecr-repository',
  'iam',
  'private',
  'server',
  'zenml',
].map((room) => `test/${room}/`);

interface Row {
  readonly what: string;
  readonly tests: string;
  readonly passed: number;
  readonly failed: number;
  readonly note: string;
}

interface JestRun {
  readonly node?: string;
  readonly config?: object;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * `npm run test:runtimes [-- --write]`: the unit tests on other versions of Node.js and of aws-cdk-lib, as one table.
 */
async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--write');
  if (unknown !== undefined) {
    throw new Error(`npm run test:runtimes does not know "${unknown}": its only option is --write`);
  }
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(WORK, { recursive: true });
  const rows: Row[] = [];
  const add = async (row: Promise<Row>) => {
    const done = await row;
    console.log(`${done.what}: ${done.passed} passed, ${done.failed} failed${done.note ? `, ${done.note}` : ''}`);
    rows.push(done);
  };
  for (const major of NODE_MAJORS) { await add(onNode(major)); }
  for (const cdk of [await oldestCdk(), await newestCdk()]) {
    for (const flags of [false, true]) { await add(onCdk(cdk, flags)); }
  }
  const table = [
    ['runtime', 'tests', 'passed', 'failed', 'note'], ['---', '---', '---', '---', '---'],
    ...rows.map((row) => [row.what, row.tests, String(row.passed), String(row.failed), row.note]),
  ].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const pythons = installedPythons();
  const python = `Python for the local services: ${pythons.join(', ')} on the machine of this run (3.10 to 3.13 are supported).`;
  console.log(`\n${table}\n\n${python}`);
  const failed = rows.reduce((sum, row) => sum + row.failed, 0);
  if (args.includes('--write')) {
    writeSection('runtimes', `Last run: ${runOf(new Date())}.\n\n${table}\n\n${python}`);
  }
  console.log(`\n${rows.reduce((sum, row) => sum + row.passed, 0)} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The handler's tests on the newest release of a major version of Node.js, which the npm package `node` contains. */
async function onNode(major: number): Promise<Row> {
  const what = `Node.js ${major}`;
  const tests = 'handler and contract';
  if (process.versions.node.startsWith(`${major}.`)) {
    return { what: `${what} (${process.versions.node})`, tests, ...(await jest(HANDLER_TESTS, {})) };
  }
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(WORK, `node-${major}`);
  const installed = await install(folder, [`${name}@${major}`]);
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (!installed || !existsSync(node)) {
    return { what, tests, passed: 0, failed: 0, note: `not tested: npm has no ${name}@${major} for this machine` };
  }
  const version = (await mustRun(`${what} --version`, node, ['--version'], { env: process.env })).stdout
    .trim()
    .slice(1);
  return { what: `${what} (${version})`, tests, ...await jest(HANDLER_TESTS, { node }) };
}

interface Cdk {
  readonly version: string;
  /** Folder with node_modules; absent: the one of the checkout. */
  readonly folder?: string;
}

async function oldestCdk(): Promise<Cdk> {
  return { version: versionOf('aws-cdk-lib', ROOT) };
}

async function newestCdk(): Promise<Cdk> {
  const folder = join(WORK, 'cdk');
  if (!(await install(folder, NEWEST_CDK))) {
    throw new Error(`npm cannot install ${NEWEST_CDK.join(' and ')}: check the network (log: ${LOG})`);
  }
  return { version: versionOf('aws-cdk-lib', folder), folder };
}

interface CdkFlags {
  readonly FLAGS: Record<string, { readonly recommendedValue: unknown }>;
  readonly CURRENT_VERSION_EXPIRED_FLAGS: readonly string[];
}

/**
 * The tests of the constructs; `flags`: with aws-cdk's feature flags at their recommended values, as a new app has
 * them.
 */
async function onCdk({ version, folder }: Cdk, flags: boolean): Promise<Row> {
  const { FLAGS, CURRENT_VERSION_EXPIRED_FLAGS: expired } = createRequire(join(folder ?? ROOT, 'x.js'))(
    'aws-cdk-lib/cx-api',
  ) as CdkFlags;
  // Flags of version 1 are errors in version 2.
  const current = Object.entries(FLAGS).filter(([name]) => !expired.includes(name) && !LEFT_OUT_FLAGS.includes(name));
  const context = Object.fromEntries(current.map(([name, flag]) => [name, flag.recommendedValue]));
  const config = folder === undefined ? undefined : {
    moduleNameMapper: { '^(aws-cdk-lib|constructs)(/.*)?$': `${folder}/node_modules/$1$2` },
  };
  return {
    what: `aws-cdk-lib ${version}, ${flags ? 'the recommended feature flags' : 'no feature flags'}`,
    tests: 'constructs',
    ...await jest(CONSTRUCT_TESTS, { config, env: flags ? { CDK_CONTEXT_JSON: JSON.stringify(context) } : {} }),
  };
}

async function jest(
  folders: string[],
  { node = process.execPath, config, env }: JestRun,
): Promise<Pick<Row, 'passed' | 'failed' | 'note'>> {
  const began = Date.now();
  const results = join(WORK, 'results.json');
  rmSync(results, { force: true });
  const { jest: base } = createRequire(join(ROOT, 'x.js'))('./package.json') as { jest: object };
  const file = join(WORK, 'jest.config.json');
  writeFileSync(file, JSON.stringify({ ...base, rootDir: ROOT, ...config }));
  await runCommand(
    node,
    [toolScript('jest'), '-c', file, ...folders, '--ci', '--coverage=false', '--json', `--outputFile=${results}`],
    {
      cwd: ROOT,
      log: LOG,
      env: { ...process.env, ...env, FORCE_COLOR: '0' },
    },
  );
  const { count, failures } = readJestResults(results, ROOT);
  if (failures) {
    console.log(failures);
  }
  return { ...count, note: seconds(began) };
}

async function install(folder: string, packages: string[]): Promise<boolean> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const result = await runCommand('npm', ['install', '--no-audit', '--no-fund', ...packages], {
    cwd: folder,
    env: process.env,
    log: LOG,
  });
  return result.code === 0;
}

function versionOf(name: string, folder: string): string {
  return (createRequire(join(folder, 'x.js'))(`${name}/package.json`) as { version: string }).version;
}

main(process.argv.slice(2)).then((code) => process.exit(code), (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
