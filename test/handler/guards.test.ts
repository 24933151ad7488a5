import { COMPONENT, CONNECTOR, Harness, STACK, STACK_ID } from './harness';
import { error, OTHER_USER, OUR_USER, REGISTRY } from './scripted-zenml';
import { Label } from '../../src/contract/labels';

const MADE_UP = 'Main-Stack-1ABCDEFGHIJ';
const UNSEEN = error(403, 'IllegalOperationError', 'is still referenced');

describe('deletes of what is in use', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const reason = async (type: string, properties: Record<string, unknown>, physicalId: string) =>
    (await h.send('Delete', type, properties, { physicalId })).Reason;
  const inUse = async (properties: Record<string, unknown>, type: string) => {
    const made = await h.send('Create', 'StackComponent', properties);
    h.zenml.add('stacks', 'production', { components: { [type]: [made.Data!.Id] } });
    return reason('StackComponent', properties, made.PhysicalResourceId);
  };

  test('the message for a registry, word by word', async () => {
    expect(await inUse({ ...COMPONENT, Name: 'r' }, 'container_registry')).toBe('container registry "r" is still in stack "production" '
      + '(and perhaps in others that this account cannot see); nothing was changed. For each run "zenml stack remove-component <stack> -c" '
      + 'or "zenml stack update <stack> -c <other>", or set detachFromStacks, or keep it with removalPolicy RETAIN');
  });

  test('the message for a component of another type', async () => {
    const builder = { ComponentType: 'image_builder', Flavor: 'local', Configuration: '{}', Name: 'b' };
    expect(await inUse(builder, 'image_builder')).toBe('image builder "b" is still in stack "production" '
      + '(and perhaps in others that this account cannot see); nothing was changed. For each run "zenml stack remove-component <stack> --image_builder" '
      + 'or "zenml stack update <stack> --image_builder <other>", or set detachFromStacks, or keep it with removalPolicy RETAIN');
  });

  test('the message for a connector, up to ten users by name', async () => {
    const made = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'c' });
    const use = (name: string) => h.zenml.add('components', name, { type: 'container_registry', flavor: 'aws', configuration: {}, connector: made.Data!.Id });
    const start = 'service connector "c" is still used by ';
    const end = ' (and perhaps by others that this account cannot see); nothing was changed. '
      + 'For each run "zenml container-registry disconnect <component>" (or the like for its type), or set detachFromStacks, or keep it with removalPolicy RETAIN';
    use('u0');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(`${start}component "u0"${end}`);
    for (let index = 1; index < 10; index++) { use(`u${index}`); }
    const ten = Array.from({ length: 10 }, (_, index) => `"u${index}"`).join(', ');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(`${start}components ${ten}${end}`);
    use('u10');
    expect(await reason('ServiceConnector', CONNECTOR, made.PhysicalResourceId)).toBe(`${start}components ${ten} and 1 more${end}`);
  });

  test.each([
    ['StackComponent', { ...COMPONENT, Name: 'x' }, 'container registry "x"'], ['ServiceConnector', { ...CONNECTOR, Name: 'x' }, 'service connector "x"'],
    ['Stack', { ...STACK, Name: 'x' }, 'stack "x"'],
  ])('a %s whose users only the server sees is tried three times', async (type, properties, what) => {
    const made = await h.send('Create', type, properties);
    h.zenml.script(/^DELETE/, UNSEEN, 3);
    expect(await reason(type, properties, made.PhysicalResourceId)).toBe(`${what} is in use by something that this account cannot see: `
      + 'detach it with another account, or keep it with removalPolicy RETAIN (ZenML said: is still referenced)');
    expect(h.clock.slept).toEqual([1_000, 2_000]);
    h.zenml.script(/^DELETE/, UNSEEN, 2);
    expect(await reason(type, properties, made.PhysicalResourceId)).toBeUndefined();
  });

  test.each([
    [error(403, 'AuthorizationException', 'no'), 'HTTP 403 AuthorizationException: no'], [error(409, 'IllegalOperationError', 'no'), 'HTTP 409 IllegalOperationError: no'],
  ])('another refusal is told as it is (%#)', async (reply, told) => {
    const made = await h.send('Create', 'Stack', STACK);
    h.zenml.script(/^DELETE/, reply);
    expect(await reason('Stack', STACK, made.PhysicalResourceId)).toBe(`ZenML answered DELETE /stacks/${made.Data!.Id} with ${told}`);
    expect(h.clock.slept).toEqual([]);
  });

  test('a fault of our own in a Delete is a failure', async () => {
    const made = await h.send('Create', 'Stack', STACK);
    const { transport } = h.ports;
    (h.ports as any).transport = async (request: { method: string }) => { if (request.method === 'DELETE') { throw new TypeError('ours'); } return transport(request as never); };
    expect(await reason('Stack', STACK, made.PhysicalResourceId)).toBe('unexpected failure (TypeError): please report it with the function\'s log');
    expect(h.zenml.all('stacks')).toHaveLength(1);
  });
});

describe('deletes after a Create without an answer', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const labels = (name: string, more = {}) => ({
    [Label.STACK]: STACK_ID, [Label.LOGICAL_ID]: 'Stack', [Label.NAME]: name, [Label.REQUEST]: 'r', [Label.ISSUED_AT]: '2026-01-02T03:00:00.000Z', ...more,
  });
  const add = (name: string, more = {}, user = OUR_USER) => h.zenml.add('stacks', name, { components: {} }, labels(name, more), user);
  const remove = async (physicalId = MADE_UP, more = {}) =>
    expect((await h.send('Delete', 'Stack', STACK, { physicalId, ...more })).Status).toBe('SUCCESS');
  const left = () => h.zenml.all('stacks').map(({ name }) => name);

  test('only the resource\'s own stack goes', async () => {
    add('foreign', {}, OTHER_USER);
    add('another', { [Label.LOGICAL_ID]: 'Another' });
    add('copy', { [Label.NAME]: 'original' });
    add('ours');
    await remove();
    expect(left()).toEqual(['foreign', 'another', 'copy']);
  });

  test('one made a day before or less may be the Create\'s, an older one not', async () => {
    const day = 24 * 3_600_000;
    add('older', { [Label.ISSUED_AT]: new Date(h.clock.now() - day - 1_000).toISOString() });
    await remove();
    expect(left()).toEqual(['older']);
    add('within', { [Label.ISSUED_AT]: new Date(h.clock.now() - day).toISOString() });
    // Dated as the clock stands when the event is made.
    await remove();
    expect(left()).toEqual(['older']);
  });

  test('looks until 4 s before the end where there is nothing, less often as time passes', async () => {
    await remove(MADE_UP, { remainingMs: 30_000 });
    // 30 s less 5 s for the answer and 4 s for a DELETE.
    expect(h.clock.slept).toEqual([5_000, 7_500, 8_500]);
    expect(h.zenml.work.filter((call) => call === 'GET /stacks')).toHaveLength(4);
    h.clock.slept = [];
    await remove(MADE_UP);
    expect(h.clock.slept.slice(0, 6)).toEqual([5_000, 7_500, 11_250, 16_875, 20_000, 20_000]);
  });

  test('the wait counts from the issue of the Delete: one that waited in the queue need not wait again', async () => {
    const date = (secondsAgo: number) => ({ query: `X-Amz-Date=${new Date(h.clock.now() - secondsAgo * 1000).toISOString().replace(/[-:]|\.\d+/g, '')}` });
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

  test('looks on for 30 s after it has removed something, since a Create can make two', async () => {
    add('first');
    h.zenml.script(/^GET \/stacks$/, 'pass', 1);
    h.zenml.script(/^GET \/stacks$/, 'pass', 1, () => add('second'));
    await remove();
    expect(left()).toEqual([]);
    expect(h.clock.slept).toEqual([5_000, 7_500, 11_250, 6_250]);
  });

  test('the id of a failed Create leaves what is not ours or was adopted', async () => {
    const id = 'zenml:create-failed:r';
    add('foreign', {}, OTHER_USER);
    add('adopted', { [Label.ADOPTED]: 'true', [Label.REQUEST]: 'adopted' });
    await remove(id);
    await remove('zenml:create-failed:adopted');
    expect(left()).toEqual(['foreign', 'adopted']);
    add('ours');
    await remove(id);
    expect(left()).toEqual(['foreign', 'adopted']);
    add('one');
    add('two');
    await remove(id);
    expect(left()).toEqual(['foreign', 'adopted', 'one', 'two']);
  });

  test('each way of leaving an object alone is said in the log', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const [, , server, uuid, tail] = made.PhysicalResourceId.split(':');
    const object = h.zenml.all('components')[0]!;
    const note = async (physicalId: string) => {
      expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId })).Status).toBe('SUCCESS');
      return JSON.parse(h.logs.at(-1)!).notes;
    };
    expect(await note(`zenml:stack:${server}:${uuid}:${tail}`)).toBe('not touched: the id is of another kind');
    expect(await note(`zenml:stack-component:${uuid}:${uuid}:${tail}`)).toBe('not touched: the id is of another server');
    expect(await note(`zenml:stack-component:${server}:${server}:${tail}`)).toBe('not there');
    object.labels[Label.ADOPTED] = 'true';
    expect(await note(made.PhysicalResourceId)).toBe('not touched: it was adopted');
    object.labels[Label.STACK] = 'arn:another';
    expect(await note(made.PhysicalResourceId)).toBe('not touched: it belongs to another resource now');
    object.labels = {};
    object.userId = OTHER_USER;
    expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId })).Reason).toBe(
      `stack component "${object.name}" carries our labels no more and belongs to another account of ZenML: delete it there by hand, or keep it with removalPolicy RETAIN`);
    expect(object.fields.configuration.uri).toBe(REGISTRY);
  });
});
