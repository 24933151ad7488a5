import { AWS_KEYS, COMPONENT, CONNECTOR, Harness, STACK } from '../support/harness';
import { REGISTRY } from '../support/scripted-server';

describe('create, update and delete', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a connector is verified, then created with everything that a PUT would clear', async () => {
    const answer = await h.send('Create', 'ServiceConnector', {
      ...CONNECTOR,
      Labels: { team: 'ml' },
      Description: 'd',
    });
    expect(answer.Status).toBe('SUCCESS');
    expect(h.zenml.work).toEqual(['POST /service_connectors/verify', 'POST /service_connectors']);
    const [connector] = h.zenml.all('service_connectors');
    expect(answer.Data).toEqual({ Id: connector!.id, Name: connector!.name });
    expect(connector!.name).toMatch(/^main-[0-9a-f]{6}$/);
    expect(connector!.fields).toMatchObject({
      auth_method: 'iam-role',
      resource_types: ['docker-registry'],
      resource_id: REGISTRY,
      expiration_seconds: 3600,
      description: 'd',
      configuration: {
        region: 'eu-west-1',
        role_arn: CONNECTOR.RoleArn,
        aws_access_key_id: AWS_KEYS.id,
        aws_secret_access_key: AWS_KEYS.secret,
      },
    });
    expect(connector!.labels).toMatchObject({
      'team': 'ml',
      'cdk-zenml:logical-id': 'ServiceConnector',
      'cdk-zenml:issued-at': '2026-01-02T03:04:05.000Z',
      'cdk-zenml:name': connector!.name,
    });
  });

  test('an Update keeps the id and the labels of others, and removes its own former labels', async () => {
    const old = { ...CONNECTOR, Labels: { gone: '1' } };
    const made = await h.send('Create', 'ServiceConnector', old);
    const [connector] = h.zenml.all('service_connectors');
    connector!.labels.others = 'x';
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Labels: { here: '2' } },
      { physicalId: made.PhysicalResourceId, old },
    );
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
    expect(connector!.labels).toMatchObject({ 'others': 'x', 'here': '2', 'cdk-zenml:request': 'request-1' });
    expect(connector!.labels.gone).toBeUndefined();
  });

  test('a component, a stack and an attachment are created and deleted with one login for all', async () => {
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const component = await h.send('Create', 'StackComponent', {
      ...COMPONENT,
      Connector: { Id: connector.Data!.Id },
      ConnectorResourceId: REGISTRY,
      VerifyConnector: 'true',
      Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }],
    });
    const reference = { ComponentType: 'container_registry', Id: component.Data!.Id };
    const stack = await h.send('Create', 'Stack', {
      ...STACK,
      Name: 'ours',
      Components: [...STACK.Components, reference],
    });
    const foreign = h.zenml.add('stacks', 'theirs', {
      components: { orchestrator: [], container_registry: ['44444444-4444-4444-8444-444444444444'] },
    });
    const attachment = await h.send('Create', 'StackAttachment', { Stack: { Name: 'theirs' }, Component: reference });
    expect([connector, component, stack, attachment].map((answer) => answer.Status)).toEqual([
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
      'SUCCESS',
    ]);
    expect(attachment.Data).toEqual({ Id: foreign.id, Name: '44444444-4444-4444-8444-444444444444' });
    expect(foreign.fields.components.container_registry).toEqual([component.Data!.Id]);
    expect(h.zenml.received.filter(({ path }) => path === '/login')).toHaveLength(1);

    const gone = async (type: string, made: typeof stack, properties = {}) =>
      h.send('Delete', type, properties, { physicalId: made.PhysicalResourceId });
    await gone('StackAttachment', attachment, { Component: reference });
    // The displaced component no longer exists, so the stack is left without a registry.
    expect(foreign.fields.components).toEqual({});
    for (const [type, made] of [
      ['Stack', stack],
      ['StackComponent', component],
      ['ServiceConnector', connector],
    ] as const) {
      expect((await gone(type, made)).Status).toBe('SUCCESS');
    }
    expect(h.zenml.all('service_connectors')).toEqual([]);
    expect(h.zenml.all('components')).toEqual([]);
    expect(h.zenml.all('stacks')).toEqual([foreign]);
  });

  test('a change of behaviour properties alone makes no call', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    h.zenml.received.length = 0;
    h.parameters.clear();
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, AbandonUnreachable: 'true' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
    expect(h.zenml.received).toEqual([]);
  });

  test('no secret is in an answer, a log line or a label', async () => {
    await h.send('Create', 'ServiceConnector', CONNECTOR);
    for (const secret of [...Object.values(AWS_KEYS), 'ZENKEY_', 'canary-signature', 'Bearer']) {
      expect(h.said).not.toContain(secret);
    }
  });
});
