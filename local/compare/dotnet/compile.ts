import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, runCommand } from '../../process/command';
import { Library, WORK } from '../library';
import { Assembly, readAssembly } from './assembly';
import { assemblyFile } from './package';
import { filesOf, parse } from './sources';
import { Stubs } from './stubs';

const FOLDER = join(WORK, 'dotnet');
const LOWERED = join(FOLDER, 'lowered');
const [STUBS, LIBRARY] = [join(FOLDER, 'stubs.dll'), join(FOLDER, 'library.dll')];
const NAME_OF_DEPENDENCY = /\b(?:Amazon\.CDK|Constructs)\.[\w.]+/g;
/** What the program of the README uses of aws-cdk-lib, beside what the generated code does. */
const OF_PROGRAMS = ['Amazon.CDK.Stack', 'Amazon.CDK.IStackProps', 'Amazon.CDK.AWS.SecretsManager.Secret'];
/** What the generated project makes errors of, and silences. */
const OPTIONS = ['-target:library', '-warnaserror+:108,109', '-nowarn:612,618'];

/** Mono's compiler is of Debian and others; it knows C# 7, which today's generated code is not. */
export function hasCompiler(): boolean {
  return spawnSync('mcs', ['--version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Compiles the generated code against declarations of aws-cdk-lib, constructs and jsii's runtime, after it was written
 * in C# 7 (csharp.py). Resolves with the number of files.
 */
export async function compileLibrary(library: Library, assembly: Assembly, log: string): Promise<number> {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const dependencies = (['aws-cdk-lib', 'constructs'] as const).map((name) => readAssembly(assemblyFile(name)));
  const files = filesOf(library);
  const valueTypes = new Stubs([...dependencies, assembly]).enums();
  await parse(files, log, { folder: LOWERED, valueTypes });
  const used = new Set([...OF_PROGRAMS, ...Object.values(files).flatMap((file) => readFileSync(file, 'utf8').match(NAME_OF_DEPENDENCY) ?? [])]);
  writeFileSync(join(FOLDER, 'stubs.cs'), new Stubs(dependencies).write((name) => used.has(name)));
  await mcs([...OPTIONS, `-out:${STUBS}`, join(FOLDER, 'stubs.cs')], log);
  const sources = Object.keys(files).map((name) => join(LOWERED, name));
  await mcs([...OPTIONS, `-out:${LIBRARY}`, `-r:${STUBS}`, ...sources], log);
  return sources.length;
}

/** What the compiler says of a program that uses the library; nothing if it compiles. */
export async function faultsOfProgram(program: string, log: string): Promise<string> {
  const file = join(FOLDER, 'Program.cs');
  writeFileSync(file, program);
  const { code, output } = await runCommand(
    'mcs', [...OPTIONS, `-out:${join(FOLDER, 'program.dll')}`, `-r:${STUBS}`, `-r:${LIBRARY}`, file], { log, env: process.env },
  );
  return code === 0 ? '' : lastLines(output, 25);
}

async function mcs(args: string[], log: string): Promise<void> {
  const { code, output } = await runCommand('mcs', args, { log, env: process.env });
  if (code !== 0) { throw new Error(`mcs finds faults:\n${lastLines(output, 25)}`); }
}
