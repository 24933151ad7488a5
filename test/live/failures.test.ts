import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { LiveScene } from './support/live-scene';
import { EcrContainerRegistryProps, ZenMLStackProps } from '../../src';

/*
 * A deploy that fails leaves ZenML as it was, and its reason says what to do.
 */
let scene: LiveScene;
let inventory: string[];

beforeAll(async () => { scene = await LiveScene.open('LiveFailures'); });
afterAll(async () => { await scene.close(); });
beforeEach(async () => { inventory = await ofThisStack(); });
afterEach(async () => {
  scene.proxy.intervene = undefined;
  await scene.stack.destroy();
});

async function ofThisStack(): Promise<string[]> {
  return (await scene.cloud.zenml.admin.inventory()).filter((line) => line.toLowerCase().includes('livefailures'));
}

const deploy = async (registry: Partial<EcrContainerRegistryProps> = {}, stack: Partial<ZenMLStackProps> = {}) =>
  scene.deploy((scope) => {
    scene.registryInStack(
      scope,
      scene.server(scope),
      {
        repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
        ...registry,
      },
      stack,
    );
  });

/** A key of the right form that ZenML does not know: what is inside differs (an appended letter would be ignored). */
function wrongKey(key: string): string {
  const [prefix, encoded] = [key.slice(0, 'ZENKEY_'.length), key.slice('ZENKEY_'.length)];
  const inside = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { key: string };
  return (
    prefix + Buffer.from(JSON.stringify({ ...inside, key: [...inside.key].reverse().join('') })).toString('base64')
  );
}

test.each([
  ['a wrong API key', (key: string) => wrongKey(key), /API key/i],
  ['a secret that holds no ZenML key', () => 'hunter2', /ZENKEY_/],
])(
  'a deploy with %s fails with a reason, changes nothing, and succeeds after the correction',
  async (_, text, reason) => {
    const secrets = new SecretsManagerClient(scene.cloud.aws.clientOptions());
    const put = async (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: scene.secretArn, SecretString }));
    await put(text(scene.cloud.apiKey));
    try {
      const result = await deploy();
      expect(result.status).toBe('ROLLBACK_COMPLETE');
      expect(result.failures.join()).toMatch(reason);
      expect(result.failures.join()).not.toContain('hunter2');
      expect(await ofThisStack()).toEqual(inventory);
    } finally {
      await put(scene.cloud.apiKey);
    }
  },
);

test('a deploy with a name that is taken in ZenML fails with a reason', async () => {
  const foreign = await scene.cloud.zenml.admin.call<{ id: string }>('POST', '/components', {
    name: 'livefailures-taken', type: 'container_registry', flavor: 'default', configuration: { uri: 'localhost:5000' },
  });
  try {
    const result = await deploy({ stackComponentName: 'livefailures-taken' });
    expect(result.status).toBe('ROLLBACK_COMPLETE');
    expect(result.failures.join()).toMatch(/livefailures-taken/);
    expect(await ofThisStack()).toEqual([`components livefailures-taken ${foreign.id}`]);
  } finally {
    await scene.cloud.zenml.admin.call('DELETE', `/components/${foreign.id}`);
  }
});

test('an Update that fails late is rolled back completely', async () => {
  expect(await deploy({}, { zenmlStackName: 'livefailures-stack', description: 'first' })).toMatchObject({
    status: 'CREATE_COMPLETE',
  });
  const before = await scene.idsInZenml();
  const described = async () =>
    (await scene.inZenml()).stacks.map((stack) => (stack.metadata as { description: string }).description);
  let refused = 0;
  scene.proxy.intervene = ({ method, path }) =>
    method === 'PUT' && path.includes('/stacks/') && refused++ === 0
      ? { answer: { status: 400, body: { detail: ['ValueError', 'no'] } } }
      : undefined;
  const result = await deploy(
    { labels: { team: 'b' } },
    { zenmlStackName: 'livefailures-stack', description: 'second' },
  );
  expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await scene.idsInZenml()).toEqual(before);
  expect(await described()).toEqual(['first']);
  const { connectors } = await scene.inZenml();
  expect((connectors[0]!.metadata as { labels: Record<string, string> }).labels.team).toBeUndefined();
});

test('a POST whose answer is lost after the server did the work creates no second object', async () => {
  let lost = 0;
  scene.proxy.intervene = ({ method, path }) =>
    method === 'POST' && path.endsWith('/components') && lost++ === 0 ? { break: 'after' } : undefined;
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  expect(lost).toBeGreaterThan(0);
  expect((await scene.inZenml()).components).toHaveLength(1);
});

test("a role without permission to list repositories fails the verification with AWS's text, and nothing is left", async () => {
  const result = await scene.deploy((scope) => {
    const registry = scene.registryInStack(scope, scene.server(scope), {
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY },
    });
    (registry.accessRole as Role).addToPolicy(
      new PolicyStatement({ effect: Effect.DENY, actions: ['ecr:DescribeRepositories'], resources: ['*'] }),
    );
  });
  expect(result.status).toBe('ROLLBACK_COMPLETE');
  expect(result.failures.join()).toMatch(/DescribeRepositories/);
  expect(await ofThisStack()).toEqual(inventory);
});
