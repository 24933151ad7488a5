import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Check } from './checks';
import { Library, WORK } from './library';
import { newestPython } from './python-newest';
import { EXAMPLES, folderOf, testedInPython } from './scenarios';
import { runCommand } from '../process/command';

/** A text of `ecr-registry/app.py`, and what a careless user could write in its place. */
const FAULTS: [right: string, wrong: string][] = [
  ['    server=server,\n    repository', '    server="https://zenml.example.com",\n    repository'],
  ['empty_on_delete=True', 'empty_on_delete="yes"'],
  ['access_key_serial=int(', 'access_key_serial=str('],
  ['repository_names=["zenml"]', 'repository_name=["zenml"]'],
];
const COPIES = join(WORK, 'types');

/** What mypy says of each Python example, and of examples with a fault: one run for both, since it takes a minute. */
let lines: Promise<string[]> | undefined;

export const PYTHON_TYPES: Check[] = [
  { title: 'types (mypy)', run: typesOfExamples },
  { title: 'types, deliberate faults', run: deliberateFaults },
];

async function typesOfExamples(library: Library, log: string): Promise<string> {
  const found = (await (lines ??= mypy(library, log))).filter((line) => !line.startsWith('fault_'));
  if (found.length > 0) { throw new Error(`mypy finds faults:\n${found.join('\n')}`); }
  return `no fault in ${pythonFiles(join(EXAMPLES, 'python')).length} files`;
}

/** Types that are found right could also be types that nobody looks at, for example because each is `Any`. */
async function deliberateFaults(library: Library, log: string): Promise<string> {
  const found = await (lines ??= mypy(library, log));
  const overlooked = FAULTS.filter((_, index) => !found.some((line) => line.startsWith(`fault_${index}.py:`)));
  if (overlooked.length > 0) { throw new Error(`mypy overlooks ${overlooked.map(([, wrong]) => wrong).join(', ')}`); }
  return `each of ${FAULTS.length} is found`;
}

/**
 * The lines that mypy prints. Works on copies, because a folder of modules must have a name that can be imported, and
 * every example has an `app.py`.
 */
async function mypy(library: Library, log: string): Promise<string[]> {
  rmSync(COPIES, { recursive: true, force: true });
  mkdirSync(COPIES, { recursive: true });
  const copies = pythonFiles(join(EXAMPLES, 'python')).map((name) => {
    const copy = importable(name);
    cpSync(join(EXAMPLES, 'python', name), join(COPIES, copy));
    return copy;
  });
  const source = readFileSync(join(folderOf('python', 'ecr-registry'), 'app.py'), 'utf8');
  FAULTS.forEach(([right, wrong], index) => {
    const [before, after, ...more] = source.split(right);
    if (after === undefined || more.length > 0) { throw new Error(`the example should contain once: ${right}`); }
    writeFileSync(join(COPIES, `fault_${index}.py`), `${before}${wrong}${after}`);
  });
  const { python, env, sources } = await newestPython(library, log);
  const options = ['--ignore-missing-imports', '--no-error-summary', '--no-color-output', '--hide-error-context'];
  // Faults of the library's generated code are not the user's; mypy is silent about them, as it is about aws-cdk-lib.
  const modules = ['--follow-imports=silent', '--namespace-packages', '--explicit-package-bases'];
  const files = [...copies, ...FAULTS.map((_, index) => `fault_${index}.py`)];
  const { code, output } = await runCommand(
    python,
    ['-m', 'mypy', ...options, ...modules, '--cache-dir', join(WORK, 'mypy'), ...files],
    { cwd: COPIES, env: { ...env, MYPYPATH: [sources, COPIES, ...roots()].join(delimiter) }, log },
  );
  // 0: no fault; 1: faults. Anything else is a failure of mypy.
  if (code > 1) { throw new Error(`mypy failed (exit code ${code}):\n${output}`); }
  return output.trimEnd().split('\n').filter((line) => line !== '' && !line.includes(': note: '));
}

/** Folders whose apps import modules of their own. */
function roots(): string[] {
  return testedInPython().map((scenario) => join(COPIES, importable(scenario)));
}

function importable(path: string): string {
  return path.replaceAll('-', '_');
}

function pythonFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.py')).sort();
}
