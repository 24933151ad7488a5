import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { registryOf } from './apps';

/** `synth-process.ts REPOSITORIES STACKS`: prints the milliseconds from `new App()` to the end of `synth()`. */
const [repositories, stacks] = process.argv.slice(2).map(Number) as [number, number];
const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-bench-'));
try {
  const began = performance.now();
  const app = new App({ outdir: folder });
  for (let index = 0; index < stacks; index++) {
    registryOf(new Stack(app, `Bench${index}`, { env: { account: '111122223333', region: 'us-east-1' } }), repositories);
  }
  app.synth();
  console.log(performance.now() - began);
} finally {
  rmSync(folder, { recursive: true });
}
