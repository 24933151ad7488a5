import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, Synthesizer, typescript } from './compare/apps';
import { CHECKS } from './compare/checks-of-languages';
import { differences } from './compare/differences';
import { ensureLibrary, Library, WORK } from './compare/library';
import {
  Case, casesOf, CHECKED_LANGUAGES, CheckedLanguage, OTHER_LANGUAGES, OtherLanguage, scenariosOf,
} from './compare/scenarios';
import { Synthesis } from './compare/synthesis';
import { seconds } from './steps';

const LOG = join(WORK, 'log');
const SHOWN_DIFFERENCES = 10;

/**
 * `npm run examples [-- NAME...]`: synthesizes each example in each language with the lowest aws-cdk-lib that the
 * library supports, and compares with what TypeScript gives. Then it runs the checks of the language. `dotnet`
 * and `new-user` have checks only. One line for each comparison and check.
 */
async function main(args: string[]): Promise<void> {
  const languages = args.length > 0 ? args.map(known) : [...CHECKED_LANGUAGES];
  mkdirSync(WORK, { recursive: true });
  rmSync(LOG, { force: true });
  const library = await timed('library', 'compiled and generated', () => ensureLibrary(LOG));
  const total = { passed: 0, failed: 0 };
  for (const language of languages) {
    const compared = OTHER_LANGUAGES.find((other) => other === language);
    const results = [...compared ? await compareAll(compared, library) : [], ...await checkAll(language, library)];
    for (const holds of results) { total[holds ? 'passed' : 'failed']++; }
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function known(name: string): CheckedLanguage {
  const language = CHECKED_LANGUAGES.find((other) => other === name);
  if (!language) {
    throw new Error(`the languages to compare or check are ${CHECKED_LANGUAGES.join(', ')}, got: "${name}"`);
  }
  return language;
}

async function compareAll(language: OtherLanguage, library: Library): Promise<boolean[]> {
  const cases = scenariosOf(language).flatMap(casesOf);
  let synthesizer: Synthesizer;
  try {
    synthesizer = await timed(language, 'ready', () => prepare(language, library, LOG));
  } catch (error) {
    line(language, 'all', `FAILED: ${(error as Error).message}`);
    return cases.map(() => false);
  }
  const results: boolean[] = [];
  for (const one of cases) { results.push(await compare(language, synthesizer, one)); }
  return results;
}

async function compare(language: OtherLanguage, synthesizer: Synthesizer, one: Case): Promise<boolean> {
  const began = Date.now();
  try {
    const [ours, theirs] = await Promise.all([reference(one), synthesizer(one)]);
    const found = differences(ours, theirs);
    line(
      language,
      one.title,
      found.length === 0
        ? `same as TypeScript, ${resources(ours)} resources, ${seconds(began)}`
        : `FAILED: TypeScript | ${language}`,
    );
    for (const difference of found.slice(0, SHOWN_DIFFERENCES)) { console.log(`    ${difference}`); }
    if (found.length > SHOWN_DIFFERENCES) { console.log(`    and ${found.length - SHOWN_DIFFERENCES} more`); }
    return found.length === 0;
  } catch (error) {
    line(language, one.title, `FAILED: ${(error as Error).message}`);
    return false;
  }
}

/** What a language is checked for besides the templates. */
async function checkAll(language: CheckedLanguage, library: Library): Promise<boolean[]> {
  const results: boolean[] = [];
  for (const { title, missing, run } of CHECKS[language] ?? []) {
    const needed = missing?.();
    if (needed) {
      line(language, title, `skipped: this machine does not have ${needed}`);
      continue;
    }
    const began = Date.now();
    const [holds, text] = await run(library, LOG).then(
      (found) => [true, `${found}, ${seconds(began)}`] as const,
      (error: Error) => [false, `FAILED: ${error.message}`] as const,
    );
    line(language, title, text);
    results.push(holds);
  }
  return results;
}

const done = new Map<string, Promise<Synthesis>>();

/** TypeScript's, once for all languages. */
function reference(one: Case): Promise<Synthesis> {
  const synthesis = done.get(one.title) ?? typescript(one);
  done.set(one.title, synthesis);
  return synthesis;
}

function resources({ stacks }: Synthesis): number {
  return Object.values(stacks).reduce((sum, { template }) => sum + Object.keys(template.Resources).length, 0);
}

async function timed<T>(subject: string, what: string, work: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const result = await work();
  line(subject, what, seconds(began));
  return result;
}

function line(subject: string, title: string, text: string): void {
  console.log(`${subject.padEnd(10)}${title.padEnd(31)}${text}`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
