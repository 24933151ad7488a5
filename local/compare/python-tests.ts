import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Check } from './checks';
import { Library, WORK } from './library';
import { newestPython } from './python-newest';
import { EXAMPLES, testedInPython } from './scenarios';
import { lastLines, runCommand } from '../process/command';

/** A file of `snapshot-test`, a text in it, and another one: the template differs from the snapshot. */
const CHANGE = {
  file: join('zenml_registry', 'zenml_registry_stack.py'),
  from: 'repository_names=["zenml"]',
  to: 'repository_names=["pipelines"]',
};

/** Examples with tests: pytest runs them as a user would, with the newest aws-cdk-lib. */
export const PYTHON_TESTS: Check[] = testedInPython().flatMap((example) => [
  { title: `${example} (pytest)`, run: (library, log) => passes(example, library, log) },
  { title: `${example}, changed app`, run: (library, log) => fails(example, library, log) },
]);

async function passes(example: string, library: Library, log: string): Promise<string> {
  // `SNAPSHOTS=update npm run examples -- python` writes the snapshots.
  const update = process.env.SNAPSHOTS === 'update' ? ['--snapshot-update'] : [];
  const { code, output } = await pytest(join(EXAMPLES, 'python', example), update, library, log);
  if (code !== 0) {
    throw new Error(
      `pytest fails. Review the difference, then run: SNAPSHOTS=update npm run examples -- python\n${lastLines(output, 40)}`,
    );
  }
  return /\d+ passed/.exec(output)?.[0] ?? 'passed';
}

/** A snapshot test that passes could also be one that compares nothing. */
async function fails(example: string, library: Library, log: string): Promise<string> {
  const copy = join(WORK, 'changed', example);
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(EXAMPLES, 'python', example), copy, { recursive: true });
  const file = join(copy, CHANGE.file);
  const source = readFileSync(file, 'utf8');
  if (!source.includes(CHANGE.from)) { throw new Error(`${CHANGE.file} should contain: ${CHANGE.from}`); }
  writeFileSync(file, source.replace(CHANGE.from, CHANGE.to));
  const { code, output } = await pytest(copy, [], library, log);
  // 1: a test failed. Others are errors of pytest, for example of the collection.
  if (code !== 1 || !output.includes('snapshot failed')) {
    throw new Error(`the snapshot test does not notice ${CHANGE.to} (exit code ${code}):\n${lastLines(output, 25)}`);
  }
  return 'the change is found';
}

async function pytest(
  cwd: string, more: string[], library: Library, log: string,
): Promise<{ code: number; output: string }> {
  const { python, env } = await newestPython(library, log);
  // Without the cache, pytest leaves nothing beside the sources.
  return runCommand(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...more], { cwd, env, log });
}
