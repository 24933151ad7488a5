import { Label } from '../../../src/contract/labels';
import { withComponent } from '../../../src/handler/lifecycle/kinds/stack-composition';
import { inZenmlOrder, Stack } from '../../../src/handler/zenml/stacks';
import { Harness, ofResource, ofStack, STACK_ID } from '../support/harness';
import { OTHER_USER, OUR_USER, REGISTRY, Thing } from '../support/scripted-server';

describe('attachment to an existing stack', () => {
  let h: Harness;
  let ours: Thing;
  let theirs: Thing;
  let stack: Thing;

  const registry = (name: string, userId: string, labels = {}) =>
    h.zenml.add(
      'components',
      name,
      { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
      labels,
      userId,
    );
  const newStack = (name: string, ...held: string[]) =>
    h.zenml.add(
      'stacks',
      name,
      { components: { orchestrator: ['55555555-5555-4555-8555-555555555555'], container_registry: held } },
      {},
      OTHER_USER,
    );
  const held = (of: Thing = stack) => of.fields.components.container_registry as string[] | undefined;
  const attached = (more: Record<string, unknown> = {}) => ({
    Stack: { Name: 'prod' },
    Component: { ComponentType: 'container_registry', Id: ours.id },
    ...more,
  });
  const send = async (
    type: string,
    properties: Record<string, unknown>,
    physicalId?: string,
    old?: Record<string, unknown>,
  ) => h.send(type, 'StackAttachment', properties, { physicalId, old });

  beforeEach(async () => {
    h = await Harness.start();
    ours = registry('ours', OUR_USER);
    theirs = registry('theirs', OTHER_USER);
    stack = newStack('prod', theirs.id);
  });
  afterEach(async () => h.stop());

  test('an attachment puts the component into the stack, and its Delete restores the displaced one', async () => {
    const made = await send('Create', attached());
    expect(made.PhysicalResourceId).toMatch(
      new RegExp(`^zenml:stack-attachment:[^:]+:${stack.id}:${theirs.id}:${ours.id}$`),
    );
    expect(held()).toEqual([ours.id]);
    expect(stack.fields.components.orchestrator).toHaveLength(1);
    await send('Delete', attached(), made.PhysicalResourceId);
    expect(held()).toEqual([theirs.id]);
  });

  test.each([
    ['false', undefined],
    ['true', 'theirs'],
  ])('RestorePrevious %s controls whether the displaced component is restored', async (RestorePrevious, expected) => {
    const made = await send('Create', attached({ RestorePrevious }));
    await send('Delete', attached({ RestorePrevious }), made.PhysicalResourceId);
    expect(held()).toEqual(expected && [theirs.id]);
  });

  test('a displaced component that is gone is not restored', async () => {
    const made = await send('Create', attached());
    h.zenml.things.components.delete(theirs.id);
    expect((await send('Delete', attached(), made.PhysicalResourceId)).Status).toBe('SUCCESS');
    expect(held()).toBeUndefined();
  });

  test('a component that somebody else has attached since is left alone', async () => {
    const made = await send('Create', attached());
    const third = registry('third', OTHER_USER);
    stack.fields.components.container_registry = [third.id];
    expect((await send('Delete', attached(), made.PhysicalResourceId)).Status).toBe('SUCCESS');
    expect(held()).toEqual([third.id]);
    expect(h.zenml.received.filter(({ method, path }) => method === 'PUT' && path.startsWith('/stacks/'))).toHaveLength(
      1,
    );
    h.zenml.things.stacks.clear();
    expect((await send('Delete', attached(), made.PhysicalResourceId)).Status).toBe('SUCCESS');
  });

  test('an Update attaches the wanted component whatever the stack holds, under the same id', async () => {
    const made = await send('Create', attached());
    const other = registry('other', OUR_USER);
    const changed = attached({ Component: { ComponentType: 'container_registry', Name: 'other' } });
    const updated = await send('Update', changed, made.PhysicalResourceId, attached());
    expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
    expect(held()).toEqual([other.id]);
    stack.fields.components.container_registry = [theirs.id];
    await send('Update', attached(), made.PhysicalResourceId, changed);
    expect(held()).toEqual([ours.id]);
    await send('Delete', attached(), made.PhysicalResourceId);
    expect(held()).toEqual([theirs.id]);
  });

  test('an attachment moves to another stack and back again', async () => {
    const second = newStack('second');
    const made = await send('Create', attached());
    const moving = attached({ Stack: { Id: second.id } });
    const moved = await send('Update', moving, made.PhysicalResourceId, attached());
    expect(moved.PhysicalResourceId).toMatch(new RegExp(`${second.id}:none:${ours.id}$`));
    const back = await send('Update', attached(), moved.PhysicalResourceId, moving);
    expect(back.PhysicalResourceId).toBe(made.PhysicalResourceId);
    await send('Delete', moving, moved.PhysicalResourceId);
    expect(held(second)).toBeUndefined();
    expect(held()).toEqual([ours.id]);
  });

  test('a repeated Create does not lose the displaced component', async () => {
    const event = h.event('Create', 'StackAttachment', attached());
    h.answerStatuses.push(403);
    await h.deliver(event);
    await h.deliver(event);
    expect(h.answers[0]!.Data!.Name).toBe(theirs.id);
  });

  test('an attachment is repeated while another client writes at the same time, then fails with a message', async () => {
    h.zenml.script(/^GET \/stacks\//, 'pass', 1, () => {
      stack.fields.components.container_registry = [theirs.id];
    });
    expect((await send('Create', attached())).Status).toBe('SUCCESS');
    expect(held()).toEqual([ours.id]);
    stack.fields.components.container_registry = [theirs.id];
    h.zenml.script(/^GET \/stacks\//, 'pass', 20, () => {
      stack.fields.components.container_registry = [theirs.id];
    });
    const failed = await h.send('Create', 'StackAttachment', attached(), { logicalId: 'Second' });
    expect(failed.Reason).toMatch(/being changed by another client at the same time/);
    expect(failed.PhysicalResourceId).toContain(stack.id);
  });

  test('an attachment to a stack that is deleted meanwhile fails with a message', async () => {
    h.zenml.script(/^GET \/stacks\//, 'pass', 1, () => h.zenml.things.stacks.clear());
    expect((await send('Create', attached())).Reason).toMatch(/was deleted while/);
    expect((await send('Create', attached())).Reason).toMatch(/there is no stack "prod"/);
  });

  test('an attachment to the stack "default" is refused', async () => {
    newStack('default');
    expect((await send('Create', attached({ Stack: { Name: 'default' } }))).Reason).toMatch(
      /stack "default" cannot be changed/,
    );
  });

  test('the attachment of a crashed Create is undone, with or without what the process remembers', async () => {
    await send('Create', attached());
    await send('Delete', attached(), 'Main-Attachment-1ABC');
    expect(held()).toEqual([theirs.id]);
    await send('Create', attached({ Stack: { Id: stack.id } }));
    h.fresh();
    await send('Delete', attached({ Stack: { Id: stack.id } }), 'Main-Attachment-1ABC');
    expect(held()).toBeUndefined();
  });

  test('a component younger than the Delete stays attached, and a Delete with nothing to find succeeds', async () => {
    const late = h.event('Delete', 'StackAttachment', attached(), { physicalId: 'Main-Attachment-1ABC' });
    h.clock.advance(60_000);
    ours.labels = { [Label.STACK]: STACK_ID, [Label.ISSUED_AT]: new Date(h.clock.now()).toISOString() };
    await send('Create', attached());
    const before = h.clock.now();
    await h.deliver(late);
    expect(held()).toEqual([ours.id]);
    // Seen at the first look: there is nothing to wait for.
    expect(h.clock.now()).toBe(before);
    for (const broken of [
      {},
      { Stack: 'x', Component: { Id: 'x' } },
      attached({ Stack: { Name: 'none' } }),
      attached({ Component: { Name: 'none', ComponentType: 't' } }),
    ]) {
      expect((await send('Delete', broken, 'Main-Attachment-1ABC')).Status).toBe('SUCCESS');
    }
    expect((await send('Delete', attached(), 'zenml:create-failed:x')).Status).toBe('SUCCESS');
    expect(held()).toEqual([ours.id]);
  });

  describe('attachment whose construct gets another id', () => {
    const other = async () => h.send('Create', 'StackAttachment', attached(), { logicalId: 'Renamed' });

    test('an attachment with another construct id stays attached, because the Delete of the old one finds the new one in this deployment', async () => {
      const old = await send('Create', attached());
      const renamed = await other();
      h.stackEvents = [
        ofStack('UPDATE_IN_PROGRESS', 1),
        { ...ofResource('Renamed', 'CREATE_COMPLETE', '', 2), physicalId: renamed.PhysicalResourceId },
        ofStack('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 3),
      ];
      expect((await send('Delete', attached(), old.PhysicalResourceId)).Status).toBe('SUCCESS');
      expect(held()).toEqual([ours.id]);
      expect(h.logs.at(-1)).toContain(
        'not detached: Renamed of this CloudFormation stack attaches the component from now on',
      );
    });

    test('an attachment with another construct id stays attached when that deployment is rolled back', async () => {
      await send('Create', attached());
      h.fresh();
      const renamed = await other();
      h.rollBack('Renamed');
      expect(
        (
          await h.send('Delete', 'StackAttachment', attached(), {
            logicalId: 'Renamed',
            physicalId: renamed.PhysicalResourceId,
          })
        ).Status,
      ).toBe('SUCCESS');
      expect(held()).toEqual([ours.id]);
    });

    test('an attachment is detached by a later deployment without it, and where the new one attaches another component', async () => {
      const old = await send('Create', attached());
      const renamed = await other();
      h.stackEvents = [
        { ...ofResource('Renamed', 'CREATE_COMPLETE', '', 1), physicalId: renamed.PhysicalResourceId },
        ofStack('UPDATE_IN_PROGRESS', 2),
        ofStack('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 3),
      ];
      await send('Delete', attached(), old.PhysicalResourceId);
      expect(held()).toEqual([theirs.id]);
    });
  });

  test('a move to another stack that a new process rolls back returns to the id that names the displaced component', async () => {
    const second = newStack('second');
    const made = await send('Create', attached());
    const moving = attached({ Stack: { Id: second.id } });
    const moved = await send('Update', moving, made.PhysicalResourceId, attached());
    h.fresh();
    h.stackEvents = [
      ofStack('UPDATE_IN_PROGRESS', 1),
      { ...ofResource('StackAttachment', 'UPDATE_IN_PROGRESS', '', 2), physicalId: made.PhysicalResourceId },
      { ...ofResource('StackAttachment', 'UPDATE_COMPLETE', '', 3), physicalId: moved.PhysicalResourceId },
      ofStack('UPDATE_ROLLBACK_IN_PROGRESS', 4),
    ];
    expect((await send('Update', attached(), moved.PhysicalResourceId, moving)).PhysicalResourceId).toBe(
      made.PhysicalResourceId,
    );
  });

  test('ids of other kinds and servers are left alone, and a change of behaviour properties makes no call', async () => {
    const made = await send('Create', attached());
    const [, , server, uuid] = made.PhysicalResourceId.split(':');
    for (const id of [`zenml:stack:${server}:${uuid}:0a1b2c`, `zenml:stack-attachment:${uuid}:${uuid}:none`]) {
      expect((await send('Delete', attached(), id)).Status).toBe('SUCCESS');
    }
    expect(held()).toEqual([ours.id]);
    h.zenml.received.length = 0;
    const answer = await send('Update', attached({ RestorePrevious: 'false' }), made.PhysicalResourceId, attached());
    expect(answer).toMatchObject({ Status: 'SUCCESS', Data: made.Data });
    expect(h.zenml.received).toEqual([]);
  });
});

describe('the place of a component among others of its type', () => {
  const [first, former, last, component] = ['1', '3', '5', '4'].map((digit) => digit.repeat(8)) as
    [string, string, string, string];
  const compose = (present: string[], before?: string, type: string = 'step_operator') =>
    withComponent({ components: { [type]: present } } as unknown as Stack, type, component, before)[type];

  test.each<[string, string[], string | undefined, string[]]>([
    ['comes after the default of others', [last, first], undefined, [last, first, component]],
    ['is the only one of an empty list', [], undefined, [component]],
    ['stays where it is the default', [component, first], undefined, [component, first]],
    ['stays where it is not the default', [first, component], undefined, [first, component]],
    ['takes the place of the former one, the default', [former, first], former, [component, first]],
    ['takes the place of the former one, not the default', [first, former], former, [first, component]],
    ['is there once, if the former one is there, too', [first, component, former], former, [first, component]],
  ])('a component of a repeatable type %s', (_, present, before, expected) => {
    expect(compose(present, before)).toEqual(expected);
  });

  test('a component of another type is the only one', () => {
    expect(compose([first], undefined, 'orchestrator')).toEqual([component]);
  });

  test('the order of all but the default does not count, since ZenML does not store it', () => {
    expect(inZenmlOrder([last, former, first])).toEqual([last, first, former]);
    expect(inZenmlOrder([])).toEqual([]);
  });
});
