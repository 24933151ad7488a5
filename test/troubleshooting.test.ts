import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { ROOT } from '../local/process/paths';

/* Every message ends with a code, and docs/troubleshooting.md has an entry for each code. */
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: parse(join(ROOT, 'src', file)) }));

/** Errors that no user sees: they are caught where they are thrown, or end in CZ375. */
const INTERNAL = [
  'handler/health/read-only.ts', // a guard against a future change of the health check
  'handler/registry/registry-api.ts', // says that the registry is not ECR; the caller goes on
  'handler/with-timeout.ts', // the caller replaces it
];

const page = readFileSync(join(ROOT, 'docs', 'troubleshooting.md'), 'utf8');
const entries = [...page.matchAll(/^\| (\w+) \|(.*)\|$/gm)]
  .map(([, code, rest]) => ({ code: code!, cells: rest!.split(' | ') }))
  .filter(({ code }) => code !== 'code');

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function nodesOf(source: ts.SourceFile): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return nodes;
}

/** The texts of string literals and of the beginnings of templates. */
function textsOf(source: ts.SourceFile): string[] {
  return nodesOf(source)
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateHead(node))
    .map((node) => node.text);
}

/** The first arguments of all calls of functions with these names. */
function firstArguments(names: RegExp): string[] {
  return SOURCES.flatMap(({ source }) => nodesOf(source))
    .filter((node) => ts.isCallExpression(node) && names.test(node.expression.getText()))
    .flatMap((node) => (node as ts.CallExpression).arguments.slice(0, 2))
    .filter((node) => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
    .map((node) => (ts.isTemplateExpression(node) ? node.head.text : node.text));
}

const codes = new Set(SOURCES.flatMap(({ source }) => textsOf(source)).flatMap((text) => text.match(/\bCZ\d{3}\b/g) ?? []));
const warnings = new Set([
  ...firstArguments(/\badd(Warning|Info)V2$|^warnOfFrozenRole$/)
    .map((text) => /^cdk-zenml:(\w+)/.exec(text)?.[1])
    .filter((id) => id !== undefined),
  ...firstArguments(/^warningId$/).filter((text) => /^\w+$/.test(text)),
]);

test('docs/troubleshooting.md has an entry for each code and each warning of the sources, and no other entry', () => {
  expect(codes.size).toBeGreaterThan(70);
  expect(warnings.size).toBeGreaterThan(15);
  expect(entries.map(({ code }) => code).sort()).toEqual([...codes, ...warnings].sort());
});

test('each entry of docs/troubleshooting.md has a meaning, a cause and a remedy', () => {
  for (const { cells } of entries) {
    expect(cells).toHaveLength(3);
    for (const cell of cells) { expect(cell.trim()).toMatch(/^\S.+\.$/); }
  }
});

test('every error that a user can see is made with a code', () => {
  const withoutCode = SOURCES.filter(({ source }) =>
    nodesOf(source).some((node) => ts.isNewExpression(node) && /^(Type|Range)?Error$/.test(node.expression.getText())),
  );
  expect(withoutCode.map(({ file }) => file).sort()).toEqual([...INTERNAL, 'private/synth-error.ts'].sort());
});

test('every warning at synth has an id, which aws-cdk prints at its end', () => {
  const calls = SOURCES.flatMap(({ source }) => nodesOf(source)).filter(
    (node) => ts.isCallExpression(node) && /\.add(Warning|Info|Error)(V2)?$/.test(node.expression.getText()),
  ) as ts.CallExpression[];
  expect(calls.length).toBeGreaterThan(15);
  expect(calls.filter((call) => !call.expression.getText().endsWith('V2'))).toEqual([]);
});
