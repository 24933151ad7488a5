import { formatFailedId } from '../../../src/contract/physical-id';
import { connectors, create, POST_CONNECTOR } from '../support/connector-steps';
import { COMPONENT, CONNECTOR, Harness, STACK } from '../support/harness';
import { REGISTRY } from '../support/scripted-server';

describe('lost and broken answers', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a POST whose answer is lost is followed by a look-up, and one object is created', async () => {
    h.zenml.script(POST_CONNECTOR, 'commit-then-reset');
    await create(h);
    expect(h.zenml.work.filter((call) => POST_CONNECTOR.test(call))).toHaveLength(1);
    h.zenml.script(POST_CONNECTOR, 'reset');
    await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other' });
    expect(connectors(h)).toHaveLength(2);
    expect(new Set(connectors(h).map(({ name }) => name)).size).toBe(2);
  });

  test('an HTTP 429 with Retry-After in seconds or as a date is waited for, unless that is longer than the time left', async () => {
    h.zenml.script(POST_CONNECTOR, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': '7' } });
    h.zenml.script(POST_CONNECTOR, {
      status: 429,
      body: { detail: 'slow down' },
      headers: { 'retry-after': new Date(h.clock.now() + 19_000).toUTCString() },
    });
    await create(h);
    expect(h.clock.slept).toEqual([7_250, 12_000]);
    h.zenml.script(POST_CONNECTOR, { status: 429, body: { detail: 'slow down' }, headers: { 'retry-after': '3600' } });
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other' });
    expect(answer.Reason).toMatch(/asks to wait 3600 s/);
  });

  test('5xx answers and HTML error pages are retried, a POST only after a look-up', async () => {
    h.zenml.script(/^GET \/info$/, { status: 502, body: '<html>Bad Gateway</html>' }, 2);
    h.zenml.script(POST_CONNECTOR, { status: 500, body: { detail: ['RuntimeError', 'boom'] } });
    await create(h);
    expect(h.zenml.work).toEqual([
      'POST /service_connectors/verify',
      'POST /service_connectors',
      'GET /service_connectors',
      'POST /service_connectors',
    ]);
    h.zenml.script(POST_CONNECTOR, { status: 500, body: { detail: ['RuntimeError', 'boom'] } }, 99);
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { logicalId: 'Other', requestId: 'r16' });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r16') });
    expect(answer.Reason).toContain('HTTP 500 RuntimeError');
    expect(answer.Reason).not.toContain('boom');
  });

  test('a 200 that is not JSON is reported with its beginning', async () => {
    h.zenml.script(/^GET \/info$/, { status: 200, body: '<html>\nSign in</html>' }, 9);
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
    expect(answer.Reason).toMatch(
      /^something other than ZenML answered GET \/info at \S+ \(HTTP 200, text\/html: <html> Sign in<\/html>\)/,
    );
  });

  test('JSON of another shape is refused with its place, and additional fields are accepted', async () => {
    h.zenml.script(/^GET \/info$/, { status: 200, body: { id: null, version: '0.98.0' } });
    expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(/unexpected shape \(id\)/);
    h.zenml.info = { ...h.zenml.info, more: { than: 'before' } };
    await create(h);
  });

  test('lists are read to their end', async () => {
    h.zenml.pageSize = 1;
    const component = await h.send('Create', 'StackComponent', COMPONENT);
    for (const name of ['a', 'b', 'c']) {
      h.zenml.add('stacks', name, { components: { container_registry: [component.Data!.Id] } });
    }
    const answer = await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: component.PhysicalResourceId });
    expect(answer.Reason).toContain('stacks "a", "b", "c"');
  });

  test('results of filters are compared with names and types again', async () => {
    h.zenml.ignoreFilters = true;
    h.zenml.add('components', 'registry', { type: 'orchestrator', flavor: 'local', configuration: {} });
    const right = h.zenml.add('components', 'registry', {
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: REGISTRY },
    });
    h.zenml.add('components', 'registry-2', {
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: REGISTRY },
    });
    const answer = await h.send('Create', 'Stack', {
      Components: [...STACK.Components, { ComponentType: 'container_registry', Name: 'registry' }],
    });
    expect(answer.Status).toBe('SUCCESS');
    expect(h.zenml.all('stacks')[0]!.fields.components.container_registry).toEqual([right.id]);
  });
});
