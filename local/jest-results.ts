import { existsSync, readFileSync } from 'node:fs';

export interface Count {
  passed: number;
  failed: number;
}

interface JestFile {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: string[];
    }[];
  }[];
}

const MESSAGE_LINES = 30;

/**
 * What jest wrote with `--json`: how many passed and failed (a file that could not run counts as one), and the failures
 * for people.
 */
export function readJestResults(path: string, root: string): { count: Count; failures: string } {
  if (!existsSync(path)) { return { count: { passed: 0, failed: 1 }, failures: '' }; }
  const result = JSON.parse(readFileSync(path, 'utf8')) as JestFile;
  const failures = result.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((assertion) => assertion.status === 'failed');
    const broken =
      failed.length === 0 && file.assertionResults.length === 0 && file.message !== ''
        ? [firstLines(file.message)]
        : [];
    return [
      ...failed.map((assertion) => `${assertion.fullName}\n${firstLines(assertion.failureMessages.join('\n'))}`),
      ...broken,
    ].map((text) => `--- ${file.name.replace(`${root}/`, '')}: ${text}`);
  });
  const count = { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites };
  return { count, failures: failures.join('\n\n') };
}

function firstLines(text: string): string {
  const lines = text.split('\n');
  return lines.length > MESSAGE_LINES
    ? [...lines.slice(0, MESSAGE_LINES), `... (${lines.length - MESSAGE_LINES} more lines)`].join('\n')
    : text;
}
