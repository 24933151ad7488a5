import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../local/process/paths';
import { findPython } from '../local/process/venv';

/** As `cdk init app --language typescript` sets it up, less what says where things are. */
const OPTIONS = {
  target: 'ES2022',
  module: 'NodeNext',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
  paths: { 'cdk-zenml': [join(ROOT, 'src', 'index.ts')] },
};

function snippetsOf(page: string, language = 'ts'): string[] {
  const blocks = readFileSync(join(ROOT, page), 'utf8').matchAll(/```(\w+)[^\n]*\n([\s\S]*?)```/g);
  return [...blocks].filter((match) => match[1] === language).map((match) => match[2]!);
}

/**
 * What the compiler says of each text, as a file of its own, with the line that it means. One program for all: most of
 * the time goes to aws-cdk-lib.
 */
function compile(texts: string[]): string[][] {
  const folder = mkdtempSync(join(ROOT, 'test', '.snippets-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const files = texts.map((_, index) => `snippet${index}.ts`);
    files.forEach((file, index) => writeFileSync(join(folder, file), texts[index]!));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, files }));
    const compiler = join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const found = [...stdout.matchAll(/^(snippet\d+\.ts)\((\d+),\d+\): (.*)$/gm)];
    // What is about no snippet (an option, the library) would stay unseen.
    const others = stdout.split('\n').filter((line) => /^\S.*error TS/.test(line) && !line.startsWith('snippet'));
    expect({ others, stderr }).toEqual({ others: [], stderr: '' });
    return texts.map((text, index) =>
      found
        .filter(([, file]) => file === files[index])
        .map(([, , line, message]) => `${text.split('\n')[Number(line) - 1]}: ${message}`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The snippets of docs/ecr.md stand one after the other in the constructor of a stack, with the imports that come
 * first.
 */
function programOf([imports, ...snippets]: string[]): string {
  return [
    'import { Stack } from \'aws-cdk-lib\';', 'import { ZenMLServer } from \'cdk-zenml\';', imports,
    'declare const role: iam.Role;', 'declare const server: ZenMLServer;',
    'class Example extends Stack {', 'public example(): void {', ...snippets, '}', '}',
  ].join('\n');
}

const readme = snippetsOf('README.md');
const ecr = snippetsOf('docs/ecr.md');
/** Snippets that are files of their own. */
const files = [
  ...readme,
  ...['health', 'aws-stack', 'sagemaker', 'moving-over'].flatMap((page) => snippetsOf(`docs/${page}.md`)),
];
let problems: string[][];

beforeAll(() => { problems = compile([...files, programOf(ecr)]); }, 180_000);

test('each TypeScript snippet of the README and of the pages with whole files is a file that compiles as it stands', () => {
  expect(readme.length).toBeGreaterThan(3);
  expect(files.length).toBeGreaterThan(readme.length);
  expect(problems.slice(0, files.length).flat()).toEqual([]);
  // What is declared only is not there when the app runs.
  expect(files.filter((text) => /^\s*declare /m.test(text))).toEqual([]);
});

test('the Python snippet of the README parses', () => {
  const [program, ...others] = snippetsOf('README.md', 'python');
  expect(others).toEqual([]);
  const { status, stderr } = spawnSync(
    findPython().executable,
    ['-c', 'import sys\ncompile(sys.stdin.read(), "README.md", "exec")'],
    { input: program, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

// `npm run examples -- python` checks the types of these files, and runs them.
test('the Python programs of the README and of docs/snapshot-tests.md are those of examples/python/snapshot-test', () => {
  const example = (file: string) => readFileSync(join(ROOT, 'examples', 'python', 'snapshot-test', file), 'utf8');
  expect(snippetsOf('README.md', 'python')).toEqual([example('zenml_registry/zenml_registry_stack.py')]);
  const [testFile, ...others] = snippetsOf('docs/snapshot-tests.md', 'python');
  expect(others).toEqual([]);
  // The docstring of the file says what the page says.
  expect(example('tests/unit/test_zenml_registry_stack.py').replace(/^"""[\s\S]*?"""\n/, '')).toBe(testFile);
  const pins = /^[^#].*$/gm;
  expect(snippetsOf('docs/snapshot-tests.md', 'text')[0]!.match(pins)).toEqual(example('requirements-dev.txt').match(pins));
  const newest = readFileSync(join(ROOT, 'local', 'requirements', 'examples-newest.txt'), 'utf8').split('\n');
  expect(newest).toEqual(expect.arrayContaining(example('requirements-dev.txt').match(pins)!));
});

test('the snippets of docs/ecr.md compile', () => {
  expect(ecr.length).toBeGreaterThan(10);
  expect(problems.at(-1)).toEqual([]);
});
