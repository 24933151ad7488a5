import { join } from 'node:path';
import { mustRun } from '../local/process/command';
import { ROOT } from '../local/process/paths';

export const title = 'synthesis, each in a fresh process (time without loading aws-cdk-lib / whole process)';

export async function measure(): Promise<[string, string][]> {
  const rows: [string, string][] = [];
  for (const [repositories, stacks] of [[1, 1], [10, 1], [100, 1], [400, 1], [100, 10]] as const) {
    const began = Date.now();
    const run = await mustRun('synthesis', process.execPath, ['--import', 'tsx', join(ROOT, 'bench', 'synth-process.ts'), String(repositories), String(stacks)], {
      cwd: ROOT, env: process.env,
    });
    const whole = Date.now() - began;
    const what = stacks === 1 ? `${repositories} repositories in one stack` : `${repositories * stacks} repositories over ${stacks} stacks`;
    rows.push([what, `${Number(run.stdout.trim()).toFixed(0)} ms / ${whole} ms`]);
  }
  return rows;
}
