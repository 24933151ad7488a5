import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { lastLines, mustRun, runCommand } from '../../process/command';
import { ROOT, toolScript } from '../../process/paths';
import { Check } from '../checks';
import { Library } from '../library';
import { Template, withoutMachine } from '../synthesis';

/** The name that the README gives the app, by which the CDK command line names its files. */
const APP = 'zenml-registry';

/**
 * What the README tells a new user, from an empty folder to a template: `cdk init`, the packed library, and the program
 * of the README as it stands, with the newest aws-cdk-lib.
 */
export const NEW_USER: Check[] = [
  { title: 'TypeScript: cdk init, synth', run: typescript },
  { title: 'TypeScript: every type', run: everyType },
  { title: 'TypeScript: deploy without AWS', run: deployWithoutAws },
  { title: 'Python: cdk init, synth', run: python },
];

let typescriptApp: Promise<App> | undefined;

interface App {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Type of each resource by logical id. */
  readonly resources: Record<string, string>;
}

async function typescript(_library: Library, log: string): Promise<string> {
  const { resources } = await (typescriptApp ??= makeTypescriptApp(log));
  return `${Object.keys(resources).length} resources`;
}

/** An app that sets `skipLibCheck` to false compiles the library's declarations against its own aws-cdk-lib. */
async function everyType(_library: Library, log: string): Promise<string> {
  const { folder, env } = await (typescriptApp ??= makeTypescriptApp(log));
  const { output } = await runCommand('npx', ['tsc', '--noEmit', '--skipLibCheck', 'false'], { cwd: folder, env, log });
  const faults = output.split('\n').filter((line) => line.includes('cdk-zenml/') || line.startsWith('lib/'));
  if (faults.length > 0) { throw new Error(`the declarations of the package have faults:\n${faults.join('\n')}`); }
  return 'no fault without skipLibCheck';
}

/** As far as it goes without an account: the app is synthesized, and the command line says what it needs. */
async function deployWithoutAws(_library: Library, log: string): Promise<string> {
  const { folder, env } = await (typescriptApp ??= makeTypescriptApp(log));
  const { code, output } = await runCommand('npx', ['aws-cdk', 'deploy'], { cwd: folder, env, log });
  if (code !== 1 || !/Unable to resolve AWS account|credentials/.test(output)) {
    throw new Error(`the command line should ask for an account (exit code ${code}):\n${lastLines(output, 15)}`);
  }
  return 'asks for an account';
}

async function python(library: Library, log: string): Promise<string> {
  const { folder, env } = await init('python', log);
  // As `. .venv/bin/activate` does.
  const activated = { ...env, VIRTUAL_ENV: join(folder, '.venv'), PATH: [join(folder, '.venv', 'bin'), env.PATH].join(delimiter) };
  const sources = join(library.folder, 'python');
  const install = ['install', '--quiet', '--disable-pip-version-check', '-r', 'requirements.txt', sources];
  await mustRun('pip install', 'pip', install, { cwd: folder, env: activated, log });
  writeFileSync(join(folder, 'zenml_registry', 'zenml_registry_stack.py'), programOf('python'));
  const resources = await synth(folder, activated, log);
  const expected = (await (typescriptApp ??= makeTypescriptApp(log))).resources;
  if (JSON.stringify(resources) !== JSON.stringify(expected)) {
    throw new Error(`the resources differ from TypeScript's: ${JSON.stringify(resources)} | ${JSON.stringify(expected)}`);
  }
  return `${Object.keys(resources).length} resources, those of TypeScript`;
}

async function makeTypescriptApp(log: string): Promise<App> {
  const { folder, env } = await init('typescript', log);
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  await mustRun('npm pack', 'npm', ['pack', '--ignore-scripts', '--pack-destination', packed, ROOT], { env: process.env, log });
  const tarball = join(packed, readdirSync(packed)[0]!);
  await mustRun('npm install', 'npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder, env, log });
  writeFileSync(join(folder, 'lib', 'zenml-registry-stack.ts'), programOf('ts'));
  return { folder, env, resources: await synth(folder, env, log) };
}

/** Outside the checkout, whose packages an app would find as well. */
async function init(language: 'typescript' | 'python', log: string): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
  const parent = mkdtempSync(join(tmpdir(), 'cdk-zenml-new-user-'));
  process.once('exit', () => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, APP);
  mkdirSync(folder);
  const env = withoutAws(parent);
  await mustRun('cdk init', process.execPath, [toolScript('cdk'), 'init', 'app', '--language', language], { cwd: folder, env, log });
  return { folder, env };
}

/** What the command line would take for an account, and the version that this command runs under npm. */
function withoutAws(parent: string): NodeJS.ProcessEnv {
  const kept = Object.entries(withoutMachine({})).filter(([name]) => !name.startsWith('AWS_') && !name.startsWith('npm_package'));
  return {
    ...Object.fromEntries(kept),
    AWS_CONFIG_FILE: join(parent, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(parent, 'none'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

async function synth(folder: string, env: NodeJS.ProcessEnv, log: string): Promise<Record<string, string>> {
  await mustRun('cdk synth', process.execPath, [toolScript('cdk'), 'synth', '--quiet'], { cwd: folder, env, log });
  const template = JSON.parse(
    readFileSync(join(folder, 'cdk.out', 'ZenmlRegistryStack.template.json'), 'utf8'),
  ) as Template;
  return Object.fromEntries(
    Object.entries(template.Resources).map(([id, { Type }]) => [id, Type] as const).filter(([id]) => id !== 'CDKMetadata').sort(),
  );
}

/** The first program of a language in the README. */
function programOf(language: 'ts' | 'python'): string {
  return new RegExp(`\`\`\`${language}[^\n]*\n([\\s\\S]*?)\`\`\``).exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))![1]!;
}
