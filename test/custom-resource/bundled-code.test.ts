import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Environment, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { BundledCode } from '../../src/custom-resource/bundled-code';

const FOLDER = mkdtempSync(join(tmpdir(), 'bundled-code-'));
const CODE = 'exports.handler = async () => {};';
writeFileSync(join(FOLDER, 'index.js'), CODE);
/** A constant: with another hash each machine would deploy the function again. */
const HASH = createHash('sha256').update(`index.js::${CODE}`).digest('hex');

const bundledCode = () => new BundledCode(FOLDER, 'index.js');
const withoutHashes = (text: string) => text.replace(/[0-9a-f]{64}|(?<=-)[0-9a-f]{8}(?=")/g, '<hash>');

function define(stack: Stack, code: lambda.Code): void {
  new lambda.Function(stack, 'Function', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X });
}

/** Synthesizes an app with one function, and returns a reader of the files of its cloud assembly. */
function synthesize(
  code: lambda.Code,
  env: Environment = {},
  context: Record<string, unknown> = {},
): (file: string) => string {
  const app = new App({ context });
  define(new Stack(app, 'Stack', { env }), code);
  const { directory } = app.synth();
  return (file) => readFileSync(join(directory, file), 'utf8');
}

describe('the code of the registration function', () => {
  test.each([
    ['in a known environment', { account: '111122223333', region: 'eu-west-1' }, {}],
    ['in an unknown environment', {}, {}],
    ['with the metadata that the CDK command line requests', {}, { 'aws:cdk:enable-asset-metadata': true }],
    ['without staging', {}, { 'aws:cdk:disable-asset-staging': true }],
  ])(
    'the code has the same template and assets as lambda.Code.fromAsset %s, except for the hash',
    (_, env, context) => {
      const [actual, expected] = [
        synthesize(bundledCode(), env, context),
        synthesize(lambda.Code.fromAsset(FOLDER), env, context),
      ];
      for (const file of ['Stack.template.json', 'Stack.assets.json']) {
        expect(withoutHashes(actual(file))).toEqual(withoutHashes(expected(file)));
      }
    },
  );

  test('the code is copied into the cloud assembly, so that another machine can deploy it', () => {
    const read = synthesize(bundledCode());
    const { files } = JSON.parse(read('Stack.assets.json')) as { files: Record<string, { source: { path: string } }> };
    const staged = Object.values(files).map(({ source }) => source.path).find((path) => path.startsWith('asset.'))!;
    expect(read(join(staged, 'index.js'))).toBe(CODE);
  });

  test('the code is copied once for all stages of an app, and each stage finds it', () => {
    const app = new App();
    for (const id of ['One', 'Two']) { define(new Stack(new Stage(app, id), 'Stack'), bundledCode()); }
    const { directory } = app.synth();
    expect(readdirSync(directory).filter((name) => name.startsWith('asset.'))).toEqual([`asset.${HASH}`]);
    for (const id of ['One', 'Two']) {
      const assembly = join(directory, `assembly-${id}`);
      const { files } = JSON.parse(
        readFileSync(
          join(
            assembly,
            readdirSync(assembly).find((name) => name.endsWith('.assets.json'))!,
          ),
          'utf8',
        ),
      );
      expect(readFileSync(join(assembly, files[HASH].source.path, 'index.js'), 'utf8')).toBe(CODE);
    }
  });

  test('the hash of the code depends only on the code and on the salt in the context', () => {
    expect(synthesize(bundledCode())('Stack.template.json')).toContain(`${HASH}.zip`);
    expect(
      synthesize(bundledCode(), {}, { '@aws-cdk/core:assetHashSalt': 'salt' })('Stack.template.json'),
    ).not.toContain(HASH);
  });
});
