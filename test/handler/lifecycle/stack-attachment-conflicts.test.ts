import { Label } from '../../../src/contract/labels';
import { Harness } from '../support/harness';
import { OTHER_USER, OUR_USER, REGISTRY, Thing } from '../support/scripted-server';

const MADE_UP = 'Main-Attachment-1ABC';
const NOBODY = '55555555-5555-4555-8555-555555555555';

describe('attachments with conflicts', () => {
  let h: Harness;
  let ours: Thing;
  let theirs: Thing;
  let stack: Thing;
  beforeEach(async () => {
    h = await Harness.start();
    const registry = (name: string, userId: string) =>
      h.zenml.add(
        'components',
        name,
        { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
        {},
        userId,
      );
    ours = registry('ours', OUR_USER);
    theirs = registry('theirs', OTHER_USER);
    stack = h.zenml.add(
      'stacks',
      'prod',
      { components: { orchestrator: [NOBODY], container_registry: [theirs.id] } },
      {},
      OTHER_USER,
    );
  });
  afterEach(async () => h.stop());

  const held = () => stack.fields.components.container_registry as string[] | undefined;
  const attached = (more: Record<string, unknown> = {}) => ({
    Stack: { Name: 'prod' },
    Component: { ComponentType: 'container_registry', Id: ours.id },
    ...more,
  });
  const named = (more: Record<string, unknown> = {}) =>
    attached({ Component: { ComponentType: 'container_registry', Name: 'ours' }, ...more });
  const send = async (
    type: string,
    properties: Record<string, unknown>,
    physicalId?: string,
    old?: Record<string, unknown>,
    more = {},
  ) => h.send(type, 'StackAttachment', properties, { physicalId, old, ...more });
  const remove = async (properties: Record<string, unknown>, physicalId: string, more = {}) => {
    expect((await send('Delete', properties, physicalId, undefined, more)).Status).toBe('SUCCESS');
    const { notes, warnings } = JSON.parse(h.logs.at(-1)!) as { notes?: string; warnings?: string };
    return notes ?? (warnings && `WARN ${warnings}`);
  };

  test('an Update with an id of another kind, of another server or none reads anew which component it displaces', async () => {
    const made = await send('Create', attached());
    const [, , server] = made.PhysicalResourceId.split(':');
    stack.fields.components.container_registry = [theirs.id];
    for (const id of [
      `zenml:stack:${server}:${stack.id}:0a1b2c`,
      `zenml:stack-attachment:${NOBODY}:${stack.id}:none`,
      MADE_UP,
    ]) {
      const answer = await send('Update', attached(), id, attached({ RestorePrevious: 'false', RefreshToken: '1' }));
      expect(answer.PhysicalResourceId).toBe(made.PhysicalResourceId);
    }
  });

  test('an attachment displaces nothing in a stack without a registry, or where its component is attached and no process remembers', async () => {
    delete stack.fields.components.container_registry;
    const first = await send('Create', attached());
    expect(first.Data).toEqual({ Id: stack.id, Name: 'none' });
    expect(stack.fields.components).toEqual({ orchestrator: [NOBODY], container_registry: [ours.id] });
    h.fresh();
    expect((await send('Create', attached())).Data).toEqual({ Id: stack.id, Name: 'present' });
  });

  test('an attachment against a client that writes at the same time is tried four times, each after look-ups can no longer lag', async () => {
    h.zenml.script(/^GET \/stacks\//, 'pass', 20, () => {
      stack.fields.components.container_registry = [theirs.id];
    });
    expect((await send('Create', attached())).Reason).toBe(
      'stack "prod" is being changed by another client at the same time: deploy again when that is done',
    );
    expect(h.clock.slept).toEqual([1, 2, 3, 4].flatMap(() => [1_000, 2_000, 4_000, 8_000]));
    expect(h.zenml.work.filter((call) => call.startsWith('PUT'))).toHaveLength(4);
  });

  test('a look-up that lags behind the PUT is repeated, and the PUT is not', async () => {
    const { components } = stack.fields;
    h.zenml.script(/^GET \/stacks\//, async (): Promise<'pass'> => {
      const written = stack.fields.components as unknown;
      stack.fields.components = components;
      setImmediate(() => { stack.fields.components = written; });
      return 'pass';
    }, 2);
    expect((await send('Create', attached())).Status).toBe('SUCCESS');
    expect([h.clock.slept, held()]).toEqual([[1_000, 2_000], [ours.id]]);
    expect(h.zenml.work.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
  });

  test('each reason to leave a stack is in the log', async () => {
    const made = await send('Create', attached());
    const [, , server] = made.PhysicalResourceId.split(':');
    expect(await remove(attached(), `zenml:stack:${server}:${stack.id}:0a1b2c`)).toBe(
      'not detached: the physical id is of another kind',
    );
    expect(await remove(attached(), `zenml:stack-attachment:${NOBODY}:${stack.id}:none`)).toBe(
      'WARN not detached: the server has another id than the one on which the stack was',
    );
    expect(held()).toEqual([ours.id]);
    stack.fields.components.container_registry = [theirs.id];
    expect(await remove(attached(), made.PhysicalResourceId)).toBe('not detached: the component is not in that stack');
  });

  test('a component that is known by type and name is detached, unless either is missing', async () => {
    const made = await send('Create', named());
    h.zenml.received.length = 0;
    for (const Component of [
      { Name: 'ours' },
      { ComponentType: 'container_registry' },
      { Id: 'no-uuid', ComponentType: 'container_registry', Name: 'ours' },
    ]) {
      await remove(attached({ Component }), made.PhysicalResourceId);
    }
    expect(h.zenml.work).not.toContain('GET /components');
    expect(held()).toEqual([ours.id]);
    h.zenml.add('components', 'ours', { type: 'orchestrator', flavor: 'local', configuration: {} });
    await remove(named(), made.PhysicalResourceId);
    expect(held()).toEqual([theirs.id]);
  });

  test('a component whose name is not unique is not detached', async () => {
    const made = await send('Create', named());
    h.zenml.add('components', 'ours', ours.fields);
    await remove(named(), made.PhysicalResourceId);
    expect(held()).toEqual([ours.id]);
  });

  test('the displaced component is not restored when it is the one that is detached', async () => {
    const made = await send('Create', attached());
    const swapped = attached({ Component: { ComponentType: 'container_registry', Id: theirs.id } });
    await send('Update', swapped, made.PhysicalResourceId, attached());
    await remove(swapped, made.PhysicalResourceId);
    expect(held()).toBeUndefined();
  });

  test('a displaced component is not restored where another one of its type is attached now', async () => {
    const made = await send('Create', attached());
    stack.fields.components.container_registry = [ours.id, NOBODY];
    await remove(attached(), made.PhysicalResourceId);
    expect(held()).toEqual([NOBODY]);
  });

  describe('attachments after a Create without an answer', () => {
    test('a Delete after a Create without an answer detaches the component, and looks on for 30 s', async () => {
      await send('Create', attached());
      await remove(attached(), MADE_UP);
      expect(held()).toEqual([theirs.id]);
      expect(h.clock.slept).toEqual([5_000, 7_500, 11_250, 6_250]);
    });

    test('a Delete after a Create without an answer looks to the end of its time where nothing is attached', async () => {
      await remove(attached(), MADE_UP, { remainingMs: 30_000 });
      expect(h.clock.slept).toEqual([5_000, 7_500, 8_500]);
    });

    test('a Delete after a Create without an answer finds the stack by its id', async () => {
      await send('Create', attached());
      await remove(attached({ Stack: { Id: stack.id } }), MADE_UP);
      expect(held()).toEqual([theirs.id]);
    });

    test('a Delete after a Create without an answer changes nothing without a known stack or component', async () => {
      await send('Create', attached());
      h.zenml.add('stacks', 'twice', { components: { container_registry: [ours.id] } });
      h.zenml.add('stacks', 'twice', { components: { container_registry: [ours.id] } });
      const before = JSON.stringify([...h.zenml.things.stacks.values()]);
      const broken = [
        { Stack: {} },
        { Stack: null },
        { Stack: { Id: 'prod' } },
        { Stack: { Id: '../x', Name: 'prod' } },
        { Stack: { Name: 'twice' } },
        { Component: null },
      ];
      for (const more of broken) { await remove(attached(more), MADE_UP, { remainingMs: 15_000 }); }
      expect(JSON.stringify([...h.zenml.things.stacks.values()])).toBe(before);
    });

    test('a Delete after a Create without an answer leaves what a later deployment has attached', async () => {
      ours.labels = { [Label.ISSUED_AT]: '2026-01-02T03:04:06.000Z' };
      await send('Create', attached());
      await remove(attached(), MADE_UP, { remainingMs: 15_000 });
      expect(held()).toEqual([ours.id]);
      ours.labels = { [Label.ISSUED_AT]: '2026-01-02T03:04:05.000Z' };
      h.clock.time = Date.parse('2026-01-02T03:04:05Z');
      await remove(attached(), MADE_UP, { remainingMs: 15_000 });
      expect(held()).toEqual([theirs.id]);
    });
  });
});
