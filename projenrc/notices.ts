import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS, HANDLER_ENTRY } from './bundle-options';

/**
 * `tsx projenrc/notices.ts` writes THIRD-PARTY-NOTICES: the packages whose code the handler's bundle contains, as
 * esbuild lists them, with their licences. MIT, BSD and Apache ask for that. A test compares the file with `notices()`.
 */
export const NOTICES_FILE = 'THIRD-PARTY-NOTICES';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Text of the licence, with the package's own notice where it has one. */
  readonly text: string;
}

export async function notices(): Promise<string> {
  const packages = withTexts((await bundledFolders()).map(readPackage)).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const byText = new Map<string, Package[]>();
  for (const one of packages) { byText.set(one.text, [...byText.get(one.text) ?? [], one]); }
  const parts = [...byText].map(([text, ofText]) =>
    [...ofText.map(({ name, version, license }) => `${name} ${version} (${license})`), '', text].join('\n'),
  );
  return (
    [
      'The registration function in assets/registration contains code of these packages, under the licences below.',
      ...parts,
    ].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n'
  );
}

/** The folders of the packages of which something is in the bundle. */
async function bundledFolders(): Promise<string[]> {
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    entryPoints: [HANDLER_ENTRY],
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const files = Object.entries(output!.inputs).filter(
    ([path, { bytesInOutput }]) => bytesInOutput > 0 && path.includes('node_modules/'),
  );
  return [...new Set(files.map(([path]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)![0]))];
}

function readPackage(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  if (!license) { throw new Error(`${name} names no licence: check whether it may be bundled`); }
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)(\.|-|$)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name, version, license, text: texts.join('\n\n') };
}

/** A few packages of the AWS SDK have no licence file. Another package under the same licence has its text. */
function withTexts(packages: readonly Package[]): Package[] {
  const texts = new Map(packages.filter(({ text }) => text !== '').map(({ license, text }) => [license, text]));
  return packages.map((one) => {
    const text = one.text || texts.get(one.license);
    if (!text) {
      throw new Error(
        `${one.name} has no licence file, and no other package is under ${one.license}: add the text to projenrc/notices.ts`,
      );
    }
    return { ...one, text };
  });
}

async function main(): Promise<void> {
  process.chdir(dirname(__dirname));
  if (!existsSync('node_modules')) { throw new Error('node_modules is missing: run `npm ci` first'); }
  writeFileSync(NOTICES_FILE, await notices());
}

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
