import { Label } from '../../../src/contract/labels';
import { COMPONENT, CONNECTOR, Harness, ownedBy, STACK, STACK_ID } from '../support/harness';
import { error, OTHER_USER, OUR_USER, REGISTRY } from '../support/scripted-server';

const MADE_UP = 'Main-Stack-1ABCDEFGHIJ';
/** What the handler writes of a stack that it adopts. */
const FOUND = JSON.stringify({ name: 'adopted', description: '', components: {}, written: {}, labels: {} });
const UNSEEN = error(403, 'IllegalOperationError', 'is still referenced');
/** Ends the reason of every failed Delete of a connector or component. */
const FOLLOWS =
  '. CloudFormation now deletes the role, user and access key behind it, unless removalPolicy RETAIN keeps them; then pushes and pulls through it fail.';

describe('deletes of objects in use', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  /** The reason without its end, which is the same for all connectors and components. */
  const reason = async (type: string, properties: Record<string, unknown>, physicalId: string) => {
    const text = (await h.send('Delete', type, properties, { physicalId })).Reason;
    const end = text === undefined || type === 'Stack' ? '' : FOLLOWS;
    expect(text ?? '').toContain(end);
    return text?.slice(0, text.length - end.length);
  };
  const inUse = async (properties: Record<string, unknown>, type: string) => {
    const made = await h.send('Create', 'StackComponent', properties);
    h.zenml.add('stacks', 'production', { components: { [type]: [made.Data!.Id] } });
    return reason('StackComponent', properties, made.PhysicalResourceId);
  };

  test('the refusal to delete a registry in use has exactly this message', async () => {
    expect(await inUse({ ...COMPONENT, Name: 'r' }, 'container_registry')).toBe(
      'container registry "r" was not deleted, because it is still used by stack "production" '
        + '(and perhaps by stacks that this account cannot see). For each stack run "zenml stack remove-component <stack> -c" '
        + 'or "zenml stack update <stack> -c <other>", or set detachFromStacks, then delete again',
    );
  });

  test('the refusal to delete a component of another type in use has the flag of its type', async () => {
    const builder = { ComponentType: 'image_builder', Flavor: 'local', Configuration: '{}', Name: 'b' };
    expect(await inUse(builder, 'image_builder')).toBe(
      'image builder "b" was not deleted, because it is still used by stack "production" '
        + '(and perhaps by stacks that this account cannot see). For each stack run "zenml stack remove-component <stack> --image_builder" '
        + 'or "zenml stack update <stack> --image_builder <other>", or set detachFromStacks, then delete again',
    );
  });

  test('the refusal to delete a connector in use names up to ten components', async () => {
    const made = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'c' });
    const use = (name: string) =>
      h.zenml.add('components', name, {
        type: 'container_registry',
        flavor: 'aws',
        configuration: {},
        connector: made.Data!.Id,
      });
    const start = 'service connector "c" was not deleted, because it is still used by ';
    const end =
      ' (and perhaps by components that this account cannot see). '
      + 'For each component run "zenml container-registry disconnect <component>" (or the like for its type), or set detachFromStacks, then delete again';
    use('u0');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(`${start}component "u0"${end}`);
    for (let index = 1; index < 10; index++) { use(`u${index}`); }
    const ten = Array.from({ length: 10 }, (_, index) => `"u${index}"`).join(', ');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(
      `${start}components ${ten}${end}`,
    );
    use('u10');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(
      `${start}components ${ten} and 1 more${end}`,
    );
  });

  test.each([
    // After the first refusal the users are listed; a stack has none.
    ['StackComponent', { ...COMPONENT, Name: 'x' }, 'container registry "x"', 4, ['GET /stacks']],
    ['ServiceConnector', { ...CONNECTOR, Name: 'x' }, 'service connector "x"', 4, ['GET /components']],
    ['Stack', { ...STACK, Name: 'x' }, 'stack "x"', 3, []],
  ])(
    'the Delete of a %s whose users only the server sees is tried three times',
    async (type, properties, what, tries, lists) => {
      const made = await h.send('Create', type, properties);
      h.zenml.received.length = 0;
      h.zenml.script(/^DELETE/, UNSEEN, tries);
      expect(await reason(type, properties, made.PhysicalResourceId)).toBe(
        `${what} is in use by something that this account cannot see: `
          + 'detach it with another account, or keep it with removalPolicy RETAIN (ZenML said: is still referenced)',
      );
      expect(h.clock.slept).toEqual([1_000, 2_000]);
      const [object, first, ...others] = h.zenml.work;
      expect([object!.split(' ')[0], first!.split(' ')[0]]).toEqual(['GET', 'DELETE']);
      expect(others).toEqual([...lists, ...Array<string>(tries - 1).fill(first!)]);
      h.zenml.script(/^DELETE/, UNSEEN, tries - 1);
      expect(await reason(type, properties, made.PhysicalResourceId)).toBeUndefined();
    },
  );

  test.each([
    [error(403, 'AuthorizationException', 'no'), 'HTTP 403 AuthorizationException: no'],
    [error(409, 'IllegalOperationError', 'no'), 'HTTP 409 IllegalOperationError: no'],
  ])('another refusal by ZenML is reported unchanged (%#)', async (reply, told) => {
    const made = await h.send('Create', 'Stack', STACK);
    h.zenml.script(/^DELETE/, reply);
    expect(await reason('Stack', STACK, made.PhysicalResourceId)).toBe(
      `ZenML answered DELETE /stacks/${made.Data!.Id} with ${told}`,
    );
    expect(h.clock.slept).toEqual([]);
  });

  test('an unexpected fault of the handler in a Delete is a failure', async () => {
    const made = await h.send('Create', 'Stack', STACK);
    const { transport } = h.ports;
    (h.ports as any).transport = async (request: { method: string }) => {
      if (request.method === 'DELETE') {
        throw new TypeError('ours');
      }
      return transport(request as never);
    };
    expect(await reason('Stack', STACK, made.PhysicalResourceId)).toBe(
      "unexpected failure (TypeError): please report it with the function's log",
    );
    expect(h.zenml.all('stacks')).toHaveLength(1);
  });
});

describe('deletes after a Create without an answer', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const labels = (name: string, more = {}) => ({
    [Label.STACK]: STACK_ID,
    [Label.LOGICAL_ID]: 'Stack',
    [Label.NAME]: name,
    [Label.REQUEST]: 'r',
    [Label.ISSUED_AT]: '2026-01-02T03:00:00.000Z',
    ...more,
  });
  const add = (name: string, more = {}, user = OUR_USER) =>
    h.zenml.add('stacks', name, { components: {} }, labels(name, more), user);
  const remove = async (physicalId = MADE_UP, more = {}) =>
    expect((await h.send('Delete', 'Stack', STACK, { physicalId, ...more })).Status).toBe('SUCCESS');
  const left = () => h.zenml.all('stacks').map(({ name }) => name);

  test('a Delete after a Create without an answer deletes only the object with the labels of the resource', async () => {
    add('foreign', {}, OTHER_USER);
    add('another', { [Label.LOGICAL_ID]: 'Another' });
    add('copy', { [Label.NAME]: 'original' });
    add('ours');
    await remove();
    expect(left()).toEqual(['foreign', 'another', 'copy']);
  });

  test('a Delete after a Create without an answer deletes an object created within a day before, and no older one', async () => {
    const day = 24 * 3_600_000;
    add('older', { [Label.ISSUED_AT]: new Date(h.clock.now() - day - 1_000).toISOString() });
    await remove();
    expect(left()).toEqual(['older']);
    add('within', { [Label.ISSUED_AT]: new Date(h.clock.now() - day).toISOString() });
    // Dated as the clock stands when the event is made.
    await remove();
    expect(left()).toEqual(['older']);
  });

  test('a Delete after a Create without an answer looks until 4 s before its end where nothing exists, with longer and longer pauses', async () => {
    await remove(MADE_UP, { remainingMs: 30_000 });
    // 30 s less 5 s for the answer and 4 s for a DELETE.
    expect(h.clock.slept).toEqual([5_000, 7_500, 8_500]);
    expect(h.zenml.work.filter((call) => call === 'GET /stacks')).toHaveLength(4);
    h.clock.slept = [];
    await remove(MADE_UP);
    expect(h.clock.slept.slice(0, 6)).toEqual([5_000, 7_500, 11_250, 16_875, 20_000, 20_000]);
  });

  test('a Delete counts its wait from its issue, so one that waited in the queue need not wait again', async () => {
    const date = (secondsAgo: number) => ({
      query: `X-Amz-Date=${new Date(h.clock.now() - secondsAgo * 1000).toISOString().replace(/[-:]|\.\d+/g, '')}`,
    });
    const waited = async (more: object) => {
      const before = h.clock.now();
      await remove(MADE_UP, more);
      return (h.clock.now() - before) / 1000;
    };
    // 60 s in the queue, 230 s of work and 15 s of margin after the issue of the Delete no Create can be alive.
    expect(await waited(date(305))).toBe(0);
    expect(await waited(date(285))).toBe(20);
    expect(await waited(date(0))).toBe(291);
    // Without an absolute time of issue it waits for all of its time.
    expect(await waited({ query: `Expires=${Math.floor(h.clock.now() / 1000) - 400}` })).toBe(291);
    add('last');
    await remove(MADE_UP, date(305));
    expect(left()).toEqual([]);
  });

  test('a Delete looks on for 30 s after it has deleted an object, because a Create can create two', async () => {
    add('first');
    h.zenml.script(/^GET \/stacks$/, 'pass', 1);
    h.zenml.script(/^GET \/stacks$/, 'pass', 1, () => add('second'));
    await remove();
    expect(left()).toEqual([]);
    expect(h.clock.slept).toEqual([5_000, 7_500, 11_250, 6_250]);
  });

  test('a Delete with the id of a failed Create leaves an adopted object', async () => {
    add('adopted', { [Label.FOUND]: FOUND });
    await remove('zenml:create-failed:r');
    expect(left()).toEqual(['adopted']);
  });

  test('a Delete with the id of a failed Create leaves an object of another resource', async () => {
    const id = 'zenml:create-failed:r';
    add('foreign', {}, OTHER_USER);
    add('copy', { [Label.NAME]: 'original' });
    await remove(id);
    expect(left()).toEqual(['foreign', 'copy']);
    add('ours');
    await remove(id);
    expect(left()).toEqual(['foreign', 'copy']);
    // Each of them with the name that was written beside its labels, so none is a copy.
    add('one');
    add('two');
    await remove(id);
    expect(left()).toEqual(['foreign', 'copy']);
  });

  test('each reason to leave an object is in the log', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const [, , server, uuid, tail] = made.PhysicalResourceId.split(':');
    const object = h.zenml.all('components')[0]!;
    const { labels: written } = object;
    const said = async (physicalId: string) => {
      expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId })).Status).toBe('SUCCESS');
      const { level, notes, warnings } = JSON.parse(h.logs.at(-1)!) as Record<string, string>;
      return [level, notes, warnings];
    };
    const kind = `zenml:stack:${server}:${uuid}:${tail}`;
    expect(await said(kind)).toEqual(['INFO', `not deleted: ${kind} is the id of another kind`, undefined]);
    expect(await said(`zenml:stack-component:${server}:${server}:${tail}`)).toEqual([
      'INFO',
      'does not exist',
      undefined,
    ]);
    // A look-up may lag, so what it does not show is deleted by its id; never what was adopted.
    expect(h.zenml.work.at(-1)).toBe(`DELETE /components/${server}`);
    expect(await said(`zenml:stack-component:${server}:${server}:adopted-${tail}`)).toEqual([
      'INFO',
      'does not exist',
      undefined,
    ]);
    expect(h.zenml.work.at(-1)).toBe(`GET /components/${server}`);
    expect(await said(`zenml:stack-component:${server}:${uuid}:adopted-${tail}`)).toEqual([
      'WARN',
      undefined,
      `not given back: stack component "${object.name}" was adopted, and somebody has removed its label cdk-zenml:found: check the object by hand`,
    ]);
    object.labels = { ...written, ...ownedBy('arn:another', 'Other') };
    expect(await said(made.PhysicalResourceId)).toEqual([
      'INFO',
      'not deleted: a resource of CloudFormation stack arn:another has adopted it',
      undefined,
    ]);
    const away = 'the server has another id than the one on which the stack component '
      + `${uuid} was created, and the object is not there: if the former server still exists, it still has the object`;
    expect(await said(`zenml:stack-component:${uuid}:${uuid}:${tail}`)).toEqual(['WARN', undefined, away]);
    object.labels = {};
    expect(await said(`zenml:stack-component:${uuid}:${uuid}:${tail}`)).toEqual(['WARN', undefined, away]);
    object.userId = OTHER_USER;
    expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId })).Reason).toBe(
      `stack component "${object.name}" no longer has the labels of this CloudFormation stack and belongs to another ZenML account: `
        + `delete it in ZenML, then delete again, or keep it with removalPolicy RETAIN${FOLLOWS}`,
    );
    expect(object.fields.configuration.uri).toBe(REGISTRY);
  });
});
