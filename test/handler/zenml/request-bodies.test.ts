import { Label } from '../../../src/contract/labels';
import { AWS_KEYS, COMPONENT, CONNECTOR, Harness, ownedBy, STACK, STACK_ID } from '../support/harness';
import { error, OTHER_USER, OUR_USER, REGISTRY } from '../support/scripted-server';

describe('request bodies', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const last = (method: string) =>
    h.zenml.received.filter((call) => call.method === method && call.path !== '/login').at(-1)!;
  const queryOf = (method: string) => Object.fromEntries(last(method).query);
  const owner = (resource: string, name: string) => ({
    ...ownedBy(STACK_ID, resource),
    [Label.NAME]: name,
    [Label.REQUEST]: expect.any(String),
    [Label.REVISION]: expect.any(String),
    [Label.ISSUED_AT]: '2026-01-02T03:04:05.000Z',
    [Label.APPLIED_AT]: '2026-01-02T03:04:05.000Z',
  });

  test('the requests for a connector have exactly these bodies', async () => {
    const made = await h.send('Create', 'ServiceConnector', {
      ...CONNECTOR,
      Name: 'c',
      Description: 'd',
      SessionPolicy: '{}',
      Labels: { team: 'ml' },
    });
    const body = {
      name: 'c',
      connector_type: 'aws',
      auth_method: 'iam-role',
      resource_types: ['docker-registry'],
      resource_id: REGISTRY,
      configuration: {
        region: 'eu-west-1',
        role_arn: CONNECTOR.RoleArn,
        policy: '{}',
        aws_access_key_id: AWS_KEYS.id,
        aws_secret_access_key: AWS_KEYS.secret,
      },
      description: 'd',
      labels: { team: 'ml', ...owner('ServiceConnector', 'c') },
      expiration_seconds: 3600,
    };
    const [verify, post] = h.zenml.received.filter(({ path }) => path.startsWith('/service_connectors'));
    expect(verify!.body).toEqual({ ...body, labels: {} });
    expect(post!.body).toEqual(body);
    const bare = {
      AuthMethod: 'implicit',
      ResourceType: 'docker-registry',
      Region: 'eu-west-1',
      Verify: 'false',
      Name: 'c',
    };
    await h.send(
      'Update',
      'ServiceConnector',
      { ...bare, RefreshToken: '1' },
      { physicalId: made.PhysicalResourceId, old: { ...CONNECTOR, Name: 'c' } },
    );
    await h.send('Create', 'ServiceConnector', { ...bare, Name: 'bare' }, { logicalId: 'Bare' });
    expect(last('POST').body).toEqual({
      name: 'bare',
      connector_type: 'aws',
      auth_method: 'implicit',
      resource_types: ['docker-registry'],
      configuration: { region: 'eu-west-1' },
      description: '',
      labels: owner('Bare', 'bare'),
    });
    await h.send('Delete', 'ServiceConnector', CONNECTOR, {
      physicalId: 'Made-Up',
      logicalId: 'Absent',
      remainingMs: 20_000,
    });
    expect(queryOf('GET')).toEqual({
      user: OUR_USER,
      created: expect.stringMatching(/^gte:2026-01-01 \d\d:\d\d:\d\d$/),
      hydrate: 'true',
      expand_secrets: 'false',
      sort_by: 'asc:created',
      page: '1',
      size: '20',
    });
    h.zenml.script(/^DELETE/, error(403, 'IllegalOperationError', 'is still referenced'));
    await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
    expect(h.zenml.received.at(-4)!.path).toBe(`/service_connectors/${made.Data!.Id}`);
    expect(Object.fromEntries(h.zenml.received.at(-4)!.query)).toEqual({ hydrate: 'true', expand_secrets: 'false' });
    expect(queryOf('GET')).toEqual({
      connector_id: made.Data!.Id,
      hydrate: 'true',
      sort_by: 'asc:created',
      page: '1',
      size: '100',
    });
  });

  test('the requests for a component have exactly these bodies', async () => {
    const shared = h.zenml.add('service_connectors', 'shared', {
      auth_method: 'implicit',
      resource_types: ['docker-registry'],
    });
    const properties = { ...COMPONENT, Name: 'r', Connector: { Id: shared.id }, ConnectorResourceId: REGISTRY };
    const made = await h.send('Create', 'StackComponent', properties);
    const body = {
      name: 'r',
      configuration: { uri: REGISTRY, default_repository: 'zenml' },
      labels: owner('StackComponent', 'r'),
      connector: shared.id,
      connector_resource_id: REGISTRY,
    };
    expect(last('POST').body).toEqual({ ...body, type: 'container_registry', flavor: 'aws' });
    const loose = { ...COMPONENT, Name: 'r', ConnectorResourceId: REGISTRY };
    await h.send('Update', 'StackComponent', loose, { physicalId: made.PhysicalResourceId, old: properties });
    expect(last('PUT').body).toEqual({ ...body, connector: null, connector_resource_id: null });
    expect(last('PUT').path).toBe(`/components/${made.Data!.Id}`);
    await h.send(
      'Update',
      'StackComponent',
      { ...properties, ConnectorResourceId: undefined },
      { physicalId: made.PhysicalResourceId, old: loose },
    );
    expect(last('PUT').body).toMatchObject({ connector: shared.id, connector_resource_id: null });
    h.zenml.script(/^DELETE/, error(403, 'IllegalOperationError', 'is still referenced'));
    await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId });
    expect(queryOf('GET')).toEqual({
      component_id: made.Data!.Id,
      hydrate: 'true',
      sort_by: 'asc:created',
      page: '1',
      size: '100',
    });
  });

  test('the requests for a stack have exactly these bodies, with components looked up by type and name', async () => {
    const made = await h.send('Create', 'Stack', { ...STACK, Name: 's', Description: 'd' });
    const [orchestrator, store] = h.zenml.named('components', 'default');
    const body = {
      name: 's',
      description: 'd',
      components: { orchestrator: [orchestrator!.id], artifact_store: [store!.id] },
      labels: owner('Stack', 's'),
    };
    expect(last('POST').body).toEqual(body);
    expect(queryOf('GET')).toEqual({
      name: 'equals:default',
      hydrate: 'true',
      sort_by: 'asc:created',
      page: '1',
      size: '100',
    });
    expect(made.PhysicalResourceId).toMatch(
      new RegExp(`^zenml:stack:${String(h.zenml.info.id)}:${made.Data!.Id}:[0-9a-f]{6}$`),
    );
    expect((await h.send('Create', 'Stack', { ...STACK, Name: 's' }, { logicalId: 'Other' })).Reason).toMatch(
      /^ZenML already has a stack named "s"/,
    );
    const two = {
      Name: 's',
      Components: [
        { ComponentType: 'alerter', Id: OUR_USER },
        { ComponentType: 'alerter', Id: OTHER_USER },
      ],
    };
    await h.send('Update', 'Stack', two, { physicalId: made.PhysicalResourceId, old: STACK });
    expect(last('PUT').body).toEqual({ ...body, description: '', components: { alerter: [OUR_USER, OTHER_USER] } });
  });
});
