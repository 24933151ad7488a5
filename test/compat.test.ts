import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cdk-zenml-compat-'));
let server: Server | undefined;
afterEach(() => { server?.close(); server = undefined; });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** A package with a class that has these attributes, as jsii describes it. All is experimental, as in this library. */
function packageWith(version: string, attributes: string[]): string {
  const docs = { stability: 'experimental' };
  const assembly = {
    schema: 'jsii/0.10.0',
    jsiiVersion: '6.0.0',
    name: 'cdk-zenml',
    version,
    fingerprint: version,
    types: {
      'cdk-zenml.Registry': {
        assembly: 'cdk-zenml',
        fqn: 'cdk-zenml.Registry',
        kind: 'class',
        name: 'Registry',
        docs,
        properties: attributes.map((name) => ({ name, docs, immutable: true, type: { primitive: 'string' } })),
      },
    },
  };
  const path = join(folder, version, 'package');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, '.jsii'), JSON.stringify(assembly));
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'cdk-zenml', version, jsii: {} }));
  return path;
}

function tarballOf(path: string): string {
  const tarball = `${path}.tgz`;
  execFileSync('tar', ['-czf', tarball, '-C', join(path, '..'), 'package']);
  return tarball;
}

/** A registry that knows one version of this library, or answers each request with the status. */
async function registry(answer: { version: string; tarball: string } | number): Promise<string> {
  server = createServer((request, response) => {
    if (typeof answer === 'number') {
      response.writeHead(answer).end('{}');
    } else if (request.url!.endsWith('.tgz')) {
      response.end(readFileSync(answer.tarball));
    } else {
      const tarball = `http://${request.headers.host}/cdk-zenml-${answer.version}.tgz`;
      const versions = { [answer.version]: { name: 'cdk-zenml', version: answer.version, dist: { tarball } } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ 'name': 'cdk-zenml', 'dist-tags': { latest: answer.version }, versions }));
    }
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server!.address() as AddressInfo).port}/`;
}

function compat(args: string[], registryUrl = 'http://127.0.0.1:1/'): Promise<{ code: number | null; output: string }> {
  const program = [join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), join(ROOT, 'projenrc', 'compat.ts')];
  const child = spawn(process.execPath, [...program, ...args], {
    env: {
      ...process.env,
      npm_config_registry: registryUrl,
      npm_config_cache: join(folder, 'npm'),
      npm_config_fetch_retries: '0',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

const old = packageWith('1.2.3', ['registryUri', 'registryId']);
const more = packageWith('1.3.0', ['registryUri', 'registryId', 'dockerLoginCommand']);
const less = packageWith('2.0.0', ['registryUri']);

test('an addition to the published API is compatible', async () => {
  const { code, output } = await compat([tarballOf(old), more]);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('compatible with cdk-zenml 1.2.3') });
});

test('an attribute that is removed breaks apps, although the API is experimental', async () => {
  const { code, output } = await compat([tarballOf(old), less]);
  expect(code).toBe(1);
  expect(output).toContain('[removed:cdk-zenml.Registry.registryId]');
  expect(output).toContain('.compatignore');
});

test('without arguments, the newest version of the registry counts', async () => {
  const url = await registry({ version: '1.2.3', tarball: tarballOf(old) });
  const { code, output } = await compat(['', less], url);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('apps that use cdk-zenml 1.2.3') });
});

test('while no version is published, the comparison is skipped', async () => {
  const { code, output } = await compat(['', more], await registry(404));
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^skipped: no version/) });
});

test('a registry that fails or cannot be reached does not count as one without the package', async () => {
  for (const url of [await registry(500), undefined]) {
    const { code, output } = await compat(['', more], url);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('npm could not download') });
  }
});

test('a package that cannot be read is not called a breaking change', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'package.json'), '{"version":"0.0.1"}');
  const { code, output } = await compat([empty, more]);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('jsii-diff failed') });
  expect(output).not.toContain('breaks apps');
});

test('.compatignore has a reason above each accepted change', () => {
  const lines = readFileSync(join(ROOT, '.compatignore'), 'utf8').split('\n');
  const bare = lines.filter((line, index) => /^[a-z]/.test(line) && !lines[index - 1]!.startsWith('#'));
  expect(bare).toEqual([]);
});
