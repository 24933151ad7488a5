import { AwsError } from '../../../src/handler/ports';
import { AWS_KEYS_ARN, CONNECTOR, Harness } from '../support/harness';

let h: Harness;
beforeEach(async () => { h = await Harness.start(); });
afterEach(async () => h.stop());

/** What AWS and ZenML are asked, in order. */
function watch(denials: number = 0): string[] {
  const asked: string[] = [];
  const { getParameter, getSecret } = h.ports.aws;
  let left = denials;
  Object.assign(h.ports.aws, {
    getParameter: async (name: string, signal: AbortSignal) => { asked.push(name); return getParameter(name, signal); },
    getSecret: async (arn: string, version: string | undefined, signal: AbortSignal) => {
      asked.push(arn === AWS_KEYS_ARN ? 'keys' : 'API key');
      if (arn === AWS_KEYS_ARN && left-- > 0) { throw new AwsError('AccessDeniedException', 'denied'); }
      return getSecret(arn, version, signal);
    },
  });
  h.zenml.script(/^POST \/login/, 'pass', 1, () => { asked.push('login'); });
  return asked;
}

test('the AWS keys of a connector are read once, and before the login has ended', async () => {
  const asked = watch();
  expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Status).toBe('SUCCESS');
  expect(asked.filter((what) => what === 'keys')).toHaveLength(1);
  expect(asked.indexOf('keys')).toBeLessThan(asked.indexOf('login'));
});

test('keys that AWS denies at first are read again after the login', async () => {
  const asked = watch(2);
  expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Status).toBe('SUCCESS');
  expect(asked.filter((what) => what === 'keys')).toHaveLength(3);
});

test('a Delete reads no keys', async () => {
  const created = await h.send('Create', 'ServiceConnector', CONNECTOR);
  h.fresh();
  const asked = watch();
  await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: created.PhysicalResourceId });
  expect(asked).not.toContain('keys');
});
