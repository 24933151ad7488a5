import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../process/paths';

export type Outcome = 'passed' | 'failed' | 'not applicable';

export interface StepResult {
  readonly step: string;
  readonly outcome: Outcome;
  /** Why it failed. */
  readonly reason?: string;
}

/** One ZenML server on one database. */
export interface Row {
  readonly version: string;
  readonly database: string;
  readonly steps: readonly StepResult[];
  readonly seconds: number;
}

const MARKS: Record<Outcome, string> = { 'passed': 'ok', 'failed': '**FAILED**', 'not applicable': '-' };

/** Versions against steps, as Markdown; the reasons of failures below. */
export function resultTable(steps: readonly string[], rows: readonly Row[]): string {
  const lines = [
    ['ZenML', 'database', ...steps, 'seconds'],
    ['---', '---', ...steps.map(() => '---'), '---'],
    ...rows.map((row) => [
      row.version,
      row.database,
      ...steps.map((step) => mark(row, step)),
      String(Math.round(row.seconds)),
    ]),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  const reasons = rows.flatMap((row) => row.steps.filter((step) => step.outcome === 'failed')
    .map((step) => `| ${row.version} | ${row.database} | ${step.step} | ${oneLine(step.reason ?? '')} |`));
  return [
    ...lines,
    ...(reasons.length > 0
      ? ['', '| ZenML | database | failed step | reason |', '| --- | --- | --- | --- |', ...reasons]
      : []),
  ].join('\n');
}

function mark(row: Row, title: string): string {
  const result = row.steps.find((step) => step.step === title);
  return result ? MARKS[result.outcome] : MARKS['not applicable'];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\|/g, '\\|').slice(0, 600);
}

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in a page of `docs`. */
export function writeSection(name: string, text: string, page: string = 'compatibility.md'): void {
  const file = join(ROOT, 'docs', page);
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = readFileSync(file, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`docs/${page} has no ${begin} ... ${end}: put both lines back where the table belongs`);
  }
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}

/** The day and the commit of a run, for the line above a table. */
export function runOf(now: Date): string {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout.trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with uncommitted changes';
  return `${now.toISOString().slice(0, 10)}, commit ${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed}`;
}
