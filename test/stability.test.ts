import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const folders: string[] = [];
afterAll(() => { for (const folder of folders) { rmSync(folder, { recursive: true, force: true }); } });

/** The template and the asset manifest of an app that was synthesized in a new folder and a new process. */
function synthesized(prefix: string, env: NodeJS.ProcessEnv): { template: string; assets: string } {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.push(folder);
  const program = [
    join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'),
    join(ROOT, 'test', 'support', 'stable-app.ts'),
    join(folder, 'out'),
  ];
  const result = spawnSync(process.execPath, program, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_NO_WARNINGS: '1',
      JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
      ...env,
    },
  });
  if (result.status !== 0) { throw new Error(result.stderr); }
  const read = (name: string) => readFileSync(join(folder, 'out', name), 'utf8');
  return { template: read('Stable.template.json'), assets: read('Stable.assets.json') };
}

test('the template and the hashes of its assets are the same in another folder, time zone, locale and environment', () => {
  const one = synthesized('one-', { TZ: 'UTC', LANG: 'C' });
  const other = synthesized('another-folder-with-a-longer-name-', {
    TZ: 'Pacific/Kiritimati',
    LANG: 'tr_TR.UTF-8',
    AWS_REGION: 'us-west-2',
    AWS_PROFILE: 'none',
    CDK_DEFAULT_ACCOUNT: '999999999999',
    CDK_DEFAULT_REGION: 'us-west-2',
    CI: 'true',
    USER: 'somebody',
  });
  expect(other.template).toBe(one.template);
  const hashes = ({ assets }: typeof one) => Object.keys((JSON.parse(assets) as { files: object }).files);
  expect(hashes(other)).toEqual(hashes(one));
});
