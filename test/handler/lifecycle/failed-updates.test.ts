import { CloudFormationEvent } from '../../../src/handler/cloudformation/event';
import { FailedUpdates } from '../../../src/handler/failed-updates';
import { COMPONENT, Harness, STACK } from '../support/harness';
import { error } from '../support/scripted-server';

const event = (id: string, now: object, old: object, more: Partial<CloudFormationEvent> = {}) => ({
  RequestType: 'Update',
  RequestId: 'r',
  ResponseURL: 'u',
  ResourceType: 't',
  LogicalResourceId: 'l',
  StackId: 's',
  PhysicalResourceId: id,
  ResourceProperties: now,
  OldResourceProperties: old,
  ...more,
}) as CloudFormationEvent;

describe('updates that wrote nothing', () => {
  const [a, b] = [{ v: 'a' }, { v: 'b' }];

  test('an Update that wrote nothing is remembered for its rollback, once, for less than ten minutes', () => {
    const known = (at: number, back = event('i', a, b)) => {
      const failed = new FailedUpdates();
      failed.remember(event('i', b, a), false, 1_000);
      return [failed.revertedBy(back, at) !== undefined, failed.revertedBy(back, at) !== undefined];
    };
    expect(known(1_000)).toEqual([true, false]);
    expect(known(600_999)).toEqual([true, false]);
    expect(known(601_000)).toEqual([false, false]);
    expect(known(1_000, event('i', b, a))).toEqual([false, false]);
    for (const more of [{ StackId: 'x' }, { LogicalResourceId: 'x' }, { PhysicalResourceId: 'x' }]) {
      expect(known(1_000, event('i', a, b, more))).toEqual([false, false]);
    }
  });

  test('a Create or a Delete that wrote nothing is not remembered', () => {
    const failed = new FailedUpdates();
    failed.remember(event('i', b, a, { RequestType: 'Create' }), false, 0);
    expect(failed.revertedBy(event('i', a, b), 0) !== undefined).toBe(false);
  });

  test('at most 200 Updates are remembered, and the oldest is forgotten first', () => {
    const remembering = (count: number) => {
      const failed = new FailedUpdates();
      for (let index = 0; index < count; index++) { failed.remember(event(String(index), b, a), false, 0); }
      return ['0', '1'].map((id) => failed.revertedBy(event(id, a, b), 0) !== undefined);
    };
    expect(remembering(200)).toEqual([true, true]);
    expect(remembering(201)).toEqual([false, true]);
  });
});

describe('an unreachable server', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  /** Port 1: one that was free a moment ago may be another process's by now. */
  const down = () => {
    h.bind('http://127.0.0.1:1');
    return `ZenML at ${h.url} could not be reached (ECONNREFUSED)`;
  };
  const CHANGED = { ...COMPONENT, Labels: { a: 'b' } };
  const update = async (properties: Record<string, unknown>, physicalId: string, old: Record<string, unknown>) =>
    h.send('Update', 'StackComponent', properties, { physicalId, old });
  const remove = async (properties: Record<string, unknown>, physicalId: string) =>
    h.send('Delete', 'StackComponent', properties, { physicalId });
  const line = () => JSON.parse(h.logs.at(-1)!) as { level: string; notes?: string; warnings?: string };
  const notes = () => line().notes;

  test('a rollback of an Update that wrote nothing waits 15 s for the server and says that it did not look', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const unreachable = down();
    await update(CHANGED, made.PhysicalResourceId, COMPONENT);
    const started = h.clock.now();
    expect(await update(COMPONENT, made.PhysicalResourceId, CHANGED)).toMatchObject({
      Status: 'SUCCESS',
      Data: made.Data,
    });
    expect(notes()).toBe(`left as it is, because the update that is rolled back had changed nothing (${unreachable})`);
    expect(h.clock.now() - started).toBeGreaterThanOrEqual(15_000);
    expect(h.clock.now() - started).toBeLessThan(22_000);
  });

  test('a rollback of an Update that wrote nothing ends well for whatever reason it fails, unless it is unknown that nothing was written', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const refused = `ZenML answered GET /components/${made.Data!.Id} with HTTP 418 Teapot: no`;
    for (const forget of [() => {}, () => h.fresh()]) {
      h.zenml.script(/^GET \/components\//, error(418, 'Teapot', 'no'), 2);
      expect((await update(CHANGED, made.PhysicalResourceId, COMPONENT)).Reason).toBe(
        `${refused}. Nothing was changed in ZenML.`,
      );
      forget();
      await update(COMPONENT, made.PhysicalResourceId, CHANGED);
    }
    expect(h.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS', 'FAILED', 'FAILED']);
    expect(h.logs.at(-3)).toContain(
      `"notes":"left as it is, because the update that is rolled back had changed nothing (${refused})"`,
    );
    expect(h.answers.at(-1)!.Reason).toBe(`${refused}. Nothing was changed in ZenML.`);
  });

  test('a rollback of an Update that may have written something fails', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/^PUT/, error(418, 'Teapot', 'no'));
    await update(CHANGED, made.PhysicalResourceId, COMPONENT);
    down();
    expect((await update(COMPONENT, made.PhysicalResourceId, CHANGED)).Status).toBe('FAILED');
  });

  test('a change of behaviour properties alone is answered with the name that the object has, given or generated', async () => {
    const opt = { AbandonUnreachable: 'true' };
    for (const named of [{ ...COMPONENT, Name: 'fixed' }, COMPONENT]) {
      const made = await h.send('Create', 'StackComponent', named);
      expect((await update({ ...named, ...opt }, made.PhysicalResourceId, named)).Data).toEqual(made.Data);
    }
  });

  test('a Create gives up a server that never answered within seconds, and waits its whole time for one that restarts', async () => {
    down();
    const started = h.clock.now();
    await h.send('Create', 'StackComponent', { ...COMPONENT, AbandonUnreachable: 'true' });
    expect(h.clock.now() - started).toBe(11_625);
  });

  test('an Update without any difference reads the object', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.received.length = 0;
    await update(COMPONENT, made.PhysicalResourceId, COMPONENT);
    expect(h.zenml.work[0]).toBe(`GET /components/${made.Data!.Id}`);
  });

  test('a Delete with an unreachable server fails with advice, is abandoned on request, or has nothing to look for', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const unreachable = down();
    const advice =
      '. To delete this resource without the server, update it with onUnreachableServer ABANDON first, or delete the stack again and retain this resource'
      + '. CloudFormation now deletes the role, user and access key behind it, unless removalPolicy RETAIN keeps them; then pushes and pulls through it fail.';
    const told = (await remove(COMPONENT, made.PhysicalResourceId)).Reason!;
    expect(told).toBe(`${unreachable}${advice}`);
    await remove({ ...COMPONENT, AbandonUnreachable: 'true' }, made.PhysicalResourceId);
    expect(notes()).toBe(`abandoned: ${unreachable}`);
    await remove(COMPONENT, 'zenml:create-failed:x');
    expect(line()).toMatchObject({
      level: 'WARN',
      warnings: `not looked for: the Create had created nothing, but a second delivery of it could have: ${unreachable}`,
    });
  });

  test('a token that is refused for good counts as an unreachable server, another refusal does not', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.zenml.script(/^GET \/components\//, error(401, 'AuthorizationException', 'no'), 2);
    expect((await remove(COMPONENT, made.PhysicalResourceId)).Reason).toMatch(
      /HTTP 401 AuthorizationException: no\. To delete this resource/,
    );
    expect((await remove({ ...COMPONENT, AbandonUnreachable: 'true' }, made.PhysicalResourceId)).Status).toBe(
      'SUCCESS',
    );
    h.zenml.script(/^GET \/components\//, error(418, 'Teapot', 'no'));
    expect((await remove({ ...COMPONENT, AbandonUnreachable: 'true' }, made.PhysicalResourceId)).Reason).toMatch(
      /HTTP 418 Teapot: no\. CloudFormation now deletes the role, user and access key behind it/,
    );
    h.zenml.script(/^GET \/components$/, error(418, 'Teapot', 'no'));
    expect((await remove({ ...COMPONENT, AbandonUnreachable: 'true' }, 'zenml:create-unsure:x')).Reason).toMatch(
      /HTTP 418 Teapot: no\. CloudFormation now deletes the role, user and access key behind it/,
    );
    expect(h.zenml.all('components')).toHaveLength(1);
  });

  test('a Delete after a failed Create succeeds with a warning for whatever reason it cannot look', async () => {
    h.zenml.script(/^GET \/components$/, error(418, 'Teapot', 'no'));
    expect((await remove(COMPONENT, 'zenml:create-failed:x')).Status).toBe('SUCCESS');
    expect(line()).toMatchObject({
      level: 'WARN',
      warnings:
        'not looked for: the Create had created nothing, but a second delivery of it could have: ZenML answered GET /components with HTTP 418 Teapot: no',
    });
  });

  test('a fault of the handler on the way to the server counts as an unreachable server, so that the resource can be deleted', async () => {
    (h.ports.aws as any).getParameter = async () => {
      throw new TypeError('ours');
    };
    const named = `zenml:stack:${'1'.repeat(8)}-1111-4111-8111-111111111111:11111111-1111-4111-8111-111111111111:0a1b2c`;
    const removeStack = async (physicalId: string, more = {}) =>
      h.send('Delete', 'Stack', { ...STACK, ...more }, { physicalId });
    expect((await removeStack('zenml:create-failed:x')).Status).toBe('SUCCESS');
    expect((await removeStack(named, { AbandonUnreachable: 'true' })).Status).toBe('SUCCESS');
    expect((await removeStack(named)).Reason).toMatch(
      /^unexpected failure on the way to the server\. To delete this resource without the server/,
    );
  });

  test('work that ignores the deadline is abandoned one second after it, and its effects count as unknown', async () => {
    (h.ports.aws as any).getParameter = async () => new Promise(() => {});
    const delivered = h.deliver(h.event('Create', 'Stack', STACK, { requestId: 'r' }));
    h.clock.advance(230_999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(h.answerRequests).toHaveLength(0);
    h.clock.advance(1);
    await delivered;
    expect(h.answers[0]).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'zenml:create-unsure:r',
      Reason: expect.stringMatching(/^no result within 230 s: look whether the server is up/),
    });
  });
});
