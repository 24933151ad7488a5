import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { NEEDED_CALLS } from './support/ecr-calls';
import { Identities } from './support/identities';
import { LiveScene } from './support/live-scene';
import { StackResult } from '../../local/clients/stack-driver';
import {
  ANSWER_LOST, calls, CONNECTION_RESET, delayed, Faults, NEVER, NOT_YET, REFUSED, unavailable, VERIFICATION, Which,
} from '../../local/services/faults';
import { storeSecret } from '../../local/services/local-cloud';
import { Intervention } from '../../local/services/recording-proxy';
import { ConnectorAuthentication, RegistryAuthentication } from '../../src';

/*
 * Faults between the handler and a real ZenML server, while real CloudFormation operations run. docs/proof.md names
 * these tests.
 */
const USER = 'livefaults-keys';
let scene: LiveScene;
let identities: Identities;
let keysArn: string;

interface Wish {
  readonly team?: string;
  readonly description?: string;
  /** Another authentication method: the connector is replaced. */
  readonly secretKey?: boolean;
  /** A resource that comes after all others and cannot be made. */
  readonly breakLater?: boolean;
}

const deploy = async (wish: Wish = {}): Promise<StackResult> => scene.deploy((scope: Stack) => {
  const authentication = wish.secretKey
    ? ConnectorAuthentication.secretKey({ secret: Secret.fromSecretCompleteArn(scope, 'Keys', keysArn) })
    : ConnectorAuthentication.iamRole();
  const registry = scene.registryInStack(scope, scene.server(scope), {
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    authentication: RegistryAuthentication.connector(authentication),
    labels: wish.team === undefined ? undefined : { team: wish.team },
  }, { description: wish.description });
  if (wish.breakLater) {
    new iam.CfnAccessKey(scope, 'Broken', { userName: 'nobody-of-this-name' }).node.addDependency(
      registry,
      scope.node.findChild('Stack'),
    );
  }
});

const withFault = async <T>(faults: Faults, work: () => Promise<T>): Promise<T> => {
  scene.proxy.intervene = faults.intervene;
  try {
    return await work();
  } finally {
    scene.proxy.intervene = undefined;
    expect(faults.struck).toBeGreaterThan(0);
  }
};

/** What of this stack is in ZenML, as it is, without what each write changes. */
async function picture(): Promise<unknown> {
  const { connectors, components, stacks } = await scene.inZenml();
  // When it was last written is no part of what it is.
  const moments = ['updated', 'secret_id', 'cdk-zenml:applied-at'];
  return JSON.parse(
    JSON.stringify({ connectors, components, stacks }, (key, value: unknown) =>
      moments.includes(key) ? undefined : value,
    ),
  );
}

/** One of each, joined, and the ZenML server reaches AWS with them. */
async function expectWhole(): Promise<void> {
  const { connectors, components, stacks } = await scene.inZenml();
  expect([connectors.length, components.length, stacks.length]).toEqual([1, 1, 1]);
  expect(components[0]!.metadata).toMatchObject({ connector: { id: connectors[0]!.id } });
  const composition = (stacks[0]!.metadata as { components: Record<string, { id: string }[]> }).components;
  expect(composition.container_registry!.map(({ id }) => id)).toEqual([components[0]!.id]);
  const verified = await scene.cloud.zenml.admin.call<{ error: unknown; resources: { resource_ids: string[] }[] }>(
    'PUT', `/service_connectors/${connectors[0]!.id}/verify`);
  expect(verified.error ?? verified.resources[0]!.resource_ids).toEqual([
    '111122223333.dkr.ecr.us-east-1.amazonaws.com',
  ]);
}

beforeAll(async () => {
  scene = await LiveScene.open('LiveFaults');
  identities = new Identities(scene.cloud.aws);
  const { credentials } = await identities.makeUser(USER, { Action: Object.keys(NEEDED_CALLS), Resource: '*' });
  keysArn = await storeSecret(scene.cloud.aws, 'live/LiveFaults-keys', JSON.stringify({
    aws_access_key_id: credentials.accessKeyId, aws_secret_access_key: credentials.secretAccessKey,
  }));
});
afterAll(async () => {
  await scene.close();
  await identities.deleteUser(USER);
});

async function gone(): Promise<void> {
  // Not its `failures`: those reach back a second, in which a create may have failed.
  expect((await scene.stack.destroy()).status).toBe('DELETE_COMPLETE');
  expect(await scene.idsInZenml()).toEqual([]);
}

describe('a Create with a fault that passes', () => {
  afterEach(gone);

  test.each<[string, Which, Intervention, number]>([
    ["the answer to the connector's POST is lost", calls('POST', '/service_connectors'), ANSWER_LOST, 1],
    ["the answer to the component's POST is lost twice", calls('POST', '/components'), ANSWER_LOST, 2],
    ["the answer to the stack's POST is lost", calls('POST', '/stacks'), ANSWER_LOST, 1],
    ["the stack's POST is reset before the server sees it", calls('POST', '/stacks'), CONNECTION_RESET, 1],
    ["503 without Retry-After to the component's POST", calls('POST', '/components'), unavailable(), 1],
    [
      '503 with Retry-After to login and POST',
      (request) => calls('POST', '/login')(request) || calls('POST', '/components')(request),
      unavailable(1),
      2,
    ],
    ['a slow verification', VERIFICATION, delayed(1500), 1],
    ['a verification that AWS denies at first', VERIFICATION, NOT_YET, 1],
  ])(
    'a Create succeeds and creates one object of each kind although there is this fault: %s',
    async (_, which, intervention, times) => {
      expect(await withFault(new Faults().add(which, intervention, times), deploy)).toMatchObject({
        status: 'CREATE_COMPLETE',
        failures: [],
      });
      await expectWhole();
    },
  );
});

describe('a Create with a fault that stays', () => {
  afterEach(gone);

  test.each<[string, Which, Intervention, RegExp]>([
    ['the verification is refused for good', VERIFICATION, NEVER, /Connector.*Could not connect to the endpoint/],
    ['the component is refused', calls('POST', '/components'), REFUSED, /Component.*HTTP 400/],
    ['the stack is refused', calls('POST', '/stacks'), REFUSED, /Stack.*HTTP 400/],
  ])(
    'a Create fails and leaves nothing, and the next one succeeds, after this fault: %s',
    async (_, which, intervention, reason) => {
      const failed = await withFault(new Faults().add(which, intervention), deploy);
      expect(failed.status).toBe('ROLLBACK_COMPLETE');
      expect(failed.failures.join('\n')).toMatch(reason);
      expect(await scene.idsInZenml()).toEqual([]);
      await gone();
      expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
      await expectWhole();
    },
  );
});

// Only the status is asked of a retry: CloudFormation's events carry seconds, so the failure just provoked would be
// among them.
describe('one deployment, step by step', () => {
  let before: unknown;
  beforeAll(async () => {
    expect(await deploy({ team: 'a', description: 'first' })).toMatchObject({ status: 'CREATE_COMPLETE' });
  });
  beforeEach(async () => { before = await picture(); });

  const expectRolledBack = async (result: StackResult, reason: RegExp) => {
    expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(result.failures.join('\n')).toMatch(reason);
    expect(await picture()).toEqual(before);
    await expectWhole();
  };

  test('an Update whose answers are lost succeeds in place', async () => {
    const ids = await scene.idsInZenml();
    const faults = new Faults().add(({ method }) => method === 'PUT', ANSWER_LOST, 3);
    expect(await withFault(faults, async () => deploy({ team: 'b', description: 'second' }))).toMatchObject({
      status: 'UPDATE_COMPLETE',
    });
    expect(await scene.idsInZenml()).toEqual(ids);
    await expectWhole();
  });

  test('an Update that fails at the stack restores connector and component, and the retry succeeds', async () => {
    const faults = new Faults().add(calls('PUT', '/stacks/*'), REFUSED);
    await expectRolledBack(
      await withFault(faults, async () => deploy({ team: 'c', description: 'third' })),
      /Stack.*HTTP 400/,
    );
    expect(await deploy({ team: 'c', description: 'third' })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('a replacement whose new connector is refused changes nothing', async () => {
    const result = await withFault(new Faults().add(VERIFICATION, NEVER), async () =>
      deploy({ team: 'c', description: 'third', secretKey: true }),
    );
    await expectRolledBack(result, /Connector.*Could not connect/);
  });

  test('a replacement whose component cannot be updated leaves the old connector and no new one', async () => {
    const result = await withFault(new Faults().add(calls('PUT', '/components/*'), REFUSED), async () =>
      deploy({ team: 'c', description: 'third', secretKey: true }),
    );
    await expectRolledBack(result, /Component.*HTTP 400/);
  });

  test('a replacement before the failure of another resource is rolled back to the old connector', async () => {
    const result = await deploy({ team: 'c', description: 'third', secretKey: true, breakLater: true });
    await expectRolledBack(result, /Broken/);
  });

  test('the next replacement succeeds, although the answers to its POST and to the DELETE of the old connector are lost', async () => {
    const [connector, ...others] = await scene.idsInZenml();
    const faults = new Faults()
      .add(calls('POST', '/service_connectors'), ANSWER_LOST)
      .add(calls('DELETE', '/service_connectors/*'), ANSWER_LOST);
    expect(
      await withFault(faults, async () => deploy({ team: 'c', description: 'third', secretKey: true })),
    ).toMatchObject({ status: 'UPDATE_COMPLETE' });
    const [replaced, ...kept] = await scene.idsInZenml();
    expect(kept).toEqual(others);
    expect(replaced).not.toBe(connector);
    await expectWhole();
  });

  test('a Delete succeeds despite HTTP 503, a reset connection and lost answers', async () => {
    const faults = new Faults()
      .add(calls('DELETE', '/stacks/*'), ANSWER_LOST)
      .add(calls('DELETE', '/components/*'), CONNECTION_RESET)
      .add(calls('DELETE', '/service_connectors/*'), unavailable());
    await withFault(faults, gone);
  });
});

test('a Delete that fails for good leaves its object, the other objects are deleted, and the documented remedy works', async () => {
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE' });
  const failed = await withFault(new Faults().add(calls('DELETE', '/stacks/*'), REFUSED), async () =>
    scene.stack.destroy(),
  );
  expect(failed.status).toBe('DELETE_FAILED');
  expect(failed.failures.join('\n')).toMatch(/Stack.*HTTP 400/);
  const { connectors, components, stacks } = await scene.inZenml();
  // The stack still holds the component and that the connector: they refuse to go, as they should.
  expect([connectors.length, components.length, stacks.length]).toEqual([1, 1, 1]);
  expect(await scene.inAws()).not.toContainEqual(expect.stringMatching(/^function/));

  const again = await scene.stack.destroy();
  expect(again.status).toBe('DELETE_FAILED');
  const names = [...new Set(again.failures.map((failure) => failure.split(' ')[0]!))];
  expect(await scene.stack.destroy(names)).toMatchObject({ status: 'DELETE_COMPLETE' });
  const { admin } = scene.cloud.zenml;
  await admin.call('DELETE', `/stacks/${stacks[0]!.id}`);
  await admin.call('DELETE', `/components/${components[0]!.id}`);
  await admin.call('DELETE', `/service_connectors/${connectors[0]!.id}`);
  expect(await scene.idsInZenml()).toEqual([]);
});
