import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from '../local/services/paths';

/** As `cdk init app --language typescript` sets it up, less what says where things are. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  ignoreDeprecations: '6.0',
  types: ['node'],
  baseUrl: ROOT,
  paths: { 'cdk-zenml': ['./src/index.ts'] },
  esModuleInterop: true,
};

function snippetsOf(page: string): string[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```ts[^\n]*\n([\s\S]*?)```/g)].map((match) => match[1]!);
}

/** What the compiler says of each text, as a file of its own, with the line that it means. */
function problemsOf(texts: string[]): string[] {
  const folder = mkdtempSync(join(ROOT, 'test', '.snippets-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const files = texts.map((_, index) => join(folder, `snippet${index}.ts`));
    files.forEach((file, index) => writeFileSync(file, texts[index]!));
    const program = ts.createProgram(files, OPTIONS);
    return files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .filter(({ file }) => file !== undefined)
      .map((one) => `${one.file!.text.split('\n')[one.file!.getLineAndCharacterOfPosition(one.start!).line]}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('each TypeScript snippet of the README is a file that compiles as it stands', () => {
  const snippets = snippetsOf('README.md');
  expect(snippets.length).toBeGreaterThan(3);
  expect(problemsOf(snippets)).toEqual([]);
  // What is declared only is not there when the app runs.
  expect(snippets.filter((text) => /^\s*declare /m.test(text))).toEqual([]);
});

test('the snippets of docs/ecr.md compile one after the other in the constructor of a stack, with the imports that stand first', () => {
  const [imports, ...snippets] = snippetsOf('docs/ecr.md');
  expect(snippets.length).toBeGreaterThan(10);
  const names = ['import { Stack } from \'aws-cdk-lib\';', 'import { ZenMLServer } from \'cdk-zenml\';'];
  const given = ['declare const role: iam.Role;', 'declare const server: ZenMLServer;'];
  const stack = ['class Example extends Stack {', 'public example(): void {', ...snippets, '}', '}'];
  expect(problemsOf([[...names, imports, ...given, ...stack].join('\n')])).toEqual([]);
});
