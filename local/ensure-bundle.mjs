// `npx cdk synth` in a fresh checkout: the function's bundle is no part of the repository, and is made when it is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
if (!existsSync(join(root, 'assets', 'registration', 'index.js'))) {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', 'projen', 'bin', 'projen'), 'bundle'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    console.error(`Bundling the registration function failed, so there is nothing to synthesize: run \`npm ci\`, then \`npx projen bundle\`.\n${stderr}`);
    process.exit(1);
  }
}
