import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

/** What npm would publish. The output of the compiler is there only after `npx projen compile`. */
function packedFiles(): string[] {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return pack.files.map(({ path }) => path);
}

test('the npm package has the compiled library, the bundle, the licences and nothing of the repository', () => {
  const files = packedFiles();
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'API.md',
      'LICENSE',
      'THIRD-PARTY-NOTICES',
      'package.json',
      'assets/registration/index.js',
    ]),
  );
  const expected =
    /^(\.jsii|README\.md|API\.md|LICENSE|THIRD-PARTY-NOTICES|package\.json|assets\/registration\/index\.js|lib\/.+\.(js|d\.ts))$/;
  expect(files.filter((file) => !expected.test(file))).toEqual([]);
  // The handler is in the bundle, and nobody imports it.
  expect(files.filter((file) => file.startsWith('lib/handler'))).toEqual([]);
});

test('THIRD-PARTY-NOTICES names exactly the packages whose code is in the bundle, with their licences', () => {
  const script =
    'import("./projenrc/notices.ts").then(async (module) => process.stdout.write(await (module.default ?? module).notices()))';
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1e8,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  expect(stderr).toBe('');
  expect(stdout).toContain('valibot');
  expect(readFileSync(join(ROOT, 'THIRD-PARTY-NOTICES'), 'utf8')).toBe(stdout);
});
