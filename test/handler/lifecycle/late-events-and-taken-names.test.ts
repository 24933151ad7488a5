import { Label } from '../../../src/contract/labels';
import { COMPONENT, CONNECTOR, Harness, STACK } from '../support/harness';
import { DENIED, error, OTHER_USER, REGISTRY, verifiedReply } from '../support/scripted-server';

const FIXED = { ...COMPONENT, Name: 'fixed' };

describe('late and repeated events', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const components = () => h.zenml.all('components');
  const reason = () => h.answers.at(-1)!.Reason;

  test('a second delivery of a Create finds the object of the first one, however late', async () => {
    const event = h.event('Create', 'StackComponent', FIXED);
    await h.deliver(event);
    h.fresh();
    h.clock.advance(10_000);
    await h.deliver(event);
    expect(h.answers[1]).toEqual(h.answers[0]);
    expect(components()).toHaveLength(1);
    // The handler looked for the object by its labels first, since an Update could have renamed it.
    expect(h.zenml.work).toEqual(['POST /components', 'GET /components', 'POST /components', 'GET /components']);
  });

  test('a quick second delivery of a Create does not look first', async () => {
    const event = h.event('Create', 'StackComponent', FIXED);
    h.clock.advance(5_000);
    await h.deliver(event);
    expect(h.zenml.work).toEqual(['POST /components']);
    const later = h.event('Create', 'StackComponent', COMPONENT, { query: 'no=date' });
    h.clock.advance(60_000);
    await h.deliver(later);
    expect(h.zenml.work).toEqual(['POST /components', 'POST /components']);
  });

  test('a Create that waited for AWS looks first, even without a date', async () => {
    let refusals = 3;
    h.zenml.verification = () => (refusals-- > 0 ? verifiedReply([], DENIED) : verifiedReply([REGISTRY]));
    await h.send('Create', 'ServiceConnector', CONNECTOR, { query: 'no=date' });
    expect(h.zenml.work.slice(-2)).toEqual(['GET /service_connectors', 'POST /service_connectors']);
  });

  test('a second delivery of a Create after a rename creates no second object', async () => {
    const event = h.event('Create', 'StackComponent', FIXED);
    await h.deliver(event);
    const renamed = { ...FIXED, Name: 'renamed' };
    await h.send('Update', 'StackComponent', renamed, { physicalId: h.answers[0]!.PhysicalResourceId, old: FIXED });
    h.fresh();
    h.clock.advance(10_000);
    await h.deliver(event);
    expect(reason()).toBe(
      'the stack component "renamed" was created or changed by a later request for this resource (2026-01-02T03:04:05.000Z): '
        + 'this event arrived too late and is not applied',
    );
    expect(components()).toHaveLength(1);
  });

  test('an Update that comes after a later one changes nothing', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const change = (version: string) =>
      h.event(
        'Update',
        'StackComponent',
        { ...COMPONENT, Labels: { version } },
        { physicalId: made.PhysicalResourceId, old: COMPONENT },
      );
    h.clock.advance(1_000);
    const first = change('first');
    h.clock.advance(1_000);
    await h.deliver(change('second'));
    await h.deliver(first);
    expect(reason()).toMatch(
      /^the stack component "main-[0-9a-f]{6}" was created or changed by a later request for this resource \(2026-01-02T03:04:07\.000Z\): this event arrived too late and is not applied\. Nothing was changed in ZenML\.$/,
    );
    expect(components()[0]!.labels.version).toBe('second');
    expect(h.answers.at(-1)!.PhysicalResourceId).toBe(made.PhysicalResourceId);
  });

  test('an Update that is superseded while it waits for AWS changes nothing', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    h.clock.advance(1_000);
    const changed = { ...CONNECTOR, Description: 'changed' };
    const event = h.event('Update', 'ServiceConnector', changed, {
      physicalId: made.PhysicalResourceId,
      old: CONNECTOR,
    });
    let refusals = 1;
    h.zenml.verification = () => {
      if (refusals-- <= 0) { return verifiedReply([REGISTRY]); }
      const [connector] = h.zenml.all('service_connectors');
      connector!.labels = { ...connector!.labels, [Label.APPLIED_AT]: new Date(h.clock.now() + 60_000).toISOString() };
      return verifiedReply([], DENIED);
    };
    h.zenml.received.length = 0;
    await h.deliver(event);
    // One wait of a second is no wait worth a second look.
    expect(h.zenml.work.at(-1)).toMatch(/^PUT \/service_connectors\/[^/]+$/);
    h.zenml.received.length = 0;
    refusals = 2;
    await h.deliver(
      h.event(
        'Update',
        'ServiceConnector',
        { ...changed, RefreshToken: '1' },
        { physicalId: made.PhysicalResourceId, old: changed },
      ),
    );
    expect(reason()).toMatch(/was created or changed by a later request/);
    expect(h.zenml.work.at(-1)).toMatch(/^GET \/service_connectors\/[^/]+$/);
  });
});

describe('taken names', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const registry = (flavor = 'aws', user = OTHER_USER, labels = {}) =>
    h.zenml.add(
      'components',
      'fixed',
      { type: 'container_registry', flavor, configuration: { uri: REGISTRY } },
      labels,
      user,
    );
  const reason = async (properties: Record<string, unknown>, type = 'StackComponent') =>
    (await h.send('Create', type, properties)).Reason;
  const refused =
    'ZenML already has a stack component named "fixed" that this CloudFormation resource did not create: choose another name, delete it in ZenML, or set adoptExisting';

  test('the error about a taken name says what to do, and why adoption was not possible', async () => {
    registry();
    expect(await reason(FIXED)).toBe(refused);
    expect(await reason({ ...FIXED, AdoptExisting: 'false' })).toBe(refused);
    registry();
    expect(await reason({ ...FIXED, AdoptExisting: 'true' })).toBe(
      `${refused} (this account cannot see exactly one such object)`,
    );
    h.zenml.things.components.clear();
    h.zenml.script(/^POST \/components$/, error(409, 'EntityExistsError', 'a private one of another account'));
    expect(await reason({ ...FIXED, AdoptExisting: 'true' })).toMatch(/cannot see exactly one/);
  });

  test('the error about an object that cannot be adopted names all differences', async () => {
    registry('gcp').fields.configuration.uri = 'another';
    expect(await reason({ ...FIXED, AdoptExisting: 'true' })).toBe(
      'the existing stack component "fixed" cannot be adopted: its flavor, registry URI differs and cannot change in place; choose another name or delete it',
    );
  });

  const digest: unknown = expect.stringMatching(/^[0-9a-f]{12}$/);
  const WRITTEN = Object.fromEntries(
    ['configuration.uri', 'configuration.default_repository', 'labels.team', 'connector'].map((path) => [path, digest]),
  );
  const left =
    'ZenML already has a stack component named "fixed" that an earlier deployment of this resource left there: choose another name, delete it in ZenML, or set adoptExisting';

  test('an adopted object is adopted again only on request, and keeps the description of its first state', async () => {
    registry('aws', OTHER_USER, { theirs: 'y', team: 'theirs' });
    const [object] = h.zenml.all('components');
    const adopting = { ...FIXED, AdoptExisting: 'true', Labels: { team: 'ours' } };
    const first = await h.send('Create', 'StackComponent', adopting);
    expect(first.PhysicalResourceId).toMatch(new RegExp(`:${object!.id}:adopted-[0-9a-f]{6}$`));
    expect(h.logs.at(-1)).toContain('"notes":"adopted"');
    const found = {
      name: 'fixed',
      configuration: { uri: REGISTRY },
      connector: null,
      resourceId: null,
      labels: { theirs: 'y', team: 'theirs' },
    };
    expect(JSON.parse(String(object!.labels[Label.FOUND]))).toEqual({ ...found, written: WRITTEN });
    object!.userId = '22222222-2222-4222-8222-222222222222';
    h.clock.advance(60_000);
    expect(await reason(FIXED)).toBe(left);
    const again = await h.send('Create', 'StackComponent', adopting);
    expect(again).toMatchObject({ Status: 'SUCCESS', Data: first.Data });
    expect(again.PhysicalResourceId).toMatch(new RegExp(`:${object!.id}:adopted-[0-9a-f]{6}$`));
    expect(h.logs.at(-1)).toContain('"notes":"adopted"');
    expect(JSON.parse(String(object!.labels[Label.FOUND]))).toEqual({ ...found, written: WRITTEN });
    await h.send('Delete', 'StackComponent', adopting, { physicalId: again.PhysicalResourceId });
    expect(object).toMatchObject({ name: 'fixed', fields: { configuration: { uri: REGISTRY } } });
    expect(object!.labels).toEqual({ theirs: 'y', team: 'theirs' });
  });

  test('an object that an earlier deployment of the same resource left is adopted as well, and its Delete does not delete it', async () => {
    const made = await h.send('Create', 'StackComponent', FIXED);
    const [object] = h.zenml.all('components');
    const { labels } = object!;
    h.clock.advance(60_000);
    const adopting = { ...FIXED, AdoptExisting: 'true', Labels: { team: 'ours' } };
    const again = await h.send('Create', 'StackComponent', adopting);
    expect(again.Data).toEqual(made.Data);
    expect(again.PhysicalResourceId).toMatch(new RegExp(`:${object!.id}:adopted-[0-9a-f]{6}$`));
    expect(JSON.parse(String(object!.labels[Label.FOUND]))).toEqual({
      name: 'fixed',
      configuration: JSON.parse(COMPONENT.Configuration),
      connector: null,
      resourceId: null,
      labels,
      written: WRITTEN,
    });
    expect(h.logs.at(-1)).toContain('"notes":"adopted"');
    await h.send('Delete', 'StackComponent', adopting, { physicalId: again.PhysicalResourceId });
    expect(h.zenml.all('components')).toEqual([object]);
    expect(object!.labels).toEqual(labels);
  });

  test('a stack whose answer was lost is found by its name among stacks of others', async () => {
    h.zenml.script(/^POST \/stacks$/, 'commit-then-reset');
    const made = await h.send('Create', 'Stack', { ...STACK, Name: 's' });
    expect(made).toMatchObject({ Status: 'SUCCESS', Data: { Name: 's', Id: h.zenml.all('stacks')[0]!.id } });
    expect(h.clock.slept).toEqual([1_000]);
  });

  test('answers that are lost again and again end the Create with the server\'s last error', async () => {
    h.zenml.script(/^POST \/stacks$/, error(502, '', ''), 6);
    const answer = await h.send('Create', 'Stack', { ...STACK, Name: 's' }, { requestId: 'r' });
    expect(answer).toMatchObject({
      Reason: 'ZenML answered POST /stacks with HTTP 502',
      PhysicalResourceId: 'zenml:create-failed:r',
    });
    // The tries, then a last look for as long as a look-up may lag.
    expect(h.clock.slept).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 1_000, 2_000, 4_000, 8_000]);
    expect(h.zenml.work.filter((call) => call === 'POST /stacks')).toHaveLength(6);
    h.zenml.script(/^POST \/stacks$/, error(502, '', ''), 5);
    expect((await h.send('Create', 'Stack', { ...STACK, Name: 's' })).Status).toBe('SUCCESS');
  });
});
