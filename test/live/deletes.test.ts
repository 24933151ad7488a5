import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { LiveScene } from './support/live-scene';
import { wrongKeyLike } from './support/stored-api-key';
import { CONNECTION_RESET } from '../../local/services/faults';
import { storeSecret } from '../../local/services/local-cloud';
import {
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  UnreachableServerBehavior,
} from '../../src';

/*
 * Deletes that must not hurt others, that must be possible without the server, and that come after their configuration
 * has left the template.
 */
let scene: LiveScene;

interface Wish extends Partial<EcrContainerRegistryProps> {
  /** ARN of another secret with the API key. */
  readonly apiKey?: string;
}

const deploy = async ({ apiKey, ...wish }: Wish = {}) => scene.deploy((scope: Stack) => {
  const server = scene.server(
    scope,
    apiKey === undefined ? {} : { apiKey: Secret.fromSecretCompleteArn(scope, 'OtherKey', apiKey) },
  );
  new EcrContainerRegistry(scope, 'Registry', {
    server,
    repositoryNames: [scene.repositoryName],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    ...wish,
  });
});

/** A ZenML stack of somebody else, with the deployed registry in it. */
async function foreignStack(): Promise<{ registries: () => Promise<string[]>; remove: () => Promise<void> }> {
  const { admin } = scene.cloud.zenml;
  const others = await admin.list('components', '&name=equals:default');
  const id = (type: string) => others.find((component) => (component.body as { type: string }).type === type)!.id;
  const { components } = await scene.inZenml();
  const { id: stackId } = await admin.call<{ id: string }>('POST', '/stacks', {
    name: 'livedeletes-of-others',
    components: {
      orchestrator: [id('orchestrator')],
      artifact_store: [id('artifact_store')],
      container_registry: [components[0]!.id],
    },
  });
  return {
    registries: async () =>
      (
        await admin.call<{ metadata: { components: Record<string, { id: string }[]> } }>('GET', `/stacks/${stackId}`)
      ).metadata.components.container_registry?.map((component) => component.id) ?? [],
    remove: async () => {
      await admin.call('DELETE', `/stacks/${stackId}`);
    },
  };
}

async function clearZenml(): Promise<void> {
  const { admin } = scene.cloud.zenml;
  const { connectors, components } = await scene.inZenml();
  for (const { id } of components) { await admin.call('DELETE', `/components/${id}`); }
  for (const { id } of connectors) { await admin.call('DELETE', `/service_connectors/${id}`); }
}

async function putKey(text: string): Promise<void> {
  await new SecretsManagerClient(scene.cloud.aws.clientOptions()).send(
    new PutSecretValueCommand({ SecretId: scene.secretArn, SecretString: text }),
  );
}

const retainWhatFailed = async (failures: string[]) =>
  scene.stack.destroy([...new Set(failures.map((failure) => failure.split(' ')[0]!))]);

beforeAll(async () => { scene = await LiveScene.open('LiveDeletes'); });
afterAll(async () => { await scene.close(); });
afterEach(() => { scene.proxy.intervene = undefined; });

test("a Delete of a registry in another person's stack is refused with the name of the stack, and ZenML is unchanged", async () => {
  await deploy();
  const foreign = await foreignStack();
  const ids = await scene.idsInZenml();
  const refused = await scene.stack.destroy();
  expect(refused.status).toBe('DELETE_FAILED');
  expect(refused.failures.join('\n')).toMatch(/"livedeletes-of-others".*detachFromStacks/);
  expect(await scene.idsInZenml()).toEqual(ids);
  expect(await foreign.registries()).toEqual([ids[1]]);
  // Not hidden: the function is gone although the delete failed, and so a second try cannot work.
  expect((await scene.inAws()).filter((line) => line.startsWith('function'))).toEqual([]);
  const again = await scene.stack.destroy();
  expect(again.status).toBe('DELETE_FAILED');
  expect(await retainWhatFailed(again.failures)).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await scene.inAws()).toEqual([]);
  await foreign.remove();
  await clearZenml();
});

test('detachFromStacks is deployed without a call, then the Delete removes the registry from the stack', async () => {
  await deploy();
  const foreign = await foreignStack();
  scene.proxy.take();
  expect(await deploy({ detachFromStacks: true })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(scene.proxy.take()).toEqual([]);
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await scene.idsInZenml()).toEqual([]);
  expect(await foreign.registries()).toEqual([]);
  await foreign.remove();
});

test('onUnreachableServer ABANDON can be deployed while the key is refused, and then the destroy succeeds', async () => {
  await deploy();
  const ids = await scene.idsInZenml();
  await putKey(wrongKeyLike(scene.cloud.apiKey));
  try {
    scene.proxy.take();
    expect(await deploy({ onUnreachableServer: UnreachableServerBehavior.ABANDON })).toMatchObject({
      status: 'UPDATE_COMPLETE',
      failures: [],
    });
    expect(scene.proxy.take()).toEqual([]);
    expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
    expect(scene.proxy.take().length).toBeGreaterThan(0);
  } finally {
    await putKey(scene.cloud.apiKey);
  }
  expect(await scene.idsInZenml()).toEqual(ids);
  await clearZenml();
});

test('a destroy with ABANDON takes a minute for each object when nothing listens at the address', async () => {
  // One object, so one minute.
  const authentication = RegistryAuthentication.localDocker();
  await deploy({ authentication });
  const ids = await scene.idsInZenml();
  const revive = await scene.killProxy();
  try {
    expect(await deploy({ authentication, onUnreachableServer: UnreachableServerBehavior.ABANDON })).toMatchObject({
      status: 'UPDATE_COMPLETE',
      failures: [],
    });
    expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  } finally {
    await revive();
  }
  expect(await scene.inAws()).toEqual([]);
  expect(await scene.idsInZenml()).toEqual(ids);
  await clearZenml();
}, 400_000);

test('a destroy with a refused key fails with advice, and retaining what failed finishes it', async () => {
  await deploy();
  await putKey(wrongKeyLike(scene.cloud.apiKey));
  let failed;
  try {
    failed = await scene.stack.destroy();
  } finally {
    await putKey(scene.cloud.apiKey);
  }
  expect(failed.status).toBe('DELETE_FAILED');
  expect(failed.failures.join('\n')).toMatch(/API key.*ABANDON.*retain/);
  expect(await retainWhatFailed(failed.failures)).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await scene.inAws()).toEqual([]);
  await clearZenml();
});

test('removalPolicy RETAIN keeps both objects in ZenML, and what the connector needs, so it still works', async () => {
  const kept = await LiveScene.open('LiveKept');
  const define = (scope: Stack) => {
    new EcrContainerRegistry(scope, 'Registry', {
      server: kept.server(scope),
      repositoryNames: [kept.repositoryName],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  };
  try {
    expect(await kept.deploy(define)).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
    const ids = await kept.idsInZenml();
    expect(await kept.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
    expect([ids.length, await kept.idsInZenml()]).toEqual([2, ids]);
    const { connectors, components } = await kept.inZenml();
    const { admin } = kept.cloud.zenml;
    const { error } = await admin.call<{ error: unknown }>('PUT', `/service_connectors/${connectors[0]!.id}/verify`);
    expect(error).toBeNull();
    await admin.call('DELETE', `/components/${components[0]!.id}`);
    await admin.call('DELETE', `/service_connectors/${connectors[0]!.id}`);
  } finally {
    await kept.close();
  }
});

describe('a cleanup Delete', () => {
  test('a cleanup Delete has its permissions and configuration after the registration and its server have left the template', async () => {
    await deploy();
    expect(
      await scene.stack.deploy((scope) => {
        new Secret(scope, 'Rest');
      }),
    ).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
    expect(await scene.idsInZenml()).toEqual([]);
    await scene.stack.destroy();
  });

  test('a cleanup Delete has its permissions and configuration when the API key moved to another secret one deploy before', async () => {
    await deploy();
    const ids = await scene.idsInZenml();
    const other = await storeSecret(scene.cloud.aws, 'live/LiveDeletes-other', scene.cloud.apiKey);
    expect(await deploy({ apiKey: other })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
    expect(await scene.idsInZenml()).toEqual(ids);
    scene.proxy.intervene = (() => {
      let left = 2;
      return () => (left-- > 0 ? CONNECTION_RESET : undefined);
    })();
    expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
    expect(await scene.idsInZenml()).toEqual([]);
  });
});
