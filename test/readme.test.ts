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

const snippets = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```ts[^\n]*\n([\s\S]*?)```/g)].map((match) => match[1]!);

test('each TypeScript snippet of the README is a file that compiles as it stands', () => {
  expect(snippets.length).toBeGreaterThan(3);
  const folder = mkdtempSync(join(ROOT, 'test', '.readme-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const files = snippets.map((_, index) => join(folder, `snippet${index}.ts`));
    files.forEach((file, index) => writeFileSync(file, snippets[index]!));
    const program = ts.createProgram(files, OPTIONS);
    const problems = files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .filter(({ file }) => file !== undefined)
      .map((one) => `${one.file!.text.split('\n')[one.file!.getLineAndCharacterOfPosition(one.start!).line]}: ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`);
    expect(problems).toEqual([]);
    // What is declared only is not there when the app runs.
    expect(snippets.filter((text) => /^\s*declare /m.test(text))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
