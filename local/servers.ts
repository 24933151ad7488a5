import { mustRun } from './process/command';
import { ROOT, toolScript } from './process/paths';
import { Run } from './process/run';
import { Venv } from './process/venv';
import { databaseRestart, greatestSizes, newerFeatures, severalAtOnce, similarNames } from './servers/limit-steps';
import { Database, ServerRegistration } from './servers/registration';
import { resultTable, Row, runOf, StepResult, writeSection } from './servers/results';
import { makeServerIdentity, ServerIdentity } from './servers/server-identity';
import {
  changeOfMethod,
  create,
  deleteAll,
  failingUpdate,
  rename,
  rotation,
  unchanged,
  update,
  verify,
} from './servers/steps';
import { adoption, attachment, detach, guardedDelete } from './servers/steps-with-others';
import { compareVersions, ensureServerVenv, minorOf, newestPatches, releasesOnPypi } from './servers/zenml-versions';
import { ensureAwsVenv, LocalAws } from './services/aws';
import { findMariaDb, INSTALL_MARIADB, MariaDb } from './services/mariadb';
import { ZenmlServer } from './services/zenml';
import { seconds } from './steps';

/** A step returns `false` where it does not apply to the server or its database. */
const STEPS: Record<string, (on: ServerRegistration) => Promise<void | false>> = {
  create,
  verify,
  unchanged,
  update,
  rotation,
  'change of method': changeOfMethod,
  rename,
  adoption,
  attachment,
  'failing update': failingUpdate,
  'guarded delete': guardedDelete,
  detach,
  'newer features': newerFeatures,
  'similar names': similarNames,
  'greatest sizes': greatestSizes,
  'several at once': severalAtOnce,
  'database restart': databaseRestart,
  'delete': deleteAll,
};

const USAGE = `npm run test:servers [-- version ...] [--write]

  version   0.85.0, or 0.85 for its newest patch, or floor, or newest; without any: the newest patch of each minor release from the floor on
  --write   put the table into docs/compatibility.md (only with all versions)`;

interface Arguments {
  readonly versions: readonly string[];
  readonly write: boolean;
}

interface Plan {
  readonly version: string;
  readonly database: Database;
}

interface Surroundings {
  readonly run: Run;
  readonly aws: LocalAws;
  readonly identity: ServerIdentity;
  readonly mariadb?: MariaDb;
}

/** `npm run test:servers`: the steps of a registration on ZenML servers of many releases. */
async function main(args: string[]): Promise<number> {
  const { versions, write } = parse(args);
  const plans = await planned(versions);
  if (!findMariaDb()) { console.log(`MariaDB is not on this machine, so only SQLite is tested: ${INSTALL_MARIADB}`); }
  await mustRun('bundling', process.execPath, [toolScript('projen'), 'bundle'], { cwd: ROOT, env: process.env });

  const run = await Run.create();
  const aws = await LocalAws.start(run, await ensureAwsVenv(run.log('ministack-venv')));
  const mariadb = plans.some((plan) => plan.database === 'MariaDB') ? await MariaDb.start(run) : undefined;
  const surroundings: Surroundings = { run, aws, identity: await makeServerIdentity(aws), mariadb };
  const rows: Row[] = [];
  let venv = prepared(run, plans[0]!);
  for (const [index, plan] of plans.entries()) {
    const ready = await venv;
    const next = plans[index + 1];
    // pip waits for the network most of the time, so it works beside the steps.
    if (next) { venv = prepared(run, next); }
    rows.push(await live(surroundings, plan, ready));
  }
  const table = resultTable(Object.keys(STEPS), rows);
  console.log(`\n${table}`);
  const count = (outcome: StepResult['outcome']) =>
    rows.flatMap((row) => row.steps).filter((step) => step.outcome === outcome).length;
  if (write) {
    const database = mariadb ? `MariaDB ${mariadb.version}` : 'no MariaDB on the machine';
    writeSection(
      'servers',
      `Last whole run: ${runOf(new Date())}, ${database}.\n\n${table}\n\n${count('passed')} passed, ${count('failed')} failed.`,
    );
  }
  // The logs of servers that failed stay for a look.
  if (count('failed') === 0) { await run.end(); } else { console.log(`\nlogs: ${run.logs}`); }
  console.log(`\n${count('passed')} passed, ${count('failed')} failed`);
  return count('failed') === 0 ? 0 : 1;
}

function parse(args: string[]): Arguments {
  const versions = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  const unknown =
    options.find((option) => option !== '--write')
    ?? versions.find((version) => !/^(floor|newest|\d+\.\d+(\.\d+)?)$/.test(version));
  if (unknown !== undefined) { throw new Error(`npm run test:servers does not know "${unknown}".\n\n${USAGE}`); }
  const write = options.includes('--write');
  if (write && versions.length > 0) {
    throw new Error('--write puts a whole run into docs/compatibility.md: leave the versions out');
  }
  return { versions, write };
}

/** Each version on SQLite; the oldest and the newest that there are on MariaDB as well. */
async function planned(words: readonly string[]): Promise<Plan[]> {
  const areComplete = words.length > 0 && words.every((word) => /^\d+\.\d+\.\d+$/.test(word));
  const all = areComplete ? [...words].sort(compareVersions) : newestPatches(await releasesOnPypi());
  const versions =
    words.length === 0 || areComplete ? all : words.map((word) => resolve(word, all)).sort(compareVersions);
  const hasMariaDb = findMariaDb() !== undefined;
  return versions.flatMap((version): Plan[] => [
    { version, database: 'SQLite' },
    ...(hasMariaDb && (version === all[0] || version === all[all.length - 1])
      ? [{ version, database: 'MariaDB' } as const]
      : []),
  ]);
}

function resolve(word: string, all: readonly string[]): string {
  if (word === 'floor') { return all[0]!; }
  if (word === 'newest') { return all[all.length - 1]!; }
  if (/^\d+\.\d+\.\d+$/.test(word)) { return word; }
  const found = all.find((version) => minorOf(version) === word);
  if (!found) {
    throw new Error(
      `there is no release ${word} of ZenML from ${all[0]} on; there are ${all.map(minorOf).join(', ')}: name one of these`,
    );
  }
  return found;
}

async function prepared(run: Run, { version }: Plan): Promise<Venv | Error> {
  return ensureServerVenv(version, run.log(`venv-${version}`)).catch((error: Error) => error);
}

async function live(
  { run, aws, identity, mariadb }: Surroundings,
  { version, database }: Plan,
  venv: Venv | Error,
): Promise<Row> {
  console.log(`\nZenML ${version} on ${database}`);
  const began = Date.now();
  const name = `life-${version.replace(/\./g, '-')}-${database.toLowerCase()}`;
  const results: StepResult[] = [];
  let zenml: ZenmlServer | undefined;
  let registration: ServerRegistration | undefined;
  try {
    if (venv instanceof Error) {
      throw venv;
    }
    const databaseUrl = database === 'MariaDB' ? mariadb!.url(name.replace(/-/g, '_')) : undefined;
    zenml = await ZenmlServer.start(run, venv, aws, {
      name,
      implicitAuthentication: true,
      awsIdentity: identity.credentials,
      databaseUrl,
    });
    const restartDatabase = database === 'MariaDB' ? async () => mariadb!.restart() : undefined;
    registration = await ServerRegistration.begin(
      { aws, zenml, identity, database, version, restartDatabase },
      name,
      run.directory('stacks'),
    );
    console.log(`  started ${seconds(began)}`);
    for (const [step, work] of Object.entries(STEPS)) {
      results.push(await stepped(step, async () => work(registration!)));
    }
  } catch (error) {
    const reason = `the server could not be tested: ${(error as Error).message}`;
    console.log(`  FAILED  ${reason}`);
    for (const step of Object.keys(STEPS).slice(results.length)) {
      results.push({ step, outcome: 'failed', reason });
    }
  }
  await registration?.end();
  await zenml?.stop();
  return { version, database, steps: results, seconds: (Date.now() - began) / 1000 };
}

async function stepped(step: string, work: () => Promise<void | false>): Promise<StepResult> {
  const began = Date.now();
  try {
    const outcome = await work() === false ? 'not applicable' : 'passed';
    console.log(`  ${outcome === 'passed' ? 'ok    ' : '-     '}  ${step} ${seconds(began)}`);
    return { step, outcome };
  } catch (error) {
    console.log(`  FAILED  ${step} ${seconds(began)}\n          ${(error as Error).message}`);
    return { step, outcome: 'failed', reason: (error as Error).message };
  }
}

// Exits at once: services of a run that failed would keep the process alive, and `exit` stops them.
main(process.argv.slice(2)).then((code) => process.exit(code), (error: Error) => {
  console.error(error.message);
  process.exit(1);
});
