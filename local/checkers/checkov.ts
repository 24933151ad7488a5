import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../process/command';
import { ensureVenv } from '../process/venv';

const CHECKOV = 'checkov==3.3.30';

/** By template: what checkov finds and nothing else. `docs/ecr.md` has the table with the reasons. */
const EXPECTED: Record<string, string[]> = {
  // Tags that move are what ZenML needs; a key of one's own is a cost that everybody decides on.
  RepositoryDefault: ['CKV_AWS_136', 'CKV_AWS_51'],
  // Checkov accepts no exclusions from immutable tags.
  RepositoryForPipelines: ['CKV_AWS_51'],
  RepositoryHardened: [],
};

/** Runs checkov on the templates of repositories; tells where it says something else than is expected. */
export async function checkov(output: string, log: string): Promise<string[]> {
  const venv = await ensureVenv({ name: 'checkov', packages: [CHECKOV] }, log);
  const problems: string[] = [];
  for (const [stack, expected] of Object.entries(EXPECTED)) {
    const template = join(output, `${stack}.template.json`);
    const report = join(output, `${stack}.checkov`);
    const run = await runCommand(
      venv.python,
      [
        '-m',
        'checkov.main',
        '--file',
        template,
        '--framework',
        'cloudformation',
        '--output',
        'json',
        '--output-file-path',
        report,
        '--skip-download',
        '--compact',
        '--soft-fail',
      ],
      { env: process.env, log },
    );
    if (run.code !== 0) { return [`checkov failed: ${run.output}`]; }
    const found = failed(join(report, 'results_json.json'));
    if (found.join() !== expected.join()) {
      problems.push(`${stack}: ${found.join(', ') || 'nothing'} instead of ${expected.join(', ') || 'nothing'}`);
    }
  }
  return problems;
}

function failed(file: string): string[] {
  const { results, summary } = JSON.parse(readFileSync(file, 'utf8')) as {
    results: { failed_checks: { check_id: string }[] }; summary: { passed: number; parsing_errors: number };
  };
  if (summary.passed === 0 || summary.parsing_errors > 0) {
    throw new Error(`checkov has checked nothing: ${JSON.stringify(summary)}`);
  }
  return [...new Set(results.failed_checks.map(({ check_id }) => check_id))].sort();
}
