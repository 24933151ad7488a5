import { Label } from '../../../src/contract/labels';
import { COMPONENT, Harness, KEY_ARN, ownedBy, STACK_ID } from '../support/harness';
import { OUR_USER, REGISTRY, ScriptedServer } from '../support/scripted-server';

const SECOND_ID = '99999999-9999-4999-8999-999999999999';

/** A registration that moves from one ZenML server to another, or to another binding of the same one. */
describe('a move to another server', () => {
  let h: Harness;
  let second: ScriptedServer;
  let moved: Record<string, unknown>;
  beforeEach(async () => {
    h = await Harness.start();
    second = await new ScriptedServer().start();
    second.info = { ...second.info, id: SECOND_ID };
    // Else both servers would give the same ids.
    for (let index = 0; index < 5; index++) { second.add('stacks', `filler-${index}`, { components: {} }); }
    bindSecond(second.port);
    moved = { ...COMPONENT, ServerBinding: '/second', ServerUrl: `http://127.0.0.1:${second.port}` };
  });
  afterEach(async () => {
    await second.stop();
    await h.stop();
  });

  const bindSecond = (port: number) => {
    h.parameters.set('/second', JSON.stringify({ kind: 'server', url: `http://127.0.0.1:${port}`, secretId: KEY_ARN }));
  };
  const components = (server = h.zenml) => server.all('components');
  const ourLabels = (issued: string) => ({
    [Label.STACK]: STACK_ID,
    [Label.LOGICAL_ID]: 'StackComponent',
    [Label.NAME]: 'other',
    [Label.REQUEST]: 'earlier',
    [Label.ISSUED_AT]: issued,
  });
  const registry = (server: ScriptedServer, labels: Record<string, unknown>) =>
    server.add(
      'components',
      'other',
      { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
      labels,
      OUR_USER,
    );
  const create = async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.clock.advance(60_000);
    return made;
  };
  const update = async (
    properties: Record<string, unknown>,
    physicalId: string,
    old: Record<string, unknown>,
    more = {},
  ) => {
    const answer = await h.send('Update', 'StackComponent', properties, { physicalId, old, ...more });
    h.clock.advance(60_000);
    return answer;
  };

  test('a move creates a new object on the other server and leaves the old one to CloudFormation', async () => {
    const made = await create();
    const answer = await update(moved, made.PhysicalResourceId, COMPONENT);
    expect(answer.PhysicalResourceId).toMatch(
      new RegExp(`^zenml:stack-component:${SECOND_ID}:${components(second)[0]!.id}:[0-9a-f]{6}$`),
    );
    expect(components()).toHaveLength(1);
    expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId })).Status).toBe(
      'SUCCESS',
    );
    expect([components(), components(second)].map((list) => list.length)).toEqual([0, 1]);
  });

  test('a rollback deletes the object of a move on the other server that CloudFormation never learned of', async () => {
    const made = await create();
    await update(moved, made.PhysicalResourceId, COMPONENT);
    const back = await update(COMPONENT, made.PhysicalResourceId, moved);
    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
    expect(components()).toHaveLength(1);
    expect(components(second)).toEqual([]);
    expect(h.logs.at(-1)).toMatch(/"notes":"deleted [0-9a-f-]{36}, which a failed replacement had left"/);
  });

  test('a rollback deletes only what the Update in between can have created', async () => {
    const made = await create();
    const older = registry(second, ourLabels('2026-01-02T03:00:00.000Z'));
    const undated = registry(second, { ...ourLabels(''), [Label.ISSUED_AT]: undefined });
    const younger = registry(second, ourLabels('2026-01-03T03:00:00.000Z'));
    const adopted = registry(second, { ...ourLabels('2026-01-02T03:04:30.000Z'), [Label.FOUND]: '{}' });
    const copy = registry(second, { ...ourLabels('2026-01-02T03:04:30.000Z'), [Label.NAME]: 'original' });
    const between = registry(second, ourLabels('2026-01-02T03:04:30.000Z'));
    expect((await update(COMPONENT, made.PhysicalResourceId, moved)).Status).toBe('SUCCESS');
    expect(components(second)).toEqual([older, undated, younger, adopted, copy]);
    second.things.components.set(between.id, between);
    expect((await update(COMPONENT, made.PhysicalResourceId, moved, { query: 'no=date' })).Status).toBe('SUCCESS');
    expect(components(second)).toContain(between);
  });

  test('an object on the other server that a rollback cannot delete is logged and does not fail the rollback', async () => {
    const made = await create();
    const read = h.ports.aws.getParameter;
    const fail = async (thrown: Error) => {
      (h.ports.aws as any).getParameter = async (name: string, signal: AbortSignal) => {
        if (name === '/second') {
          throw thrown;
        }
        return read(name, signal);
      };
      return update(COMPONENT, made.PhysicalResourceId, moved);
    };
    expect((await fail(new TypeError('a fault of ours'))).Status).toBe('SUCCESS');
    expect(h.logs.at(-1)).toContain('"level":"WARN"');
    expect(h.logs.at(-1)).toContain('"warnings":"a failed replacement may have left an object: unexpected failure"');
    (h.ports.aws as any).getParameter = read;
    h.parameters.delete('/second');
    expect((await update(COMPONENT, made.PhysicalResourceId, moved)).Status).toBe('SUCCESS');
    expect(h.logs.at(-1)).toMatch(
      /"warnings":"a failed replacement may have left an object: SSM parameter \/second, .* cannot be read \(ParameterNotFound\)/,
    );
  });

  test('another binding of the same server moves nothing, and its rollback deletes nothing', async () => {
    bindSecond(h.zenml.port);
    const again = { ...moved, ServerUrl: `http://127.0.0.1:${h.zenml.port}` };
    const made = await create();
    const between = registry(h.zenml, ourLabels('2026-01-02T03:04:30.000Z'));
    const updated = await update(again, made.PhysicalResourceId, COMPONENT);
    expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
    expect((await update(COMPONENT, made.PhysicalResourceId, again)).Status).toBe('SUCCESS');
    expect(components().map(({ id }) => id)).toEqual([made.Data!.Id, between.id]);
  });

  test('a move whose rollback was quicker deletes its own object again', async () => {
    const made = await create();
    // The response URL tells no absolute time: the handler serves such an event however old it is.
    const late = h.event('Update', 'StackComponent', moved, {
      physicalId: made.PhysicalResourceId,
      old: COMPONENT,
      query: `Expires=${Math.floor(h.clock.now() / 1000)}`,
    });
    h.clock.advance(60_000);
    await update(COMPONENT, made.PhysicalResourceId, moved);
    await h.deliver(late);
    expect(h.answers.at(-1)).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/this event arrived too late and is not applied/),
    });
    expect(components()).toHaveLength(1);
    expect(components(second)).toEqual([]);
    // The Update has written something there: its rollback is not let through unseen.
    h.parameters.delete('/server');
    expect((await update(COMPONENT, made.PhysicalResourceId, moved)).Status).toBe('FAILED');
  });

  test('a move from a server that is gone, or that became another one, succeeds', async () => {
    const made = await create();
    h.stackEvents = [
      { logicalId: 'Main', physicalId: STACK_ID, status: 'UPDATE_IN_PROGRESS', reason: '', time: h.clock.now() },
    ];
    h.parameters.delete('/server');
    expect((await update(moved, made.PhysicalResourceId, COMPONENT)).Status).toBe('SUCCESS');
    second.things.components.clear();
    const third = await new ScriptedServer().start();
    try {
      third.info = { ...third.info, id: '88888888-8888-4888-8888-888888888888' };
      h.bind(`http://127.0.0.1:${third.port}`);
      expect((await update({ ...moved, Labels: { a: 'b' } }, made.PhysicalResourceId, COMPONENT)).Status).toBe(
        'SUCCESS',
      );
      // Looked at for what a failed replacement left, never asked for an object of another server.
      expect(third.received.map(({ path }) => path)).toEqual(['/info', '/login', '/components']);
    } finally {
      await third.stop();
    }
  });

  test('a move from a server that the properties do not name succeeds', async () => {
    const made = await create();
    expect((await update(moved, made.PhysicalResourceId, { ...COMPONENT, ServerBinding: undefined })).Status).toBe(
      'SUCCESS',
    );
    expect(components(second)).toHaveLength(1);
  });

  test('an unexpected fault while the old server is read is a failure', async () => {
    const made = await create();
    const read = h.ports.aws.getParameter;
    (h.ports.aws as any).getParameter = async (name: string, signal: AbortSignal) => {
      if (name === '/server') { throw new TypeError('a fault of ours'); }
      return read(name, signal);
    };
    // What is looked at there is whether this event comes too late.
    second.script(/^POST \/components/, 'pass', 1, () => h.clock.advance(6_000));
    expect((await update(moved, made.PhysicalResourceId, COMPONENT)).Reason).toMatch(
      /^unexpected failure \(TypeError\)/,
    );
  });

  test('a rollback leaves an object on the other server that another resource has adopted', async () => {
    const made = await create();
    // The response URL tells no absolute time: the handler serves such an event however old it is.
    const late = h.event('Update', 'StackComponent', moved, { physicalId: made.PhysicalResourceId, old: COMPONENT, query: `Expires=${Math.floor(h.clock.now() / 1000)}` });
    h.clock.advance(60_000);
    await update(COMPONENT, made.PhysicalResourceId, moved);
    // First the server is asked for the object of the event's id, which it could have if it was restored under another
    // id.
    second.script(/^GET \/components\/./, 'pass', 1);
    second.script(/^GET \/components\/./, 'pass', 1, () => {
      components(second)[0]!.labels = { ...components(second)[0]!.labels, ...ownedBy('arn:another', 'Other') };
    });
    await h.deliver(late);
    expect(h.answers.at(-1)!.Reason).toMatch(/arrived too late/);
    expect(components(second)).toHaveLength(1);
  });

  test('a physical id of another kind is not looked for on the old server', async () => {
    const made = await create();
    const id = made.PhysicalResourceId.replace('stack-component', 'stack');
    const answer = await update({ ...COMPONENT, Labels: { a: 'b' } }, id, COMPONENT);
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
    expect(components()).toHaveLength(1);
  });
});
