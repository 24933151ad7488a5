import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/paths';

export const EXAMPLES = join(ROOT, 'examples');

/** Languages whose templates are compared with TypeScript's. */
export const OTHER_LANGUAGES = ['python', 'java', 'go'] as const;
export type OtherLanguage = (typeof OTHER_LANGUAGES)[number];
/** All that has rows: .NET, whose apps cannot run without its SDK, and the README's first steps have no scenarios. */
export const CHECKED_LANGUAGES = [...OTHER_LANGUAGES, 'dotnet', 'new-user'] as const;
export type CheckedLanguage = (typeof CHECKED_LANGUAGES)[number];
type Language = 'typescript' | OtherLanguage;

/** What `cdk.json` of an example says. */
interface CdkJson {
  readonly app: string;
  readonly context: Record<string, unknown>;
}

/** One synthesis of a scenario; with context, what a user adds with `-c`. */
export interface Case {
  readonly scenario: string;
  readonly title: string;
  readonly context: Record<string, string>;
}

/** Context that a scenario reads: it takes other ways through the code, which have to agree between languages too. */
const READS_CONTEXT: Record<string, Record<string, string>> = {
  'aws-stack': { zenmlUrl: 'https://zenml.example.org/base' },
  'aws-stack-local': { description: 'made by cdk', keySerial: '1', orchestrator: 'sagemaker' },
  'ecr-registry': {
    zenmlUrl: 'https://zenml.example.org/base',
    description: 'made by "cdk", für alle',
    keySerial: '2',
  },
};

/** The scenarios of a language: each folder with a cdk.json is one. */
export function scenariosOf(language: Language): string[] {
  const folder = join(EXAMPLES, language);
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'cdk.json'))).sort();
}

/** Python examples that have pytest's tests instead of a cdk.json. */
export function testedInPython(): string[] {
  const folder = join(EXAMPLES, 'python');
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'tests'))).sort();
}

export function folderOf(language: Language, scenario: string): string {
  return join(EXAMPLES, language, scenario);
}

export function casesOf(scenario: string): Case[] {
  const plain = { scenario, title: scenario, context: {} };
  const context = READS_CONTEXT[scenario];
  return context ? [plain, { scenario, title: `${scenario}, with context`, context }] : [plain];
}

export function cdkJson(folder: string): CdkJson {
  return JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8')) as CdkJson;
}
