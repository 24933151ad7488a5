import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LiveScene } from './support/live-scene';
import { ComponentType, RegistrationOptions, StackComponent } from '../../src';

/*
 * Objects of the same name that exist already, and the move of an object from one CloudFormation stack to another.
 */
const CONNECTOR = 'liveadoption-connector';
const NAMES = { stackComponentName: 'liveadoption-registry', zenmlStackName: 'liveadoption-stack' };
const HOST = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
let first: LiveScene;
let second: LiveScene;

type Options = Partial<RegistrationOptions & { serviceConnectorName: string }>;

const deploy = async (scene: LiveScene, options: Options = {}) => scene.deploy((scope: Stack) => {
  const { zenmlStackName, ...names } = NAMES;
  const { serviceConnectorName, ...shared } = options;
  scene.registryInStack(scope, scene.server(scope), {
    ...names, ...options, repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  }, { zenmlStackName, ...shared });
});

/** All of the objects, field by field, but for when they were written last. */
const details = async () => {
  const { admin } = first.cloud.zenml;
  const all = [
    ...await admin.list('service_connectors', `&name=equals:${CONNECTOR}`),
    ...await admin.list('components', `&name=equals:${NAMES.stackComponentName}`),
    ...await admin.list('stacks', `&name=equals:${NAMES.zenmlStackName}`),
  ];
  // A PUT turns "no labels" (null) into an empty set of labels.
  const comparable = (key: string, value: unknown) =>
    key === 'updated' ? undefined : key === 'labels' ? (value ?? {}) : value;
  return JSON.parse(JSON.stringify(all, comparable)) as unknown;
};

const inventory = async () =>
  (await first.cloud.zenml.admin.inventory()).filter((line) => line.includes('liveadoption-'));

async function clear(): Promise<void> {
  for (const line of (await inventory()).reverse()) {
    const [kind, , id] = line.split(' ');
    if (kind === 'stacks') { await first.cloud.zenml.admin.call('DELETE', `/stacks/${id}`); }
  }
  for (const kind of ['components', 'service_connectors']) {
    for (const line of await inventory()) {
      if (line.startsWith(kind)) { await first.cloud.zenml.admin.call('DELETE', `/${kind}/${line.split(' ')[2]}`); }
    }
  }
}

/** The same three, as made by hand by another user. */
async function makeByHand(): Promise<void> {
  const { admin } = first.cloud.zenml;
  const connector = await admin.call<{ id: string }>('POST', '/service_connectors', {
    name: CONNECTOR,
    connector_type: 'aws',
    auth_method: 'iam-role',
    resource_types: ['docker-registry'],
    resource_id: HOST,
    labels: { team: 'theirs' },
    configuration: {
      region: 'us-east-1',
      role_arn: 'arn:aws:iam::111122223333:role/theirs',
      aws_access_key_id: 'none',
      aws_secret_access_key: 'none',
    },
  });
  const component = await admin.call<{ id: string }>('POST', '/components', {
    name: NAMES.stackComponentName,
    type: 'container_registry',
    flavor: 'aws',
    configuration: { uri: HOST },
    connector: connector.id,
    connector_resource_id: HOST,
  });
  const others = await admin.list('components', '&name=equals:default');
  const id = (type: string) => others.find((other) => (other.body as { type: string }).type === type)!.id;
  await admin.call('POST', '/stacks', {
    name: NAMES.zenmlStackName,
    components: {
      orchestrator: [id('orchestrator')],
      artifact_store: [id('artifact_store')],
      container_registry: [component.id],
    },
  });
}

beforeAll(async () => {
  first = await LiveScene.open('LiveAdoptionA');
  second = await LiveScene.open('LiveAdoptionB');
});
afterAll(async () => {
  await first.close();
  await second.close();
  await clear();
});

test('an existing component and stack are refused, then adopted in place, and given back as they were found', async () => {
  await makeByHand();
  const theirs = await inventory();
  const before = await details();
  const refused = await deploy(first, { serviceConnectorName: CONNECTOR });
  expect(refused.status).toBe('ROLLBACK_COMPLETE');
  expect(refused.failures.join('\n')).toMatch(
    /named "liveadoption-connector" that this CloudFormation resource did not create/,
  );
  await first.stack.destroy();
  const asked = await deploy(first);
  expect(asked.failures.join('\n')).toMatch(
    /named "liveadoption-registry" that this CloudFormation resource did not create.*set adoptExisting/,
  );
  await first.stack.destroy();
  expect(await details()).toEqual(before);

  expect(await deploy(first, { adoptExisting: true })).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(await inventory()).toEqual(theirs);
  const { components } = await first.inZenml();
  expect(components[0]!.metadata).toMatchObject({
    configuration: { default_repository: first.repositoryName },
    labels: { 'cdk-zenml:found': expect.any(String) as string },
  });
  expect(await deploy(first, { adoptExisting: true, labels: { team: 'ours' } })).toMatchObject({
    status: 'UPDATE_COMPLETE',
    failures: [],
  });
  expect(await inventory()).toEqual(theirs);

  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await details()).toEqual(before);
});

test('a deploy that fails after the adoption gives both objects back as they were found', async () => {
  const before = await details();
  const failed = await first.deploy((scope: Stack) => {
    const { zenmlStackName, ...names } = NAMES;
    const registry = first.registryInStack(scope, first.server(scope), {
      ...names, adoptExisting: true, repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    }, { zenmlStackName, adoptExisting: true });
    const broken = new StackComponent(scope, 'Broken', {
      server: registry.server, componentType: ComponentType.ORCHESTRATOR, flavor: 'no-such-flavor',
    });
    broken.node.addDependency(scope.node.findChild('Stack'));
  });
  expect(failed.status).toBe('ROLLBACK_COMPLETE');
  expect(await details()).toEqual(before);
  await first.stack.destroy();
});

test('objects that were adopted with removalPolicy DESTROY are deleted with the resource', async () => {
  expect(await deploy(first, { adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({
    status: 'CREATE_COMPLETE',
  });
  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect((await inventory()).map((line) => line.split(' ')[0])).toEqual(['service_connectors']);
  await clear();
});

test('component and stack move from one CloudFormation stack to another, and the Delete of the old one leaves them', async () => {
  expect(await deploy(first)).toMatchObject({ status: 'CREATE_COMPLETE' });
  const ids = await inventory();
  expect(ids.length).toBe(2);
  expect(await deploy(second, { adoptExisting: true })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual(ids);
  expect(await deploy(second, { adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({
    status: 'UPDATE_COMPLETE',
  });
  expect(await second.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual([]);
});
