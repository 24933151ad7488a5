import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../process/paths';
import { ensureVenv } from '../../process/venv';
import { Library } from '../library';

/** MIT. Parses C# 13, with errors where they are; a release for each new version of C#. */
const PACKAGES = ['tree-sitter==0.26.1', 'tree-sitter-c-sharp==0.23.5'];

/** What csharp.py says of a file. */
export interface Source {
  readonly faults: string[];
  readonly types: DeclaredType[];
  readonly uses: { readonly type: string; readonly member?: string }[];
}

export interface DeclaredType {
  readonly kind: 'class' | 'interface' | 'enum';
  readonly namespace: string;
  readonly name: string;
  readonly members: { readonly kind: 'property' | 'method' | 'value'; readonly name: string; readonly modifiers: string[] }[];
}

/** The folder of the project that jsii-pacmak generates. */
export function projectOf(library: Library): string {
  return join(library.folder, 'dotnet', 'CdkZenml');
}

/** The generated C# files, by their path in the project. */
export function filesOf(library: Library): Record<string, string> {
  const project = projectOf(library);
  const names = readdirSync(project, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cs')).sort();
  return Object.fromEntries(names.map((name) => [name, join(project, name)]));
}

/** Parses C# files; with `lowered`, writes them there in the C# of Mono's compiler. */
export async function parse(
  files: Record<string, string>,
  log: string,
  lowered?: { readonly folder: string; readonly valueTypes: string[] },
): Promise<Record<string, Source>> {
  const { python } = await ensureVenv({ name: 'examples-csharp', packages: PACKAGES }, log);
  const order = { files, lowered: lowered?.folder ?? null, valueTypes: lowered?.valueTypes ?? [] };
  const run = spawnSync(python, [join(ROOT, 'local', 'compare', 'dotnet', 'csharp.py')], {
    input: JSON.stringify(order), encoding: 'utf8', maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) { throw new Error(`csharp.py failed:\n${run.stderr}`); }
  return JSON.parse(run.stdout) as Record<string, Source>;
}

/** The C# program that `examples/README.md` shows. */
export function programOfReadme(): string {
  const blocks = readFileSync(join(ROOT, 'examples', 'README.md'), 'utf8').matchAll(/```csharp\n([\s\S]*?)```/g);
  const [program, ...more] = [...blocks].map((match) => match[1]!);
  if (program === undefined || more.length > 0) { throw new Error('examples/README.md should have one C# program'); }
  return program;
}
