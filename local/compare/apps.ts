import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { floorOf, jsiiVersion, Library, WORK } from './library';
import { Case, casesOf, cdkJson, folderOf, OtherLanguage, scenariosOf } from './scenarios';
import { readSynthesis, Synthesis, synthesize, withoutMachine } from './synthesis';
import { mustRun } from '../process/command';
import { ROOT } from '../process/paths';
import { ensureVenv } from '../process/venv';

/** Synthesizes the cases of one language. */
export type Synthesizer = (one: Case) => Promise<Synthesis>;

/** TypeScript's examples find the library in `src` (examples/typescript/tsconfig.json). */
export function typescript({ scenario, context }: Case): Promise<Synthesis> {
  return synthesize(folderOf('typescript', scenario), { context });
}

/**
 * Makes all ready that apps of the language need: the lowest aws-cdk-lib that the library supports, and the library.
 */
export async function prepare(language: OtherLanguage, library: Library, log: string): Promise<Synthesizer> {
  return { python, java, go }[language](library, log);
}

/**
 * No installation of the library: the generated package is importable where it lies. All cases in one process, see
 * apps.py.
 */
async function python(library: Library, log: string): Promise<Synthesizer> {
  const packages = [
    `aws-cdk-lib==${floorOf('aws-cdk-lib')}`,
    `constructs==${floorOf('constructs')}`,
    `jsii==${jsiiVersion()}`,
  ];
  const venv = await ensureVenv({ name: 'examples', packages }, log);
  const outputs = join(WORK, 'python');
  rmSync(outputs, { recursive: true, force: true });
  const runs = scenariosOf('python').flatMap(casesOf).map(({ scenario, title, context }) => {
    const folder = folderOf('python', scenario);
    const out = join(outputs, title);
    mkdirSync(out, { recursive: true });
    return { folder, out, context: { ...cdkJson(folder).context, ...context } };
  });
  const list = join(outputs, 'runs.json');
  writeFileSync(list, JSON.stringify(runs));
  await mustRun('running the Python examples', venv.python, [join(ROOT, 'local', 'compare', 'apps.py'), list], {
    env: withoutMachine({ PYTHONPATH: join(library.folder, 'python', 'src'), PYTHONDONTWRITEBYTECODE: '1' }), log,
  });
  return async ({ title }) => {
    const error = join(outputs, title, 'error');
    if (existsSync(error)) { throw new Error(readFileSync(error, 'utf8')); }
    return readSynthesis(join(outputs, title));
  };
}

/** The library goes into a Maven repository made for this run, never into the user's. */
async function java(library: Library, log: string): Promise<Synthesizer> {
  need('mvn', ['--version'], 'Maven and a JDK of 17 or newer');
  const env = { MAVEN_OPTS: `-Dmaven.repo.local=${join(WORK, 'maven')}` };
  const folder = join(library.folder, 'java');
  const installed = join(folder, 'installed');
  if (!existsSync(installed)) {
    // Maven would take the newest of a range, and load it beside the one that the app names.
    const pom = join(folder, 'pom.xml');
    writeFileSync(
      pom,
      readFileSync(pom, 'utf8').replace(/<version>\[([^,\]]+),[^)]*\)<\/version>/g, '<version>$1</version>'),
    );
    await mustRun(
      'compiling the Java package',
      'mvn',
      ['--quiet', '--batch-mode', 'install', '-Dmaven.javadoc.skip=true', '-Dmaven.source.skip=true'],
      { cwd: folder, env: { ...process.env, ...env }, log },
    );
    writeFileSync(installed, '');
  }
  return ({ scenario, context }) => synthesize(copyOf('java', scenario), { context, env });
}

/** Go finds the generated module by a `replace`, as it would find a fork. */
async function go(library: Library, _log: string): Promise<Synthesizer> {
  need('go', ['version'], 'Go 1.25 or newer');
  return ({ scenario, context }) => {
    const folder = copyOf('go', scenario);
    appendFileSync(
      join(folder, 'go.mod'),
      `\nreplace github.com/cdk-zenml/cdk-zenml-go/cdkzenml => ${join(library.folder, 'go', 'cdkzenml')}\n`,
    );
    return synthesize(folder, { context });
  };
}

/** The tools write beside the sources: they run in a copy, so that the examples stay as they are. */
function copyOf(language: OtherLanguage, scenario: string): string {
  const copy = join(WORK, 'apps', language, scenario);
  rmSync(copy, { recursive: true, force: true });
  cpSync(folderOf(language, scenario), copy, { recursive: true });
  return copy;
}

function need(command: string, args: string[], what: string): void {
  if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) {
    throw new Error(
      `${what} is needed, but \`${command} ${args.join(' ')}\` fails: install it, or name the languages to compare (npm run examples -- python)`,
    );
  }
}
