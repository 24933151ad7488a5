import * as bundle from './bundle';
import * as calls from './calls';
import * as many from './many';
import * as resources from './resources';
import { BenchSection } from './section';
import * as synth from './synth';
import * as venvs from './venvs';
import { mustRun } from '../local/process/command';
import { ROOT, toolScript } from '../local/process/paths';
import { seconds } from '../local/steps';

const SECTIONS: Record<string, BenchSection> = { bundle, resources, synth, calls, many, venvs };

/** `npm run bench`: all sections, or `npm run bench -- bundle synth`. */
async function main(args: string[]): Promise<void> {
  const unknown = args.find((arg) => !(arg in SECTIONS));
  if (unknown) { throw new Error(`npm run bench knows the sections ${Object.keys(SECTIONS).join(', ')}, got: ${unknown}`); }
  await mustRun('bundling', process.execPath, [toolScript('projen'), 'bundle'], { cwd: ROOT, env: process.env });
  for (const name of args.length ? args : Object.keys(SECTIONS)) {
    const section = SECTIONS[name]!;
    console.log(`\n${name}: ${section.title}`);
    const began = Date.now();
    for (const [what, value] of await section.measure()) { console.log(`  ${what.padEnd(58)} ${value}`); }
    console.log(`  (measured in ${seconds(began)})`);
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
