import { formatFailedId } from '../../../src/contract/physical-id';
import { components, connectors, create } from '../support/connector-steps';
import { COMPONENT, CONNECTOR, Harness, ownedBy, STACK, STACK_ID } from '../support/harness';
import { error, OTHER_USER, REGISTRY } from '../support/scripted-server';

describe('objects that other clients have created, changed or deleted', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a name that an object of this request has is no conflict', async () => {
    const event = h.event('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'fixed' });
    await h.deliver(event);
    h.fresh();
    await h.deliver(event);
    expect(h.answers[1]).toEqual(h.answers[0]);
    expect(connectors(h)).toHaveLength(1);
  });

  test('a name that an object of others has fails the Create, or is adopted on request and given back later, except for a connector', async () => {
    const fields = {
      connector_type: 'aws',
      auth_method: 'iam-role',
      resource_types: ['docker-registry'],
      resource_id: REGISTRY,
    };
    const foreign = h.zenml.add('service_connectors', 'shared', { ...fields }, { theirs: 'y' }, OTHER_USER);
    const refused = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'shared' }, { requestId: 'r9' });
    expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r9') });
    expect(refused.Reason).toBe(
      'ZenML already has a service connector named "shared" that this CloudFormation resource did not create: choose another name or delete it in ZenML',
    );
    expect(foreign.labels).toEqual({ theirs: 'y' });
    await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: refused.PhysicalResourceId });
    expect(connectors(h)).toHaveLength(1);

    const never = await h.send(
      'Create',
      'ServiceConnector',
      { ...CONNECTOR, Name: 'shared', AdoptExisting: 'true' },
      { requestId: 'r9-connector' },
    );
    expect(never).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: formatFailedId('r9-connector'),
      Reason:
        'ZenML already has a service connector named "shared", and a service connector cannot be adopted, because its credentials could not be given back: '
        + 'leave the name out to create a new one, or use the existing one (RegistryAuthentication.existingConnector)',
    });
    expect(foreign).toMatchObject({ labels: { theirs: 'y' }, fields });

    const configuration = { uri: REGISTRY, default_repository: 'theirs' };
    const component = h.zenml.add(
      'components',
      'shared',
      {
        type: 'container_registry',
        flavor: 'aws',
        configuration,
        connector: foreign.id,
        connector_resource_id: REGISTRY,
      },
      { theirs: 'y' },
      OTHER_USER,
    );
    const before = JSON.stringify(component);
    const adopting = { ...COMPONENT, Name: 'shared', AdoptExisting: 'true' };
    const adopted = await h.send('Create', 'StackComponent', adopting);
    expect(adopted).toMatchObject({ Status: 'SUCCESS', Data: { Id: component.id, Name: 'shared' } });
    expect(adopted.PhysicalResourceId).toMatch(new RegExp(`:${component.id}:adopted-[0-9a-f]{6}$`));
    expect(component.labels).toMatchObject({ theirs: 'y', ...ownedBy(STACK_ID, 'StackComponent') });
    expect(component.fields).toMatchObject({
      configuration: JSON.parse(COMPONENT.Configuration) as object,
      connector: null,
    });
    await h.send('Delete', 'StackComponent', adopting, { physicalId: adopted.PhysicalResourceId });
    expect(JSON.parse(JSON.stringify(component))).toEqual(JSON.parse(before));

    const own = (status: string) => ({
      logicalId: 'Main',
      physicalId: STACK_ID,
      status,
      reason: '',
      time: h.clock.now() - 1_000,
    });
    const phases: [typeof h.stackEvents, number][] = [
      [undefined, 1],
      [[own('UPDATE_IN_PROGRESS'), own('UPDATE_ROLLBACK_IN_PROGRESS')], 1],
      [[own('CREATE_IN_PROGRESS'), own('ROLLBACK_IN_PROGRESS')], 1],
      [[own('CREATE_COMPLETE'), own('DELETE_IN_PROGRESS')], 0],
    ];
    for (const [events, left] of phases) {
      const deleting = { ...adopting, DeleteAdopted: 'true' };
      const again = await h.send('Create', 'StackComponent', deleting);
      expect(component.labels).toMatchObject(ownedBy(STACK_ID, 'StackComponent'));
      h.stackEvents = events;
      expect(
        (await h.send('Delete', 'StackComponent', deleting, { physicalId: again.PhysicalResourceId })).Status,
      ).toBe('SUCCESS');
      expect(h.zenml.all('components')).toHaveLength(left);
      if (left > 0) {
        expect(JSON.parse(JSON.stringify(component))).toEqual(JSON.parse(before));
      }
      expect(JSON.parse(h.logs.at(-1)!).warnings).toEqual(
        events
          ? undefined
          : expect.stringMatching(
            /^an adopted object was given back instead of deleted, because CloudFormation could not be asked/,
          ),
      );
    }
  });

  test('a Delete of an object that does not exist succeeds, whether the GET or the DELETE says so', async () => {
    const made = await create(h);
    h.zenml.script(/^DELETE/, error(404, 'KeyError', 'gone'));
    expect(
      (await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status,
    ).toBe('SUCCESS');
    h.zenml.things.service_connectors.clear();
    expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status).toBe('SUCCESS');
  });

  test('an Update of a deleted object creates it under a new id, and the Delete of the old id succeeds', async () => {
    const made = await create(h);
    h.zenml.things.service_connectors.clear();
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Description: 'x' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(answer.Status).toBe('SUCCESS');
    expect(answer.PhysicalResourceId).not.toBe(made.PhysicalResourceId);
    expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId })).Status).toBe('SUCCESS');
    expect(connectors(h)).toHaveLength(1);
  });

  test('an Update creates an object again once that is deleted between GET and PUT', async () => {
    const made = await create(h);
    h.zenml.script(/^PUT/, 'pass', 1, () => h.zenml.things.service_connectors.clear());
    const answer = await h.send('Update', 'ServiceConnector', { ...CONNECTOR, Description: 'x' }, { physicalId: made.PhysicalResourceId, old: CONNECTOR });
    expect(answer.Status).toBe('SUCCESS');
    expect(connectors(h).map(({ id }) => id)).toEqual([answer.Data!.Id]);
  });

  test('a Delete of an object in use fails with the names of its users and changes nothing, and a use that only the server sees is retried shortly', async () => {
    const component = await h.send('Create', 'StackComponent', COMPONENT);
    const stack = h.zenml.add('stacks', 'production', { components: { container_registry: [component.Data!.Id] } });
    const answer = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
    expect(answer.Reason).toMatch(
      /was not deleted, because it is still used by stack "production" .*cannot see.*remove-component <stack> -c"/,
    );
    expect(h.zenml.work.slice(-2)).toEqual([`DELETE /components/${component.Data!.Id}`, 'GET /stacks']);
    expect(components(h)).toHaveLength(1);
    expect(stack.fields.components).toEqual({ container_registry: [component.Data!.Id] });
    h.zenml.script(/^GET \/stacks$/, { status: 200, body: { index: 1, total_pages: 1, items: [] } });
    const hidden = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
    expect(hidden.Reason).toMatch(/in use by something that this account cannot see/);
    expect(h.clock.slept).toEqual([1_000, 2_000]);
    const detached = await h.send(
      'Delete',
      'StackComponent',
      { ...COMPONENT, DetachFromStacks: 'true' },
      { physicalId: component.PhysicalResourceId },
    );
    expect(detached.Status).toBe('SUCCESS');
    expect(stack.fields.components).toEqual({});
  });

  test('events of several stacks at once create one object each, and a second object of one name is refused', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        h.deliver(h.event('Create', 'ServiceConnector', CONNECTOR, { logicalId: `L${index}` })),
      ),
    );
    expect(h.answers.every(({ Status }) => Status === 'SUCCESS')).toBe(true);
    expect(connectors(h)).toHaveLength(20);
    h.answers.length = 0;
    await Promise.all(
      ['A', 'B'].map(async (stack) =>
        h.deliver(
          h.event('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'one' }, { stackId: `${STACK_ID}${stack}` }),
        ),
      ),
    );
    expect(h.answers.map(({ Status }) => Status).sort()).toEqual(['FAILED', 'SUCCESS']);
    expect(h.zenml.named('service_connectors', 'one')).toHaveLength(1);
  });

  test('deletes out of order are refused one by one without a change, and succeed in order', async () => {
    const connector = await create(h);
    const component = await h.send('Create', 'StackComponent', {
      ...COMPONENT,
      Connector: { Id: connector.Data!.Id },
      ConnectorResourceId: REGISTRY,
    });
    const stack = await h.send('Create', 'Stack', {
      Components: [...STACK.Components, { ComponentType: 'container_registry', Id: component.Data!.Id }],
    });
    const order = [['ServiceConnector', connector], ['StackComponent', component], ['Stack', stack]] as const;
    const statuses: string[] = [];
    for (const [type, made] of [...order, order[1], order[0]]) {
      statuses.push((await h.send('Delete', type, {}, { physicalId: made.PhysicalResourceId })).Status);
    }
    expect(statuses).toEqual(['FAILED', 'FAILED', 'SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect([...connectors(h), ...h.zenml.all('components'), ...h.zenml.all('stacks')]).toEqual([]);
  });
});
