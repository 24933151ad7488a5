import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Environment, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { BundledCode } from '../../src/custom-resource/bundled-code';

const FOLDER = mkdtempSync(join(tmpdir(), 'bundled-code-'));
writeFileSync(join(FOLDER, 'index.js'), 'exports.handler = async () => {};');

/** Synthesizes an app with one function, and returns a reader of the files of its cloud assembly. */
function synthesize(code: lambda.Code, env: Environment = {}, context: Record<string, boolean> = {}): (file: string) => string {
  const app = new App({ context });
  new lambda.Function(new Stack(app, 'Stack', { env }), 'Function', { code, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X });
  const { directory } = app.synth();
  return (file) => readFileSync(join(directory, file), 'utf8');
}

describe('the code of the registration function', () => {
  test.each([
    ['in a known environment', { account: '111122223333', region: 'eu-west-1' }, {}],
    ['in an unknown environment', {}, {}],
    ['with the metadata that the CDK command line requests', {}, { 'aws:cdk:enable-asset-metadata': true }],
    ['without staging', {}, { 'aws:cdk:disable-asset-staging': true }],
  ])('has the same template and assets as lambda.Code.fromAsset %s', (_, env, context) => {
    const [actual, expected] = [synthesize(new BundledCode(FOLDER), env, context), synthesize(lambda.Code.fromAsset(FOLDER), env, context)];
    expect(actual('Stack.template.json')).toEqual(expected('Stack.template.json'));
    expect(actual('Stack.assets.json')).toEqual(expected('Stack.assets.json'));
  });

  test('is copied into the cloud assembly, so that another machine can deploy it', () => {
    const read = synthesize(new BundledCode(FOLDER));
    const { files } = JSON.parse(read('Stack.assets.json')) as { files: Record<string, { source: { path: string } }> };
    const staged = Object.values(files).map(({ source }) => source.path).find((path) => path.startsWith('asset.'))!;
    expect(read(join(staged, 'index.js'))).toContain('exports.handler');
  });
});
