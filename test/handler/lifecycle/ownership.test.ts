import * as fc from 'fast-check';
import { Label } from '../../../src/contract/labels';
import { COMPONENT, CONNECTOR, Harness, ownedBy, STACK, STACK_ID } from '../support/harness';
import { error, OTHER_USER, OUR_USER, REGISTRY, verifiedReply } from '../support/scripted-server';

const OTHER_REGISTRY = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
const MOVED = { ...COMPONENT, Configuration: JSON.stringify({ uri: OTHER_REGISTRY }) };
const MADE_UP = 'Main-StackComponent-1ABCDEFGHIJ';

describe('ownership', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const remove = async (physicalId: string, properties: Record<string, unknown> = COMPONENT, options = {}) =>
    h.send('Delete', 'StackComponent', properties, { physicalId, ...options });
  const components = () => h.zenml.all('components');
  const registry = (name: string, labels: Record<string, unknown>, userId = OUR_USER) =>
    h.zenml.add(
      'components',
      name,
      { type: 'container_registry', flavor: 'aws', configuration: { uri: REGISTRY } },
      labels,
      userId,
    );
  const ourLabels = (name: string, more: Record<string, unknown> = {}) => ({
    [Label.STACK]: STACK_ID,
    [Label.LOGICAL_ID]: 'StackComponent',
    [Label.NAME]: name,
    [Label.REQUEST]: 'earlier',
    [Label.ISSUED_AT]: '2026-01-02T03:00:00.000Z',
    ...more,
  });

  test('copies, forged labels and objects of others are never deleted for a Delete without an object', async () => {
    registry('copy', ourLabels('original'));
    registry('forged', ourLabels('forged'), OTHER_USER);
    registry('plain', {});
    registry('other-stack', ourLabels('other-stack', { [Label.STACK]: 'arn:other' }));
    registry('other-resource', ourLabels('other-resource', { [Label.LOGICAL_ID]: 'Other' }));
    expect((await remove(MADE_UP)).Status).toBe('SUCCESS');
    expect((await remove('zenml:create-failed:earlier')).Status).toBe('SUCCESS');
    expect((await remove('zenml:create-unsure:earlier')).Status).toBe('SUCCESS');
    expect(components()).toHaveLength(5);
  });

  test.each([MADE_UP, 'zenml:create-unsure:earlier', 'zenml:create-failed:earlier'])(
    'an adopted object is never deleted for a Delete without an object (%s)',
    async (id) => {
      registry(
        'adopted',
        ourLabels('adopted', {
          [Label.FOUND]: JSON.stringify({ name: 'adopted', connector: null, resourceId: null, labels: {} }),
        }),
      );
      for (const properties of [COMPONENT, { ...COMPONENT, Name: 'adopted', AdoptExisting: 'true' }]) {
        expect((await remove(id, properties)).Status).toBe('SUCCESS');
      }
      expect(components().map(({ name }) => name)).toEqual(['adopted']);
    },
  );

  test('an object of another resource outlives every Delete, whatever the physical id', async () => {
    registry('copy', ourLabels('original'));
    const [stranger] = [registry('plain', {}, OTHER_USER)];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ maxLength: 1_024 }),
          fc.constantFrom(
            'zenml:',
            'zenml:create-failed:',
            `zenml:stack-component:${stranger.id}`,
            stranger.id,
            'null',
            '../x',
          ),
        ),
        async (id) => {
          const answer = await remove(id, COMPONENT, { remainingMs: 30_000 });
          expect(answer.Status).toBe('SUCCESS');
          expect(components()).toHaveLength(2);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a generated id finds the object of a crashed Create, the most recent one within a day', async () => {
    registry('old', ourLabels('old', { [Label.ISSUED_AT]: '2025-12-30T00:00:00.000Z' }));
    registry('crashed', ourLabels('crashed'));
    registry('before', ourLabels('before', { [Label.ISSUED_AT]: '2026-01-02T02:00:00.000Z' }));
    await remove(MADE_UP);
    expect(components().map(({ name }) => name)).toEqual(['old', 'before']);
  });

  test('a late duplicate of a Delete with a generated id leaves a newer object, and cannot tell without dates', async () => {
    const late = h.event('Delete', 'StackComponent', COMPONENT, { physicalId: MADE_UP });
    h.clock.advance(60_000);
    const live = await h.send('Create', 'StackComponent', COMPONENT);
    await h.deliver(late);
    expect(components().map(({ id }) => id)).toEqual([live.Data!.Id]);
    await remove(MADE_UP, COMPONENT, { query: 'no=date' });
    expect(components()).toEqual([]);
  });

  test('a Delete after a failed Create looks only for the object of that request', async () => {
    registry('a', ourLabels('a', { [Label.REQUEST]: 'r-a' }));
    registry('b', ourLabels('b', { [Label.REQUEST]: 'r-b' }));
    const started = h.clock.now();
    await remove('zenml:create-failed:r-b');
    await remove('zenml:create-failed:r-c');
    expect(components().map(({ name }) => name)).toEqual(['a']);
    expect(h.clock.now()).toBe(started);
  });

  test('a Delete after a failed Create does not wait for an unreachable server, and one with a generated id waits and fails unless abandoned', async () => {
    h.bind('http://127.0.0.1:1');
    const started = h.clock.now();
    expect((await remove('zenml:create-failed:x')).Status).toBe('SUCCESS');
    expect(h.clock.now() - started).toBeLessThan(30_000);
    for (const id of [MADE_UP, 'zenml:create-unsure:x']) {
      const since = h.clock.now();
      expect((await remove(id)).Reason).toMatch(
        /could not be reached .*\. An object of this resource may exist in ZenML\. To delete this resource without the server, update it with onUnreachableServer ABANDON/,
      );
      expect(h.clock.now() - since).toBeGreaterThan(59_000);
      expect((await remove(id, { ...COMPONENT, AbandonUnreachable: 'true' })).Status).toBe('SUCCESS');
    }
    h.parameters.clear();
    expect((await remove(MADE_UP)).Reason).toMatch(/An object of this resource may exist in ZenML/);
    expect((await remove('zenml:create-failed:x')).Status).toBe('SUCCESS');
  });

  test("an object is another resource's if two labels agree on that; with labels removed or in conflict the account decides", async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const [object] = components();
    const { labels } = object!;
    const another = [
      ownedBy('arn:another', 'Other'),
      { [Label.STACK]: 'arn:another', [Label.OWNER]: undefined },
      { [Label.LOGICAL_ID]: 'Other', [Label.OWNER]: undefined },
    ];
    for (const more of another) {
      object!.labels = { ...labels, ...more };
      expect((await remove(made.PhysicalResourceId)).Status).toBe('SUCCESS');
      expect(components()).toHaveLength(1);
    }
    const nobody = [
      {},
      { [Label.STACK]: STACK_ID },
      { [Label.LOGICAL_ID]: 'StackComponent' },
      { [Label.OWNER]: ownedBy('arn:another', 'Other')[Label.OWNER] },
      { ...ownedBy('arn:another', 'Other'), [Label.STACK]: 'arn:third' },
    ];
    for (const more of nobody) {
      object!.labels = more;
      object!.userId = OTHER_USER;
      expect((await remove(made.PhysicalResourceId)).Reason).toMatch(
        /no longer has the labels of this CloudFormation stack and belongs to another ZenML account/,
      );
      object!.userId = OUR_USER;
      expect((await remove(made.PhysicalResourceId)).Status).toBe('SUCCESS');
      expect(components()).toEqual([]);
      h.zenml.things.components.set(object!.id, object!);
    }
  });

  test.each([
    [Label.STACK, 'arn:another'],
    [Label.LOGICAL_ID, 'Other'],
    [Label.OWNER, 'edited'],
  ])("a single label that somebody edited does not make the object another resource's (%s)", async (key, value) => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const [object] = components();
    object!.labels = { ...object!.labels, [key]: value };
    const changed = { ...COMPONENT, Labels: { a: 'b' } };
    const updated = await h.send('Update', 'StackComponent', changed, {
      physicalId: made.PhysicalResourceId,
      old: COMPONENT,
    });
    expect(updated).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
    expect(object!.labels).toMatchObject({ a: 'b', ...ownedBy(STACK_ID, 'StackComponent') });
    object!.labels = { ...object!.labels, [key]: value };
    object!.userId = OTHER_USER;
    expect((await remove(made.PhysicalResourceId)).Status).toBe('SUCCESS');
    expect(components()).toEqual([]);
  });

  test('an object that another stack has adopted is not changed by an Update, which fails and creates no new one', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const [object] = components();
    object!.labels = { ...object!.labels, ...ownedBy('arn:another', 'Other') };
    const before = JSON.stringify(components());
    const answer = await h.send(
      'Update',
      'StackComponent',
      { ...COMPONENT, Labels: { a: 'b' } },
      { physicalId: made.PhysicalResourceId, old: COMPONENT },
    );
    expect(answer).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: made.PhysicalResourceId,
      Reason:
        `the stack component "${made.Data!.Name}" was adopted by a resource of CloudFormation stack arn:another: remove it from this stack's template, `
        + 'or adopt it back (a new construct with its name and adoptExisting). Nothing was changed in ZenML.',
    });
    expect(JSON.stringify(components())).toBe(before);
  });

  test('an Update restores labels that somebody removed', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    components()[0]!.labels = { mine: { deep: 1 } };
    await h.send(
      'Update',
      'StackComponent',
      { ...COMPONENT, Labels: { a: 'b' } },
      { physicalId: made.PhysicalResourceId, old: COMPONENT },
    );
    expect(components()[0]!.labels).toMatchObject({
      'mine': { deep: 1 },
      'a': 'b',
      'cdk-zenml:stack-id': STACK_ID,
      'cdk-zenml:request': 'request-2',
    });
  });

  test('another registry host needs another component', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const moved = await h.send('Update', 'StackComponent', MOVED, {
      physicalId: made.PhysicalResourceId,
      old: COMPONENT,
    });
    expect(moved.Data!.Id).not.toBe(made.Data!.Id);
    h.rollBack('StackComponent');
    const back = await h.send('Update', 'StackComponent', COMPONENT, {
      physicalId: moved.PhysicalResourceId,
      old: MOVED,
    });
    expect(back.PhysicalResourceId).toBe(made.PhysicalResourceId);
    // The adoption counts from now on: an older made-up Delete is not about it.
    expect(components().find(({ id }) => id === made.Data!.Id)!.labels[Label.ISSUED_AT]).toBe(
      new Date(h.clock.now()).toISOString(),
    );
  });

  test('a rollback deletes the object of a crashed replacement, and nothing else', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const kept = registry('kept', ourLabels('kept', { [Label.ISSUED_AT]: '2026-01-01T00:00:00.000Z' }));
    h.clock.advance(60_000);
    // The answer of this Update never reaches CloudFormation.
    await h.send('Update', 'StackComponent', MOVED, { physicalId: made.PhysicalResourceId, old: COMPONENT });
    expect(components()).toHaveLength(3);
    h.clock.advance(60_000);
    const back = await h.send('Update', 'StackComponent', COMPONENT, {
      physicalId: made.PhysicalResourceId,
      old: MOVED,
    });
    expect(back.PhysicalResourceId).toBe(made.PhysicalResourceId);
    expect(components().map(({ id }) => id)).toEqual([made.Data!.Id, kept.id]);
  });

  test('an object that cannot be deleted does not fail the rollback', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.clock.advance(60_000);
    const lost = await h.send('Update', 'StackComponent', MOVED, {
      physicalId: made.PhysicalResourceId,
      old: COMPONENT,
    });
    h.zenml.add('stacks', 'uses-it', { components: { container_registry: [lost.Data!.Id] } });
    const back = await h.send('Update', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId, old: MOVED });
    expect(back.Status).toBe('SUCCESS');
    expect(JSON.parse(h.logs.at(-1)!)).toMatchObject({
      level: 'WARN',
      warnings: expect.stringMatching(
        /^a failed replacement may have left an object: container registry "main-[0-9a-f]{6}" was not deleted, because it is still used by stack "uses-it"/,
      ),
    });
  });

  test('a rollback to an existing object does not fail over a repository that is gone', async () => {
    const properties = {
      ...COMPONENT,
      Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }],
    };
    const made = await h.send('Create', 'StackComponent', properties);
    h.repositories.clear();
    const changed = { ...properties, Labels: { a: 'b' } };
    expect(
      (await h.send('Update', 'StackComponent', changed, { physicalId: made.PhysicalResourceId, old: properties }))
        .Status,
    ).toBe('FAILED');
    const back = await h.send('Update', 'StackComponent', properties, {
      physicalId: made.PhysicalResourceId,
      old: changed,
    });
    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
  });

  test('an Update by repairTrigger fails when AWS refuses the verification, and its rollback does not', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    h.zenml.verification = () => verifiedReply([], 'the role is gone for good');
    const refreshed = { ...CONNECTOR, RefreshToken: '2' };
    expect(
      (await h.send('Update', 'ServiceConnector', refreshed, { physicalId: made.PhysicalResourceId, old: CONNECTOR }))
        .Reason,
    ).toMatch(/gone for good/);
    expect(
      (await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: refreshed }))
        .Status,
    ).toBe('SUCCESS');
  });

  test('a retained object is adopted again under its explicit name, unless it is newer than the event', async () => {
    const kept = await h.send('Create', 'StackComponent', { ...COMPONENT, Name: 'fixed' });
    const late = h.event(
      'Create',
      'StackComponent',
      { ...COMPONENT, Name: 'fixed', Labels: { late: '1' } },
      { requestId: 'late' },
    );
    h.clock.advance(60_000);
    const unasked = await h.send('Create', 'StackComponent', { ...COMPONENT, Name: 'fixed' });
    expect(unasked.Reason).toBe(
      'ZenML already has a stack component named "fixed" that an earlier deployment of this resource left there: '
        + 'choose another name, delete it in ZenML, or set adoptExisting',
    );
    const again = await h.send('Create', 'StackComponent', { ...COMPONENT, Name: 'fixed', AdoptExisting: 'true' });
    expect(again.Data).toEqual(kept.Data);
    expect(again.PhysicalResourceId).toMatch(new RegExp(`:${kept.Data!.Id}:adopted-[0-9a-f]{6}$`));
    await h.deliver(late);
    expect(h.answers.at(-1)!.Reason).toMatch(/this event arrived too late and is not applied/);
    expect(components()[0]!.labels.late).toBeUndefined();
  });

  test('an object that cannot get the wanted state in place is not adopted', async () => {
    h.zenml.add(
      'components',
      'fixed',
      { type: 'container_registry', flavor: 'aws', configuration: { uri: OTHER_REGISTRY } },
      {},
      OTHER_USER,
    );
    const answer = await h.send('Create', 'StackComponent', { ...COMPONENT, Name: 'fixed', AdoptExisting: 'true' });
    expect(answer.Reason).toMatch(/existing stack component "fixed" cannot be adopted: its registry URI differs/);
    expect(components()[0]!.labels).toEqual({});
  });

  test('an adoption that fails leaves the object to its owner', async () => {
    const object = registry('fixed', {});
    const adopting = { ...COMPONENT, Name: 'fixed', AdoptExisting: 'true' };
    h.zenml.script(/^PUT/, error(403, 'IllegalOperationError', 'protected'));
    const failed = await h.send('Create', 'StackComponent', adopting);
    expect(failed.Status).toBe('FAILED');
    await remove(failed.PhysicalResourceId, adopting);
    expect(components()).toEqual([object]);
  });

  test('an adopted object that is replaced and rolled back is adopted again', async () => {
    const object = registry('fixed', {}, OTHER_USER);
    const adopting = { ...COMPONENT, Name: 'fixed', AdoptExisting: 'true' };
    const made = await h.send('Create', 'StackComponent', adopting);
    const moving = { ...MOVED, Name: 'moved' };
    const moved = await h.send('Update', 'StackComponent', moving, {
      physicalId: made.PhysicalResourceId,
      old: adopting,
    });
    const back = await h.send('Update', 'StackComponent', adopting, {
      physicalId: moved.PhysicalResourceId,
      old: moving,
    });
    expect(back.Data).toEqual({ Id: object.id, Name: 'fixed' });
  });

  test('the name "default" and other names that cannot work are refused', async () => {
    for (const Name of ['default', 'equals:x', ' x', 'x'.repeat(256)]) {
      expect((await h.send('Create', 'Stack', { ...STACK, Name })).Reason).toMatch(/choose another name/);
    }
    const long = await h.send('Create', 'Stack', { ...STACK, NamePrefix: 'x'.repeat(300) });
    expect(long.Data!.Name).toHaveLength(255);
  });

  test('a connector in use is refused with the names of its users, or disconnected where that is permitted', async () => {
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    for (let index = 0; index < 12; index++) {
      h.zenml.add('components', `user-${index}`, {
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: REGISTRY },
        connector: connector.Data!.Id,
      });
    }
    const refused = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: connector.PhysicalResourceId });
    expect(refused.Reason).toMatch(
      /was not deleted, because it is still used by components "user-0".*"user-9" and 2 more .*disconnect/,
    );
    const gone = await h.send(
      'Delete',
      'ServiceConnector',
      { ...CONNECTOR, DetachFromStacks: 'true' },
      { physicalId: connector.PhysicalResourceId },
    );
    expect(gone.Status).toBe('SUCCESS');
    expect(h.zenml.named('components', 'user-0')[0]!.fields).toMatchObject({
      connector: null,
      configuration: { uri: REGISTRY },
    });
  });

  test('a Create whose answer is lost for good says that the object may exist, and its Delete finds the object', async () => {
    h.zenml.script(/^POST \/components$/, 'commit-then-reset');
    h.zenml.script(/^GET \/components$/, error(403, 'IllegalOperationError', 'no'), 1);
    const answer = await h.send('Create', 'StackComponent', COMPONENT, { requestId: 'r' });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'zenml:create-unsure:r' });
    await remove(answer.PhysicalResourceId);
    expect(components()).toEqual([]);
  });

  test('an Update that fails in other ways changes no id', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const update = async () =>
      h.send(
        'Update',
        'StackComponent',
        { ...COMPONENT, Labels: { a: 'b' } },
        { physicalId: made.PhysicalResourceId, old: COMPONENT },
      );
    h.zenml.script(/^PUT/, error(403, 'IllegalOperationError', 'no'));
    expect(await update()).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
    h.zenml.script(/^PUT/, error(404, 'KeyError', 'connector not found'));
    expect(await update()).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
    expect(components()).toHaveLength(1);
  });

  test('an Update whose id names no object creates the object, or finds it', async () => {
    const made = await h.send('Update', 'StackComponent', COMPONENT, { physicalId: MADE_UP, old: MOVED });
    expect(made.Status).toBe('SUCCESS');
    const again = await h.send('Update', 'StackComponent', COMPONENT, { physicalId: MADE_UP, old: MOVED });
    expect(again.PhysicalResourceId).toBe(made.PhysicalResourceId);
  });
});
