import { Label } from '../../../src/contract/labels';
import { AWS_KEYS_ARN, COMPONENT, CONNECTOR, Harness, ofResource, ofStack, STACK, STACK_ID } from '../support/harness';
import { error, OTHER_USER, REGISTRY, Thing } from '../support/scripted-server';

const CHANGED = { ...COMPONENT, Labels: { a: 'b' } };
const MOVED = { ...COMPONENT, Configuration: JSON.stringify({ uri: REGISTRY, default_repository: 'other' }) };
type Properties = Record<string, unknown>;

let h: Harness;
beforeEach(async () => { h = await Harness.start(); });
afterEach(async () => h.stop());

const log = () => JSON.parse(h.logs.at(-1)!) as { level: string; warnings?: string; notes?: string };
const update = async (type: string, properties: Properties, physicalId: string, old: Properties) =>
  h.send('Update', type, properties, { physicalId, old });

function only(collection: 'service_connectors' | 'components' | 'stacks'): Thing {
  const [thing, ...more] = h.zenml.all(collection);
  expect(more).toEqual([]);
  return thing!;
}

describe('a rollback in a new process', () => {
  test.each([302, 400, 402, 403, 405, 413, 422])(
    'a rollback in a new process ends well when the PUT is refused for good with HTTP %s, before and during the rollback',
    async (status) => {
      const created = await h.send('Create', 'StackComponent', COMPONENT);
      h.zenml.script(
        /^PUT /,
        status === 403 ? error(403, 'IllegalOperationError', 'no') : { status, body: '<html></html>' },
        20,
      );
      const failed = await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT);
      expect(failed.Status).toBe('FAILED');
      h.fresh();
      expect(await update('StackComponent', COMPONENT, created.PhysicalResourceId, CHANGED)).toMatchObject({
        Status: 'SUCCESS',
        PhysicalResourceId: created.PhysicalResourceId,
        Data: created.Data,
      });
    },
  );

  test('a rollback in a new process ends well while the server is still down, when the Update had reported that nothing was changed', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/./, { status: 503, body: 'down' }, 1_000);
    const failed = await update('StackComponent', MOVED, created.PhysicalResourceId, COMPONENT);
    expect(failed.Reason).toMatch(/\. Nothing was changed in ZenML\.$/);
    h.fresh();
    h.rollBack('StackComponent', failed.Reason);
    expect((await update('StackComponent', COMPONENT, created.PhysicalResourceId, MOVED)).Status).toBe('SUCCESS');
  });

  test('a rollback in a new process fails with advice when the object may have vital values of the Update, and continues once the server is back', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    await update('StackComponent', MOVED, created.PhysicalResourceId, COMPONENT);
    h.zenml.script(/./, { status: 503, body: 'down' }, 1_000);
    h.fresh();
    h.rollBack('StackComponent', undefined);
    const locked = await update('StackComponent', COMPONENT, created.PhysicalResourceId, MOVED);
    expect(locked.Reason).toMatch(
      /may still have the Configuration of the failed update.*continue-update-rollback --stack-name Main/,
    );
    expect(Buffer.byteLength(locked.Reason!)).toBeLessThanOrEqual(1024);

    h.zenml.clearScripts();
    h.stackEvents = [
      ...h.stackEvents!,
      ofResource('StackComponent', 'UPDATE_FAILED', locked.Reason!, h.clock.now()),
      ofStack('UPDATE_ROLLBACK_FAILED', h.clock.now()),
      ofStack('UPDATE_ROLLBACK_IN_PROGRESS', h.clock.now()),
    ];
    expect((await update('StackComponent', COMPONENT, created.PhysicalResourceId, MOVED)).Status).toBe('SUCCESS');
    expect(only('components').fields.configuration.default_repository).toBe('zenml');
  });

  test('a rollback in a new process ends well with a warning when the Update may have changed texts only', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT);
    h.zenml.script(/./, { status: 503, body: 'down' }, 1_000);
    h.fresh();
    h.rollBack('StackComponent', undefined);
    expect((await update('StackComponent', COMPONENT, created.PhysicalResourceId, CHANGED)).Status).toBe('SUCCESS');
    expect(log()).toMatchObject({ level: 'WARN', warnings: expect.stringContaining('changed only texts') });
  });

  test('a rollback in a new process ends well when somebody has deleted the object, and it cannot be created again', async () => {
    const created = await h.send('Create', 'Stack', STACK);
    h.zenml.things.stacks.clear();
    h.zenml.script(/^POST \/stacks/, error(404, 'KeyError', 'a component is gone'), 9);
    expect((await update('Stack', { ...STACK, Description: 'x' }, created.PhysicalResourceId, STACK)).Reason).toMatch(
      /a component is gone/,
    );
    h.fresh();
    h.rollBack('Stack', undefined);
    expect((await update('Stack', STACK, created.PhysicalResourceId, { ...STACK, Description: 'x' })).Status).toBe(
      'SUCCESS',
    );
    expect(log()).toMatchObject({ level: 'WARN', warnings: expect.stringContaining('no longer exists') });
  });

  test('a rollback in a new process ends well when another stack has adopted the object, which the Update reported', async () => {
    const named = { ...COMPONENT, Name: 'shared' };
    const created = await h.send('Create', 'StackComponent', named);
    const other = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Other/1';
    await h.send('Create', 'StackComponent', { ...named, AdoptExisting: 'true' }, { stackId: other });
    const failed = await update('StackComponent', { ...named, Labels: { a: 'b' } }, created.PhysicalResourceId, named);
    expect(failed.Reason).toMatch(
      /"shared" was adopted by a resource of CloudFormation stack .*stack\/Other\/1: remove it from this stack's template/,
    );
    h.fresh();
    h.rollBack('StackComponent', undefined);
    expect(
      (await update('StackComponent', named, created.PhysicalResourceId, { ...named, Labels: { a: 'b' } })).Status,
    ).toBe('SUCCESS');
    expect(only('components').labels[Label.STACK]).toBe(other);
  });

  test('a rollback in a new process ends well when somebody has renamed the object and taken the old name', async () => {
    const named = { ...COMPONENT, Name: 'mine' };
    const created = await h.send('Create', 'StackComponent', named);
    only('components').name = 'renamed';
    h.zenml.add(
      'components',
      'mine',
      { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
      {},
      OTHER_USER,
    );
    expect(
      (await update('StackComponent', { ...named, Labels: { a: 'b' } }, created.PhysicalResourceId, named)).Reason,
    ).toMatch(/already has a stack component named "mine"/);
    h.fresh();
    expect(
      (await update('StackComponent', named, created.PhysicalResourceId, { ...named, Labels: { a: 'b' } })).Status,
    ).toBe('SUCCESS');
  });

  test.each<[string, Record<string, unknown>]>([
    ['on another registry', { uri: REGISTRY.replace('eu-west-1', 'us-east-1') }],
    ['with a value that may not be copied into a label', { uri: REGISTRY, api_token: 'plain' }],
  ])(
    'a rollback in a new process creates the object under another name when somebody has deleted it and taken its name with one that cannot be adopted: %s',
    async (_, configuration) => {
      const named = { ...COMPONENT, Name: 'mine', AdoptExisting: 'true' };
      const created = await h.send('Create', 'StackComponent', named);
      h.zenml.things.components.delete(created.Data!.Id!);
      const theirs = h.zenml.add(
        'components',
        'mine',
        { type: 'container_registry', flavor: 'aws', configuration },
        {},
        OTHER_USER,
      );
      const moved = {
        ...named,
        Name: 'moved',
        Configuration: JSON.stringify({ uri: REGISTRY.replace('eu-west-1', 'eu-north-1') }),
      };
      const replaced = await update('StackComponent', moved, created.PhysicalResourceId, named);
      h.fresh();
      h.rollBack('StackComponent', undefined);
      const back = await update('StackComponent', named, replaced.PhysicalResourceId, moved);
      expect(back).toMatchObject({ Status: 'SUCCESS', Data: { Name: expect.stringMatching(/^mine-[0-9a-f]{6}$/) } });
      expect(log()).toMatchObject({
        level: 'WARN',
        warnings: expect.stringMatching(/because "mine" is taken: rename or delete the other one/),
      });
      expect(theirs).toMatchObject({ name: 'mine', labels: {}, fields: { configuration } });
    },
  );

  test('a rollback in a new process ends well with a template of an older library, which lacks a property that is required now', async () => {
    const created = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const { Region: _, ...older } = CONNECTOR;
    await update('ServiceConnector', CONNECTOR, created.PhysicalResourceId, older);
    h.fresh();
    expect((await update('ServiceConnector', older, created.PhysicalResourceId, CONNECTOR)).Status).toBe('SUCCESS');
    expect(only('service_connectors').fields.configuration.region).toBe('eu-west-1');
  });

  test('a rollback in a new process goes back to exactly the replaced object, also when the service account of the API key has changed', async () => {
    const first = await h.send('Create', 'ServiceConnector', CONNECTOR);
    for (const thing of h.zenml.all('service_connectors')) {
      thing.userId = OTHER_USER;
    }
    const implicit = {
      AuthMethod: 'implicit',
      ResourceType: 'docker-registry',
      ResourceId: REGISTRY,
      Region: 'eu-west-1',
    };
    const second = await update('ServiceConnector', implicit, first.PhysicalResourceId, CONNECTOR);
    expect(second.PhysicalResourceId).not.toBe(first.PhysicalResourceId);
    h.fresh();
    h.rollBack('ServiceConnector');
    const back = await update('ServiceConnector', CONNECTOR, second.PhysicalResourceId, implicit);
    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: first.PhysicalResourceId });
    expect(h.zenml.all('service_connectors')).toHaveLength(2);
    expect(
      (await h.send('Delete', 'ServiceConnector', implicit, { physicalId: second.PhysicalResourceId })).Status,
    ).toBe('SUCCESS');
    expect(only('service_connectors').id).toBe(first.Data!.Id);
  });
});

describe('an Update that is no rollback', () => {
  test('an Update that is no rollback fails, whatever it has found', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/./, { status: 503, body: 'down' }, 1_000);
    h.stackEvents = [
      ofStack('UPDATE_ROLLBACK_COMPLETE', h.clock.now() - 9_000),
      ofStack('UPDATE_IN_PROGRESS', h.clock.now()),
    ];
    expect((await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT)).Status).toBe('FAILED');
  });

  test('an Update that was issued before the rollback began fails, because CloudFormation has cancelled it', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/./, { status: 503, body: 'down' }, 1_000);
    h.stackEvents = [
      ofStack('UPDATE_IN_PROGRESS', h.clock.now()),
      ofStack('UPDATE_ROLLBACK_IN_PROGRESS', h.clock.now() + 2_000),
    ];
    expect((await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT)).Status).toBe('FAILED');
  });

  test('an Update writes an immutable field back that somebody has edited', async () => {
    const named = { ...COMPONENT, Name: 'mine' };
    const created = await h.send('Create', 'StackComponent', named);
    only('components').fields.configuration = { uri: 'edited.example.com' };
    expect(
      (await update('StackComponent', { ...named, Labels: { a: 'b' } }, created.PhysicalResourceId, named))
        .PhysicalResourceId,
    ).toBe(created.PhysicalResourceId);
    expect(only('components').fields.configuration.uri).toBe(REGISTRY);
  });

  test('an Update ignores a date in a label that lies in the future', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    only('components').labels[Label.APPLIED_AT] = '2999-01-01T00:00:00.000Z';
    expect((await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT)).Status).toBe('SUCCESS');
  });
});

describe('an Update where CloudFormation cannot be asked', () => {
  test('an Update where CloudFormation cannot be asked fails after four seconds, and its reason says how to continue a rollback', async () => {
    const created = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/./, { status: 418, body: { detail: ['Teapot', 'no'] } }, 1_000);
    await update('StackComponent', CHANGED, created.PhysicalResourceId, COMPONENT);
    h.fresh();
    h.stackEvents = undefined;
    const failed = await update('StackComponent', COMPONENT, created.PhysicalResourceId, CHANGED);
    expect(failed.Status).toBe('FAILED');
    expect(failed.Reason).toMatch(
      /\. Nothing was changed in ZenML\. If this stops a rollback \(CloudFormation could not be asked\): remove the cause, then run "aws cloudformation continue-update-rollback --stack-name Main"/,
    );
  });
});

describe('an attachment that a cancelled Update has made', () => {
  const inStacks = () =>
    h.zenml
      .all('stacks')
      .filter(({ fields }) => (fields.components as Record<string, string[]>).container_registry?.length)
      .map(({ name }) => name);
  const attachedTo = (name: string, component: string) => ({
    Stack: { Name: name },
    Component: { ComponentType: 'container_registry', Id: component },
  });

  test('an attachment by a cancelled Update is undone by the Update itself, or by the rollback that comes after it', async () => {
    const component = h.zenml.add('components', 'ours', {
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: REGISTRY },
    });
    for (const name of ['one', 'two']) {
      h.zenml.add('stacks', name, { components: {} }, {}, OTHER_USER);
    }
    const [one, two] = ['one', 'two'].map((name) => attachedTo(name, component.id));
    const created = await h.send('Create', 'StackAttachment', one!);
    h.rollBack('StackAttachment', undefined);
    h.stackEvents = h.stackEvents!.map((event) => ({ ...event, time: event.time + 15_000 }));
    expect((await update('StackAttachment', two!, created.PhysicalResourceId, one!)).Reason).toMatch(
      /^CloudFormation has cancelled this request/,
    );
    expect(inStacks()).toEqual(['one']);

    h.stackEvents = undefined;
    await update('StackAttachment', two!, created.PhysicalResourceId, one!);
    expect(inStacks()).toEqual(['one', 'two']);
    h.fresh();
    h.rollBack('StackAttachment', undefined);
    expect((await update('StackAttachment', one!, created.PhysicalResourceId, two!)).PhysicalResourceId).toBe(
      created.PhysicalResourceId,
    );
    expect(inStacks()).toEqual(['one']);
  });
});

describe('a rollback to properties that AWS or ZenML no longer accepts', () => {
  test('a rollback to a replaced object that still is as wanted does without a write that is refused', async () => {
    const first = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const implicit = {
      AuthMethod: 'implicit',
      ResourceType: 'docker-registry',
      ResourceId: REGISTRY,
      Region: 'eu-west-1',
    };
    const second = await update('ServiceConnector', implicit, first.PhysicalResourceId, CONNECTOR);
    h.fresh();
    h.rollBack('ServiceConnector', undefined);
    h.zenml.script(/^PUT /, error(403, 'IllegalOperationError', 'no'), 20);
    expect(await update('ServiceConnector', CONNECTOR, second.PhysicalResourceId, implicit)).toMatchObject({
      Status: 'SUCCESS', PhysicalResourceId: first.PhysicalResourceId,
    });
  });

  test('a rollback writes a configuration back whose repository is gone, and a connector that AWS refuses', async () => {
    const listed = { ...COMPONENT, Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }] };
    const component = await h.send('Create', 'StackComponent', listed);
    await update('StackComponent', MOVED, component.PhysicalResourceId, listed);
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    await update(
      'ServiceConnector',
      { ...CONNECTOR, RoleArn: 'arn:aws:iam::111122223333:role/new' },
      connector.PhysicalResourceId,
      CONNECTOR,
    );
    h.fresh();
    h.repositories.clear();
    h.zenml.verification = () => ({ status: 200, body: { error: 'gone for good', resources: [] } });
    for (const id of ['StackComponent', 'ServiceConnector']) {
      h.rollBack(id, undefined);
      const [now, old, physicalId] =
        id === 'StackComponent'
          ? [listed, MOVED, component.PhysicalResourceId]
          : [CONNECTOR, { ...CONNECTOR, RoleArn: 'arn:aws:iam::111122223333:role/new' }, connector.PhysicalResourceId];
      expect((await update(id, now, physicalId, old)).Status).toBe('SUCCESS');
      expect(log()).toMatchObject({ level: 'WARN', warnings: expect.stringContaining('rolled back') });
    }
    expect(only('components').fields.configuration.default_repository).toBe('zenml');
    expect(only('service_connectors').fields.configuration.role_arn).toBe(CONNECTOR.RoleArn);
  });

  test('a rollback to keys whose secret is gone ends well with a warning', async () => {
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const moved = { ...CONNECTOR, KeysVersion: '2' };
    await update('ServiceConnector', moved, connector.PhysicalResourceId, CONNECTOR);
    h.fresh();
    h.secrets.delete(AWS_KEYS_ARN);
    h.rollBack('ServiceConnector', undefined);
    expect((await update('ServiceConnector', CONNECTOR, connector.PhysicalResourceId, moved)).Status).toBe('SUCCESS');
    expect(log()).toMatchObject({ level: 'WARN', warnings: expect.stringContaining('no longer exists') });
  });
});

describe('the Delete of an attachment', () => {
  const attached = (component: string) => ({
    Stack: { Name: 'prod' },
    Component: { ComponentType: 'container_registry', Id: component },
    OwnComponent: 'true',
  });
  const registry = (name: string) =>
    h.zenml.add(
      'components',
      name,
      { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
      { [Label.STACK]: STACK_ID },
    );

  test('the Delete of an attachment leaves another component of the same CloudFormation stack, while its own one exists', async () => {
    const [one, two] = [registry('one'), registry('two')];
    const stack = h.zenml.add('stacks', 'prod', { components: {} }, {}, OTHER_USER);
    const first = await h.send('Create', 'StackAttachment', attached(one!.id));
    await h.send('Create', 'StackAttachment', attached(two!.id), { logicalId: 'Second' });
    await h.send('Delete', 'StackAttachment', attached(one!.id), { physicalId: first.PhysicalResourceId });
    expect(stack.fields.components.container_registry).toEqual([two!.id]);
  });

  test('the Delete of an attachment leaves a component attached that another CloudFormation stack has adopted', async () => {
    const one = registry('one');
    const stack = h.zenml.add('stacks', 'prod', { components: {} }, {}, OTHER_USER);
    const first = await h.send('Create', 'StackAttachment', attached(one.id));
    Object.assign(one.labels, {
      [Label.STACK]: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Other/1',
      [Label.FOUND]: '{}',
    });
    await h.send('Delete', 'StackAttachment', attached(one.id), { physicalId: first.PhysicalResourceId });
    expect(stack.fields.components.container_registry).toEqual([one.id]);
  });

  test('an Update that attaches another component of a repeatable type detaches the former one', async () => {
    const [one, two] = ['one', 'two'].map((name) =>
      h.zenml.add('components', name, { type: 'step_operator', flavor: 'local', configuration: {} }),
    );
    const stack = h.zenml.add('stacks', 'prod', { components: { step_operator: [] } }, {}, OTHER_USER);
    const operator = (id: string) => ({
      Stack: { Name: 'prod' },
      Component: { ComponentType: 'step_operator', Id: id },
    });
    const first = await h.send('Create', 'StackAttachment', operator(one!.id));
    await update('StackAttachment', operator(two!.id), first.PhysicalResourceId, operator(one!.id));
    expect(stack.fields.components.step_operator).toEqual([two!.id]);
  });
});

test('a certificate authority that cannot be read does not lock a deployment, and ABANDON works', async () => {
  h.bind(h.url, { ca: { parameterName: '/ca-typo' } });
  const created = await h.send('Create', 'StackComponent', COMPONENT);
  expect(created.Reason).toMatch(
    /^SSM parameter \/ca-typo, which has the certificate authority of the ZenML server, cannot be read \(ParameterNotFound\)/,
  );
  expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: created.PhysicalResourceId })).Status).toBe(
    'SUCCESS',
  );
});
