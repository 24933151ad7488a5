import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as bundle from './bundle';
import * as calls from './calls';
import { chart, Theme } from './chart';
import * as distance from './distance';
import * as health from './health';
import * as many from './many';
import * as resources from './resources';
import { BenchSection, markdown, Table } from './section';
import * as synth from './synth';
import * as venvs from './venvs';
import { mustRun } from '../local/process/command';
import { ROOT, toolScript } from '../local/process/paths';
import { runOf, writeSection } from '../local/servers/results';
import { seconds } from '../local/steps';

const SECTIONS: Record<string, BenchSection> = { bundle, resources, synth, calls, distance, many, health, venvs };
const PAGE = 'performance.md';
const IMAGES = join(ROOT, 'docs', 'images');

/**
 * `npm run bench`: all sections as one page of Markdown, or `npm run bench -- bundle synth`. With `--write`, they go
 * into docs/performance.md.
 */
async function main(args: string[]): Promise<void> {
  const names = args.filter((arg) => arg !== '--write');
  const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown !== undefined) {
    throw new Error(
      `npm run bench knows the sections ${Object.keys(SECTIONS).join(', ')} and the option --write, got: ${unknown}`,
    );
  }
  await mustRun('bundling', process.execPath, [toolScript('projen'), 'bundle'], { cwd: ROOT, env: process.env });
  for (const name of names.length > 0 ? names : Object.keys(SECTIONS)) {
    const section = SECTIONS[name]!;
    const began = Date.now();
    const table = await section.measure();
    console.log(`\n## ${name}: ${section.title}\n\n${markdown(table)}\n\n(measured in ${seconds(began)})`);
    if (args.includes('--write')) { write(name, section, table); }
  }
}

function write(name: string, { title }: BenchSection, table: Table): void {
  writeSection(name, `${sentence(title)}.\n\nMeasured on ${runOf(new Date())}.\n\n${markdown(table)}`, PAGE);
  if (!table.bars) { return; }
  mkdirSync(IMAGES, { recursive: true });
  for (const theme of ['light', 'dark'] satisfies Theme[]) {
    writeFileSync(join(IMAGES, `bench-${theme}.svg`), chart(table.bars, theme));
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
