import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Check } from '../checks';
import { Library, WORK } from '../library';
import { Assembly, readAssembly } from './assembly';
import { compileLibrary, faultsOfProgram, hasCompiler } from './compile';
import { collisions, differencesOfNames, typesIn, unknownNames } from './names';
import { assemblyFile, faultsOfProject } from './package';
import { DeclaredType, filesOf, parse, programOfReadme, Source } from './sources';

const PROGRAM = 'program of the README';
/** A text of the program, and what a careless user could write in its place. */
const FAULTS: [right: string, wrong: string][] = [
  ['Server = server', 'Server = "https://zenml.example.com"'],
  ['RepositoryNames = new[] { "zenml" }', 'RepositoryName = new[] { "zenml" }'],
  ['ZenMLServer.SelfHosted', 'ZenMLServer.SelfHost'],
  ['new EcrContainerRegistry(this, "Registry", ', 'new EcrContainerRegistry(this, '],
];
const SHOWN = 10;

/** What can be checked of the .NET package without the SDK, which not every machine has. */
export const DOTNET: Check[] = [
  { title: 'syntax (tree-sitter)', run: syntax },
  { title: 'names', run: names },
  { title: 'collisions of names', run: noCollisions },
  { title: 'project file and package', run: project },
  { title: `${PROGRAM}, names`, run: namesOfProgram },
  {
    title: 'compiled as C# 7 (mcs)',
    missing: () => hasCompiler() ? undefined : 'mcs (Debian and Ubuntu: apt-get install mono-mcs)',
    run: compiled,
  },
];

async function syntax(library: Library, log: string): Promise<string> {
  const found = await sources(library, log);
  const faults = Object.entries(found).flatMap(([file, { faults: lines }]) => lines.map((line) => `${file}: ${line}`));
  fail('the generated code has faults', faults);
  // A parser that takes everything would find nothing either.
  const wrong = join(WORK, 'Fault.cs');
  writeFileSync(wrong, programOfReadme().replace('RepositoryNames = ', 'RepositoryNames '));
  if ((await parse({ wrong }, log)).wrong!.faults.length === 0) { throw new Error('a deliberate fault is overlooked'); }
  return `no fault in ${Object.keys(found).length} files`;
}

async function names(library: Library, log: string): Promise<string> {
  const declared = await declaredTypes(library, log);
  fail('names differ from the API', differencesOfNames(read(), dependencies(), declared));
  const members = declared.reduce((sum, type) => sum + type.members.length, 0);
  return `${declared.length} types with ${members} members`;
}

async function noCollisions(library: Library, log: string): Promise<string> {
  const [cdk, constructs] = dependencies();
  const declared = await declaredTypes(library, log);
  const others = { 'Amazon.CDK': typesIn(cdk!, 'Amazon.CDK'), 'Constructs': typesIn(constructs!, 'Constructs') };
  fail('names collide', collisions(declared, others));
  // Two deliberate ones, so that silence means something.
  const wrong: DeclaredType = {
    kind: 'class', namespace: 'CdkZenml', name: 'Stack', members: [{ kind: 'property', name: 'Stack', modifiers: [] }],
  };
  if (collisions([wrong], others).length !== 2) { throw new Error('deliberate collisions are overlooked'); }
  return 'none, also beside Amazon.CDK and Constructs';
}

async function project(library: Library, log: string): Promise<string> {
  fail('the project has faults', await faultsOfProject(library, read(), log));
  return 'references, versions, embedded package';
}

async function namesOfProgram(library: Library, log: string): Promise<string> {
  const declared = await declaredTypes(library, log);
  const faultsOf = async (text: string) => {
    const file = join(WORK, 'Program.cs');
    writeFileSync(file, text);
    const { faults, uses } = (await parse({ file }, log)).file!;
    return [...faults, ...unknownNames(uses, declared, 'CdkZenml')];
  };
  fail('the program of examples/README.md has faults', await faultsOf(programOfReadme()));
  const wrong = programOfReadme().replace('RepositoryNames =', 'RepositoryName =');
  if ((await faultsOf(wrong)).length !== 1) { throw new Error('a deliberate fault is overlooked'); }
  return 'each is in the generated code';
}

async function compiled(library: Library, log: string): Promise<string> {
  const files = await compileLibrary(library, read(), log);
  const faults = await faultsOfProgram(programOfReadme(), log);
  if (faults) { throw new Error(`the program of examples/README.md does not compile:\n${faults}`); }
  for (const [right, wrong] of FAULTS) {
    const [before, after, ...more] = programOfReadme().split(right);
    if (after === undefined || more.length > 0) { throw new Error(`the program should contain once: ${right}`); }
    if (!await faultsOfProgram(`${before}${wrong}${after}`, log)) { throw new Error(`mcs overlooks ${wrong}`); }
  }
  return `${files} files, the program, ${FAULTS.length} faults found`;
}

let parsed: Promise<Record<string, Source>> | undefined;

function sources(library: Library, log: string): Promise<Record<string, Source>> {
  return parsed ??= parse(filesOf(library), log);
}

async function declaredTypes(library: Library, log: string): Promise<DeclaredType[]> {
  return Object.values(await sources(library, log)).flatMap(({ types }) => types);
}

function read(): Assembly {
  return readAssembly(assemblyFile());
}

function dependencies(): Assembly[] {
  return (['aws-cdk-lib', 'constructs'] as const).map((name) => readAssembly(assemblyFile(name)));
}

function fail(what: string, found: string[]): void {
  if (found.length === 0) { return; }
  const more = found.length > SHOWN ? [`and ${found.length - SHOWN} more`] : [];
  throw new Error([`${what}:`, ...found.slice(0, SHOWN), ...more].join('\n    '));
}
