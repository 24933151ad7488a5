import { COMPONENT, Harness, STACK } from '../support/harness';
import { OTHER_USER, REGISTRY } from '../support/scripted-server';
let h: Harness;
beforeEach(async () => { h = await Harness.start(); });
afterEach(async () => h.stop());
const A = { ...COMPONENT, Name: 'fixed', AdoptExisting: 'true' };
const setup = (fields = {}, labels = {}) =>
  h.zenml.add(
    'components',
    'fixed',
    { type: 'container_registry', flavor: 'aws', configuration: JSON.parse(COMPONENT.Configuration), ...fields },
    labels,
    OTHER_USER,
  );
test('the configuration is given back as it was found, also when a later Update has changed it', async () => {
  const o = setup();
  const made = await h.send('Create', 'StackComponent', A);
  const later = { ...A, Configuration: JSON.stringify({ uri: REGISTRY, default_repository: 'later' }) };
  await h.send('Update', 'StackComponent', later, { physicalId: made.PhysicalResourceId, old: A });
  await h.send('Delete', 'StackComponent', later, { physicalId: made.PhysicalResourceId });
  expect(o.fields.configuration).toEqual(JSON.parse(COMPONENT.Configuration));
});
test('a label is given back as it was found, also when a later Update has overwritten it', async () => {
  const o = setup({}, { team: 'theirs' });
  const made = await h.send('Create', 'StackComponent', A);
  const later = { ...A, Labels: { team: 'ours' } };
  await h.send('Update', 'StackComponent', later, { physicalId: made.PhysicalResourceId, old: A });
  await h.send('Delete', 'StackComponent', later, { physicalId: made.PhysicalResourceId });
  expect(o.labels).toEqual({ team: 'theirs' });
});
test('a connector that another client has set since the adoption stays', async () => {
  const [x, y, z] = ['x', 'y', 'z'].map((n) =>
    h.zenml.add('service_connectors', n, { auth_method: 'implicit', resource_types: ['docker-registry'] }),
  );
  const o = setup({ connector: x!.id, connector_resource_id: REGISTRY });
  const p = { ...A, Connector: { Id: y!.id }, ConnectorResourceId: REGISTRY };
  const made = await h.send('Create', 'StackComponent', p);
  expect(o.fields.connector).toBe(y!.id);
  o.fields.connector = z!.id;
  await h.send('Delete', 'StackComponent', p, { physicalId: made.PhysicalResourceId });
  expect(o.fields.connector).toBe(z!.id);
});
test('a component type that only a later Update has changed is given back to a stack', async () => {
  const [orc, store] = h.zenml.named('components', 'default');
  const other = h.zenml.add('components', 'other', { type: 'artifact_store', flavor: 'local', configuration: {} });
  const o = h.zenml.add(
    'stacks',
    'fixed',
    { components: { orchestrator: [orc!.id], artifact_store: [store!.id] }, description: 'd' },
    {},
    OTHER_USER,
  );
  const p = { ...STACK, Name: 'fixed', AdoptExisting: 'true' };
  const made = await h.send('Create', 'Stack', p);
  const later = { ...p, Components: [STACK.Components[0], { ComponentType: 'artifact_store', Id: other.id }] };
  await h.send('Update', 'Stack', later, { physicalId: made.PhysicalResourceId, old: p });
  await h.send('Delete', 'Stack', later, { physicalId: made.PhysicalResourceId });
  expect(o.fields.components).toEqual({ orchestrator: [orc!.id], artifact_store: [store!.id] });
  expect(o.fields.description).toBe('d');
});
