import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Scene } from './support/scene';
import { RegistrationOptions } from '../../src';

/*
 * Objects of the same name that exist already, and the move of an object from one CloudFormation stack to another.
 */
const NAMES = { connectorName: 'liveadoption-connector', componentName: 'liveadoption-registry', zenmlStackName: 'liveadoption-stack' };
const HOST = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
let first: Scene;
let second: Scene;

const deploy = async (scene: Scene, options: Partial<RegistrationOptions> = {}) => scene.deploy((scope: Stack) => {
  const { zenmlStackName, ...names } = NAMES;
  scene.registryInStack(scope, scene.server(scope), {
    ...names, ...options, repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  }, { zenmlStackName, ...options });
});

const inventory = async () => (await first.cloud.zenml.admin.inventory()).filter((line) => line.includes('liveadoption-'));

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
    name: NAMES.connectorName,
    connector_type: 'aws',
    auth_method: 'iam-role',
    resource_types: ['docker-registry'],
    resource_id: HOST,
    labels: { team: 'theirs' },
    configuration: { region: 'us-east-1', role_arn: 'arn:aws:iam::111122223333:role/theirs', aws_access_key_id: 'none', aws_secret_access_key: 'none' },
  });
  const component = await admin.call<{ id: string }>('POST', '/components', {
    name: NAMES.componentName, type: 'container_registry', flavor: 'aws', configuration: { uri: HOST }, connector: connector.id, connector_resource_id: HOST,
  });
  const others = await admin.list('components', '&name=equals:default');
  const id = (type: string) => others.find((other) => (other.body as { type: string }).type === type)!.id;
  await admin.call('POST', '/stacks', {
    name: NAMES.zenmlStackName, components: { orchestrator: [id('orchestrator')], artifact_store: [id('artifact_store')], container_registry: [component.id] },
  });
}

beforeAll(async () => {
  first = await Scene.open('LiveAdoptionA');
  second = await Scene.open('LiveAdoptionB');
});
afterAll(async () => {
  await first.close();
  await second.close();
  await clear();
});

test('existing connector, component and stack: refused, then adopted in place, and left alone on delete', async () => {
  await makeByHand();
  const theirs = await inventory();
  const refused = await deploy(first);
  expect(refused.status).toBe('ROLLBACK_COMPLETE');
  expect(refused.failures.join('\n')).toMatch(/"liveadoption-connector" exists already.*adoptExisting/);
  expect(await inventory()).toEqual(theirs);
  await first.stack.destroy();
  expect(await inventory()).toEqual(theirs);

  expect(await deploy(first, { adoptExisting: true })).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(await inventory()).toEqual(theirs);
  const { connectors, components } = await first.inZenml();
  expect(connectors[0]!.metadata).toMatchObject({ labels: { 'team': 'theirs', 'cdk-zenml:adopted': 'true' } });
  expect(components[0]!.metadata).toMatchObject({ configuration: { default_repository: first.repositoryName } });
  expect(await deploy(first, { adoptExisting: true, labels: { team: 'ours' } })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual(theirs);

  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual(theirs);
});

test('adopted with removalPolicy DESTROY: deleted with the resource', async () => {
  expect(await deploy(first, { adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect((await inventory()).length).toBe(3);
  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual([]);
});

test('moved from one CloudFormation stack to another: the old one\'s delete leaves the objects alone', async () => {
  expect(await deploy(first)).toMatchObject({ status: 'CREATE_COMPLETE' });
  const ids = await inventory();
  expect(ids.length).toBe(3);
  expect(await deploy(second, { adoptExisting: true })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  expect(await first.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual(ids);
  expect(await deploy(second, { adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY })).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(await second.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await inventory()).toEqual([]);
});
