import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';

/**
 * `synth-process.cjs library|plain REPOSITORIES STACKS`: prints as JSON the milliseconds from `new App()` to the end of
 * `synth()`, CPU time of this part and of the whole process (which a busy machine does not distort), and the bytes of
 * all templates. `plain` never loads the library.
 */
const [kind, ...numbers] = process.argv.slice(2);
const [repositories, stacks] = numbers.map(Number) as [number, number];

function plainRepositories(stack: Stack, first: number): void {
  for (let index = first; index < first + repositories; index++) {
    new ecr.Repository(stack, `team/repository-${index}`, {
      repositoryName: `team/repository-${index}`,
      imageScanOnPush: true,
      imageTagMutability: ecr.TagMutability.MUTABLE,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function main(): Promise<void> {
  const registryOf = kind === 'library' ? (await import('./apps.js')).registryOf : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-bench-'));
  try {
    const [began, cpuBegan] = [performance.now(), cpuMs()];
    const app = new App({ outdir: folder });
    for (let index = 0; index < stacks; index++) {
      const stack = new Stack(app, `Bench${index}`, { env: { account: '111122223333', region: 'us-east-1' } });
      // An account and Region hold a name once.
      const first = index * repositories;
      if (registryOf) { registryOf(stack, repositories, first); } else { plainRepositories(stack, first); }
    }
    app.synth();
    const synthMs = performance.now() - began;
    const processCpuMs = cpuMs();
    const bytes = readdirSync(folder)
      .filter((name) => name.endsWith('.template.json'))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    console.log(JSON.stringify({ synthMs, synthCpuMs: processCpuMs - cpuBegan, processCpuMs, bytes }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
