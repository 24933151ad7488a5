import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { figures, median, Table } from './section';
import { mustRun } from '../local/process/command';
import { ROOT, toolScript } from '../local/process/paths';

export const title =
  'synthesis and import of the compiled package, against plain ecr.Repository; cold processes, interleaved';

const RUNS = 5;
const IMPORT_RUNS = 15;
/** Repositories per stack, and stacks. A template holds 500 resources, so 1,000 repositories take several stacks. */
const SIZES = [[1, 1], [10, 1], [100, 1], [400, 1], [100, 10]] as const;

interface Run {
  readonly synthMs: number;
  readonly synthCpuMs: number;
  readonly processMs: number;
  readonly processCpuMs: number;
  readonly bytes: number;
}
interface Load { readonly ms: number; readonly cpuMs: number }

export async function measure(): Promise<Table> {
  // Users load what jsii compiles. A TypeScript loader would add its own time to each file that is loaded.
  await mustRun('compiling the library', process.execPath, [toolScript('projen'), 'compile'], {
    cwd: ROOT,
    env: process.env,
  });
  const script = await compileSynthProcess();
  const rows: [string, string][] = [];
  for (const [repositories, stacks] of SIZES) {
    const runs: Record<'library' | 'plain', Run[]> = { library: [], plain: [] };
    for (let run = 0; run < RUNS; run++) {
      for (const kind of ['library', 'plain'] as const) {
        runs[kind].push(await synthesize(script, kind, repositories, stacks));
      }
    }
    const what =
      stacks === 1
        ? `${repositories} repositories in one stack`
        : `${repositories * stacks} repositories over ${stacks} stacks`;
    const measured = [
      ['new App() to synth()', 'synthMs'],
      ['the same, CPU', 'synthCpuMs'],
      ['whole process', 'processMs'],
      ['whole process, CPU', 'processCpuMs'],
    ] as const;
    for (const [label, figure] of measured) {
      rows.push([
        `${what}: ${label}`,
        compare(
          runs.library.map((run) => run[figure]),
          runs.plain.map((run) => run[figure]),
        ),
      ]);
    }
    rows.push([`${what}: template bytes`, `${runs.library[0]!.bytes} / ${runs.plain[0]!.bytes}`]);
  }
  return figures([...rows, ...await measureImport()]);
}

/** The median of both sides with its range, and their ratio. */
function compare(library: number[], other: number[]): string {
  const summary = (values: number[]) =>
    `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`;
  return `${summary(library)} / ${summary(other)} ms, ratio ${(median(library) / median(other)).toFixed(2)}`;
}

async function synthesize(
  script: string,
  kind: 'library' | 'plain',
  repositories: number,
  stacks: number,
): Promise<Run> {
  const began = performance.now();
  const { stdout } = await mustRun(
    'synthesis',
    process.execPath,
    [script, kind, String(repositories), String(stacks)],
    { cwd: ROOT, env: plainNode() },
  );
  const processMs = performance.now() - began;
  return { processMs, ...(JSON.parse(stdout) as Omit<Run, 'processMs'>) };
}

/** Plain JavaScript that loads the compiled library, so that a process does nothing but what a user's app does. */
async function compileSynthProcess(): Promise<string> {
  const outfile = join(ROOT, '.local', 'bench', 'synth-process.cjs');
  mkdirSync(join(ROOT, '.local', 'bench'), { recursive: true });
  await build({
    entryPoints: [join(ROOT, 'bench', 'synth-process.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    plugins: [
      {
        name: 'compiled-library',
        setup: (builder) =>
          builder.onResolve({ filter: /^\.\.\/src$/ }, () => ({ path: join(ROOT, 'lib', 'index.js'), external: true })),
      },
    ],
  });
  return outfile;
}

async function measureImport(): Promise<[string, string][]> {
  const library = `require(${JSON.stringify(join(ROOT, 'lib', 'index.js'))})`;
  const scripts = {
    parts: namedPartsOfCdk().map((name) => `require(${JSON.stringify(name)});`).join(' '),
    library,
    registry: `${library}.EcrContainerRegistry`,
    all: `for (const value of Object.values(${library})) { Object.values(value); }`,
  };
  const runs: Record<keyof typeof scripts, Load[]> = { parts: [], library: [], registry: [], all: [] };
  for (let run = 0; run < IMPORT_RUNS; run++) {
    for (const kind of Object.keys(runs) as (keyof typeof scripts)[]) { runs[kind].push(await load(scripts[kind])); }
  }
  const rows: [string, keyof typeof scripts][] = [
    ['import of cdk-zenml', 'library'],
    ['import and first use of EcrContainerRegistry', 'registry'],
    ['import and use of each export', 'all'],
  ];
  return rows.flatMap(([label, kind]): [string, string][] => [
    [
      `${label} / import of the parts of aws-cdk-lib`,
      compare(
        runs[kind].map((run) => run.ms),
        runs.parts.map((run) => run.ms),
      ),
    ],
    [
      'the same, CPU',
      compare(
        runs[kind].map((run) => run.cpuMs),
        runs.parts.map((run) => run.cpuMs),
      ),
    ],
  ]);
}

async function load(code: string): Promise<Load> {
  const script = `const [began, cpuBegan] = [performance.now(), process.cpuUsage()];
    ${code};
    const { user, system } = process.cpuUsage(cpuBegan);
    console.log(JSON.stringify({ ms: performance.now() - began, cpuMs: (user + system) / 1000 }));`;
  return JSON.parse(
    (await mustRun('loading', process.execPath, ['-e', script], { cwd: ROOT, env: plainNode() })).stdout,
  ) as Load;
}

/** The modules of aws-cdk-lib that the compiled library loads. An import of types only is not among them. */
function namedPartsOfCdk(): string[] {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  );
  const names = files.flatMap((path) =>
    [...readFileSync(join(ROOT, 'lib', path), 'utf8').matchAll(/require\("((?:aws-cdk-lib|constructs)[^"]*)"\)/g)].map(
      (match) => match[1]!,
    ),
  );
  return [...new Set(names)].sort();
}

/** Without the loader that runs the bench itself. */
function plainNode(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' };
}
