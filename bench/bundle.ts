import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { figures, median, Table } from './section';
import { mustRun } from '../local/process/command';
import { ROOT } from '../local/process/paths';
import { BUNDLE_OPTIONS, HANDLER_ENTRY } from '../projenrc/bundle-options';

export const title = 'the registration function as Lambda gets it, beside its AWS SDK clients alone';

const RUNS = 11;

/** What the function uses of the AWS SDK: the floor of any function that makes these calls. */
const CLIENTS_ALONE = [
  ['cloudformation', 'CloudFormationClient, DescribeStackEventsCommand'],
  ['ecr', 'ECRClient, DescribeRepositoriesCommand'],
  ['secrets-manager', 'SecretsManagerClient, GetSecretValueCommand'],
  ['ssm', 'SSMClient, GetParameterCommand'],
]
  .map(([client, names]) => `export { ${names} } from '@aws-sdk/client-${client}';`)
  .join('\n');

/** Features of the function whose bytes are shown, with the folders and files of `src/handler` that only they need. */
const FEATURES: Record<string, readonly string[]> = {
  'proof of pull and push': [
    'registry/',
    'lifecycle/kinds/proof-of-access',
    'lifecycle/kinds/refused-access',
  ],
  'health check': ['health/'],
};

/** Load time in fresh processes, interleaved: a cold start minus what Lambda itself needs. */
export async function measure(): Promise<Table> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-bench-'));
  try {
    const paths = { library: join(ROOT, 'assets', 'registration', 'index.js'), clients: join(folder, 'clients.js') };
    await buildClients(paths.clients);
    const times: Record<keyof typeof paths, number[]> = { library: [], clients: [] };
    for (let run = 0; run < RUNS; run++) {
      for (const kind of ['library', 'clients'] as const) { times[kind].push(await loadTime(paths[kind])); }
    }
    const size = (what: (code: Buffer) => number) =>
      pair(what(readFileSync(paths.library)) / 1024, what(readFileSync(paths.clients)) / 1024, 'KiB');
    return figures([
      ['minified', size((code) => code.length)],
      ['minified and gzipped', size((code) => gzipSync(code).length)],
      ...await sharesOf(FEATURES),
      [
        `load time on Node ${process.versions.node}, median of ${RUNS} processes`,
        pair(median(times.library), median(times.clients), 'ms'),
      ],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Minified bytes of each feature. */
async function sharesOf(features: typeof FEATURES): Promise<[string, string][]> {
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    absWorkingDir: ROOT,
    entryPoints: [HANDLER_ENTRY],
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
  });
  const inputs = Object.entries(Object.values(metafile.outputs)[0]!.inputs);
  return Object.entries(features).map(([feature, paths]) => {
    const own = inputs.filter(([file]) => paths.some((path) => file.startsWith(`src/handler/${path}`)));
    const bytes = own.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    return [`of the minified bundle: ${feature}`, `${(bytes / 1024).toFixed(1)} KiB`];
  });
}

function pair(library: number, clients: number, unit: string): string {
  return `${library.toFixed(0)} / ${clients.toFixed(0)} ${unit}, ratio ${(library / clients).toFixed(2)}`;
}

/** With the options of the function's own bundle (.projenrc.ts). */
async function buildClients(outfile: string): Promise<void> {
  await build({
    stdin: { contents: CLIENTS_ALONE, resolveDir: ROOT },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
}

async function loadTime(path: string): Promise<number> {
  const script = `const t = process.hrtime.bigint(); require(${JSON.stringify(path)}); console.log(Number(process.hrtime.bigint() - t) / 1e6)`;
  return Number(
    (
      await mustRun('loading the bundle', process.execPath, ['-e', script], {
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      })
    ).stdout,
  );
}
