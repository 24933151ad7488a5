import { Label } from '../../../src/contract/labels';
import { COMPONENT, CONNECTOR, Harness, STACK, STACK_ID } from '../support/harness';
import { OTHER_USER, REGISTRY, Thing } from '../support/scripted-server';

const ADOPT = { ...COMPONENT, Name: 'theirs', Labels: { team: 'ours', new: 'x' }, AdoptExisting: 'true' };
const BEFORE = {
  type: 'container_registry',
  flavor: 'aws',
  configuration: { uri: REGISTRY, default_repository: 'theirs' },
};

let h: Harness;
let theirs: Thing;
beforeEach(async () => {
  h = await Harness.start();
  theirs = h.zenml.add('components', 'theirs', structuredClone(BEFORE), { team: 'theirs', keep: '1' }, OTHER_USER);
});
afterEach(async () => h.stop());

const adopt = async () => h.send('Create', 'StackComponent', ADOPT);
const remove = async (physicalId: string, more: Record<string, unknown> = {}) =>
  h.send('Delete', 'StackComponent', { ...ADOPT, ...more }, { physicalId });
const phase = (status: string) => {
  h.stackEvents = ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', status].map((one, index) => ({
    logicalId: 'Main',
    physicalId: STACK_ID,
    status: one,
    reason: '',
    time: h.clock.now() - 10_000 + index,
  }));
};

test('an adopted component has the state of the template, keeps the labels of others, and has a physical id that says that it was adopted', async () => {
  const adopted = await adopt();
  expect(adopted.PhysicalResourceId).toMatch(/:adopted-[0-9a-f]{6}$/);
  expect(theirs.fields.configuration.default_repository).toBe('zenml');
  expect(theirs.labels).toMatchObject({ team: 'ours', new: 'x', keep: '1', [Label.STACK]: STACK_ID });
});

test('a Delete gives an adopted object back as it was found', async () => {
  const adopted = await adopt();
  expect((await remove(adopted.PhysicalResourceId)).Status).toBe('SUCCESS');
  expect(theirs).toMatchObject({
    name: 'theirs',
    labels: { team: 'theirs', keep: '1' },
    fields: { configuration: BEFORE.configuration },
  });
  expect(Object.keys(theirs.labels).sort()).toEqual(['keep', 'team']);
});

test('a Delete leaves what another client has changed since the adoption', async () => {
  const adopted = await adopt();
  theirs.fields.configuration = { uri: REGISTRY, default_repository: 'newer' };
  theirs.labels.team = 'newer';
  theirs.labels.later = '2';
  await remove(adopted.PhysicalResourceId);
  expect(theirs.fields.configuration.default_repository).toBe('newer');
  expect(theirs.labels).toEqual({ team: 'newer', keep: '1', later: '2' });
});

test('a Create that fails after the adoption answers with the adopted id, so that the rollback gives the object back', async () => {
  h.zenml.script(/^PUT /, 'commit-then-reset', 1_000);
  const failed = await adopt();
  expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: expect.stringMatching(/:adopted-/) });
  h.zenml.clearScripts();
  h.fresh();
  await remove(failed.PhysicalResourceId);
  expect(theirs).toMatchObject({
    labels: { team: 'theirs', keep: '1' },
    fields: { configuration: BEFORE.configuration },
  });
});

test('an adoption by a Create whose process crashed is undone by the Delete with an id that CloudFormation generated', async () => {
  await adopt();
  h.fresh();
  await remove('Main-Registry-ABCDEF');
  expect(theirs.fields.configuration).toEqual(BEFORE.configuration);
  expect(theirs.labels).toEqual({ team: 'theirs', keep: '1' });
});

test.each([
  ['DELETE_IN_PROGRESS', true],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', true],
  ['ROLLBACK_IN_PROGRESS', false],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', false],
])(
  'removalPolicy DESTROY deletes an adopted object or gives it back, depending on what CloudFormation is doing: %s',
  async (status, deleted) => {
    const adopted = await adopt();
    phase(status);
    await remove(adopted.PhysicalResourceId, { DeleteAdopted: 'true' });
    expect(h.zenml.things.components.has(theirs.id)).toBe(!deleted);
    if (!deleted) {
      expect(theirs.labels).toEqual({ team: 'theirs', keep: '1' });
    }
  },
);

test.each([
  [['CREATE_IN_PROGRESS', 'CREATE_FAILED', 'DELETE_IN_PROGRESS']],
  [['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED', 'DELETE_IN_PROGRESS']],
  [['CREATE_IN_PROGRESS']],
])(
  'removalPolicy DESTROY gives an adopted object back while no deployment with it has succeeded: %s',
  async (statuses) => {
    const adopted = await adopt();
    h.stackEvents = statuses.map((status) => ({
      logicalId: 'Main',
      physicalId: STACK_ID,
      status,
      reason: '',
      time: h.clock.now(),
    }));
    await remove(adopted.PhysicalResourceId, { DeleteAdopted: 'true' });
    expect(theirs.labels).toEqual({ team: 'theirs', keep: '1' });
  },
);

test('a description label that was removed or edited gives a warning, and the object is left as it is', async () => {
  const adopted = await adopt();
  for (const edited of ['{', '{"name":1}', undefined]) {
    theirs.labels[Label.FOUND] = edited;
    expect((await remove(adopted.PhysicalResourceId)).Status).toBe('SUCCESS');
    expect(JSON.parse(h.logs.at(-1)!)).toMatchObject({
      level: 'WARN',
      warnings: expect.stringContaining('not given back'),
    });
  }
});

test('the name is given back also when the template has no name any more, and configuration keys that people have added stay', async () => {
  const adopted = await adopt();
  const { Name: _, ...unnamed } = ADOPT;
  await h.send('Update', 'StackComponent', unnamed, { physicalId: adopted.PhysicalResourceId, old: ADOPT });
  expect(theirs.name).toMatch(/^main-/);
  theirs.fields.configuration.added = 'people';
  await h.send('Delete', 'StackComponent', unnamed, { physicalId: adopted.PhysicalResourceId });
  expect(theirs).toMatchObject({
    name: 'theirs',
    fields: { configuration: { ...BEFORE.configuration, added: 'people' } },
  });
});

test('removalPolicy DESTROY gives an adopted object back with a warning when CloudFormation cannot be asked', async () => {
  const adopted = await adopt();
  h.stackEvents = undefined;
  await remove(adopted.PhysicalResourceId, { DeleteAdopted: 'true' });
  expect(h.zenml.things.components.has(theirs.id)).toBe(true);
  expect(JSON.parse(h.logs.at(-1)!)).toMatchObject({
    level: 'WARN',
    warnings: expect.stringContaining('cloudformation:DescribeStackEvents'),
  });
});

test('the connector of an adopted component is linked again, if it still exists', async () => {
  const link = h.zenml.add(
    'service_connectors',
    'old',
    { connector_type: 'aws', auth_method: 'implicit', resource_types: ['docker-registry'], configuration: {} },
    {},
    OTHER_USER,
  );
  const ours = h.zenml.add('service_connectors', 'new', {
    connector_type: 'aws',
    auth_method: 'implicit',
    resource_types: ['docker-registry'],
    configuration: {},
  });
  Object.assign(theirs.fields, { connector: link.id, connector_resource_id: REGISTRY });
  const properties = { ...ADOPT, Connector: { Id: ours.id }, ConnectorResourceId: REGISTRY };
  const adopted = await h.send('Create', 'StackComponent', properties);
  expect(theirs.fields.connector).toBe(ours.id);
  await h.send('Delete', 'StackComponent', properties, { physicalId: adopted.PhysicalResourceId });
  expect(theirs.fields).toMatchObject({ connector: link.id, connector_resource_id: REGISTRY });
});

test('an adopted stack gets its components and its description back, except types that another client has changed since', async () => {
  const registry = h.zenml.add('components', 'r', structuredClone(BEFORE));
  const [orchestrator, store] = h.zenml.named('components', 'default');
  const stack = h.zenml.add(
    'stacks',
    'prod',
    {
      description: 'theirs',
      components: { orchestrator: [orchestrator!.id], artifact_store: [store!.id], container_registry: [theirs.id] },
    },
    {},
    OTHER_USER,
  );
  const properties = {
    ...STACK,
    Name: 'prod',
    AdoptExisting: 'true',
    Description: 'ours',
    Components: [...STACK.Components, { ComponentType: 'container_registry', Id: registry.id }],
  };
  const adopted = await h.send('Create', 'Stack', properties);
  expect(stack.fields).toMatchObject({ description: 'ours', components: { container_registry: [registry.id] } });
  await h.send('Delete', 'Stack', properties, { physicalId: adopted.PhysicalResourceId });
  expect(stack.fields).toMatchObject({
    description: 'theirs',
    components: { orchestrator: [orchestrator!.id], container_registry: [theirs.id] },
  });
  expect(stack.labels).toEqual({});
});

test('a service connector is not adopted, and the error names the alternatives', async () => {
  h.zenml.add(
    'service_connectors',
    'theirs',
    { connector_type: 'aws', auth_method: 'iam-role', resource_types: ['docker-registry'], configuration: { a: '1' } },
    {},
    OTHER_USER,
  );
  const refused = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'theirs', AdoptExisting: 'true' });
  expect(refused.Reason).toMatch(
    /cannot be adopted, because its credentials could not be given back.*leave the name out.*existingConnector/,
  );
  expect(h.zenml.work.filter((call) => /^(PUT|DELETE) /.test(call))).toEqual([]);
});

test.each([
  ['a value that looks like a secret', { uri: REGISTRY, api_token: 'plain' }, /"api_token".*copied into a label/],
  ['more than a label can keep', { uri: REGISTRY, big: 'x'.repeat(20_000) }, /only 16000 can be kept/],
])('a component whose configuration has %s is not adopted', async (_, configuration, reason) => {
  theirs.fields.configuration = configuration;
  expect((await adopt()).Reason).toMatch(reason);
  expect(theirs.fields.configuration).toEqual(configuration);
});

test.each([
  ['authentication_secret', 'a-name'],
  ['secret_name', 'a-name'],
  ['secret_name_prefix', 'a-prefix'],
  ['image_pull_secret_name', 'a-name'],
  ['api_token', '{{ours.token}}'],
])('a component whose configuration has %s: %s before and after is adopted and given back', async (key, value) => {
  const configuration = { uri: REGISTRY, [key]: value };
  theirs.fields.configuration = configuration;
  const Configuration = JSON.stringify({ ...configuration, default_repository: 'ours' });
  const adopted = await h.send('Create', 'StackComponent', { ...ADOPT, Configuration });
  expect(adopted.Status).toBe('SUCCESS');
  await remove(adopted.PhysicalResourceId, { Configuration });
  expect(theirs.fields.configuration).toEqual(configuration);
});

test('an object is given back by the label that says what was written, also after a rollback that could not write', async () => {
  const newer = {
    ...ADOPT,
    Labels: { team: 'newer' },
    Configuration: JSON.stringify({ uri: REGISTRY, default_repository: 'newer' }),
  };
  const adopted = await adopt();
  await h.send('Update', 'StackComponent', newer, { physicalId: adopted.PhysicalResourceId, old: ADOPT });
  await remove(adopted.PhysicalResourceId);
  expect(theirs).toMatchObject({
    labels: { team: 'theirs', keep: '1' },
    fields: { configuration: BEFORE.configuration },
  });
});

test('an object that an earlier version of the handler adopted, without digests, is given back as it was found', async () => {
  const adopted = await adopt();
  const { written: _, ...found } = JSON.parse(String(theirs.labels[Label.FOUND])) as Record<string, unknown>;
  theirs.labels[Label.FOUND] = JSON.stringify(found);
  await remove(adopted.PhysicalResourceId);
  expect(theirs).toMatchObject({
    labels: { team: 'theirs', keep: '1' },
    fields: { configuration: BEFORE.configuration },
  });
});
