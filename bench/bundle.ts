import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { median } from './section';
import { mustRun } from '../local/process/command';
import { ROOT } from '../local/process/paths';

export const title = 'the handler as Lambda gets it';

const RUNS = 11;

/** Load time in fresh processes: a cold start minus what Lambda itself needs. */
export async function measure(): Promise<[string, string][]> {
  const path = join(ROOT, 'assets', 'registration', 'index.js');
  const code = readFileSync(path);
  const script = `const t = process.hrtime.bigint(); require(${JSON.stringify(path)}); console.log(Number(process.hrtime.bigint() - t) / 1e6)`;
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(Number((await mustRun('loading the bundle', process.execPath, ['-e', script], { env: { ...process.env, NODE_NO_WARNINGS: '1' } })).stdout));
  }
  return [
    ['bundle, minified', `${(code.length / 1024).toFixed(0)} KiB`],
    ['bundle, minified and gzipped', `${(gzipSync(code).length / 1024).toFixed(0)} KiB`],
    [`load time on Node ${process.versions.node}, median of ${RUNS} processes`, `${median(times).toFixed(0)} ms`],
  ];
}
