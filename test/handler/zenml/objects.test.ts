import * as v from 'valibot';
import { readComplaint, retryAfterMs } from '../../../src/handler/zenml/answers';
import { ownerOf } from '../../../src/handler/zenml/objects';
import { listAll } from '../../../src/handler/zenml/pages';
import { ServiceConnectors } from '../../../src/handler/zenml/service-connectors';
import { StackComponents } from '../../../src/handler/zenml/stack-components';
import { Stacks } from '../../../src/handler/zenml/stacks';
import { ClientHarness, json } from '../support/client-harness';
import { OTHER_USER, OUR_USER } from '../support/scripted-server';

const page = (...items: unknown[]) => json(200, { index: 1, total_pages: 1, items });
const sent = (bench: ClientHarness, at = -1) => {
  const { method, url, body } = bench.sent.at(at)!;
  return [method, decodeURIComponent(url.replace('https://zenml.example/base/api/v1', '')), body && JSON.parse(body)];
};
/** With ids of their own: a list takes each object once. */
const numbered = <T extends object>(thing: T, index: number) => ({
  ...thing,
  id: OUR_USER.replace(/.$/, String(index)),
});
const echo = json(418, { detail: ['Teapot', 'your key'] });

describe('connectors', () => {
  const one = (name: string, more = {}, body = {}) => ({
    id: OUR_USER.toUpperCase(),
    name,
    body: { connector_type: 'aws', auth_method: 'implicit', resource_types: ['docker-registry'], ...body },
    ...more,
  });

  test('connectors are read in a short form and in the full form', async () => {
    const bench = new ClientHarness(
      json(200, one('n')),
      json(200, one('n', { metadata: null, resources: null })),
      json(
        200,
        one(
          'n',
          { metadata: { labels: { a: 1 } } },
          { connector_type: { connector_type: 'gcp' }, resource_id: 'r', user_id: OTHER_USER },
        ),
      ),
    );
    const connectors = new ServiceConnectors(bench.client());
    const short = {
      id: OUR_USER,
      name: 'n',
      labels: {},
      connectorType: 'aws',
      authMethod: 'implicit',
      resourceTypes: ['docker-registry'],
    };
    const bare = { ...short, resourceId: undefined, userId: undefined };
    for (let index = 0; index < 2; index++) { expect(await connectors.get(OUR_USER)).toEqual(bare); }
    expect(await connectors.get(OUR_USER)).toEqual({
      ...short,
      labels: { a: 1 },
      connectorType: 'gcp',
      resourceId: 'r',
      userId: OTHER_USER,
    });
    expect(sent(bench)).toEqual([
      'GET',
      `/service_connectors/${OUR_USER}?hydrate=true&expand_secrets=false`,
      undefined,
    ]);
  });

  test('connectors are looked up by name, which is compared again', async () => {
    const bench = new ClientHarness(page(one('n'), one('n-2')));
    expect((await new ServiceConnectors(bench.client()).byName('n')).map(({ name }) => name)).toEqual(['n']);
    expect(sent(bench)).toEqual([
      'GET',
      '/service_connectors?name=equals:n&hydrate=true&expand_secrets=false&sort_by=asc:created&page=1&size=20',
      undefined,
    ]);
  });

  test('errors about connectors never quote the server where keys were sent', async () => {
    const connectors = new ServiceConnectors(new ClientHarness(echo).client());
    const body = { name: 'n' } as never;
    const calls = [
      async () => connectors.create(body),
      async () => connectors.update('i', body),
      async () => connectors.verify(body),
      async () => connectors.verifyStored('i', undefined),
    ];
    for (const call of calls) { await expect(call()).rejects.toMatchObject({ status: 418, detail: '' }); }
  });

  test('connectors are missing only by a 404 of ZenML', async () => {
    const connectors = (status: number) =>
      new ServiceConnectors(new ClientHarness(json(status, { detail: [] })).client());
    for (const className of ['KeyError', 'ZenKeyError', 'DoesNotExistException']) {
      const gone = () => new ServiceConnectors(new ClientHarness(json(404, { detail: [className, 'no'] })).client());
      expect(await gone().get('i')).toBeUndefined();
      await expect(gone().delete('i')).resolves.toBeUndefined();
    }
    await expect(
      new ServiceConnectors(new ClientHarness(json(404, { detail: ['Teapot', 'no'] })).client()).get('i'),
    ).rejects.toMatchObject({ status: 404 });
    await expect(connectors(403).get('i')).rejects.toMatchObject({ status: 403 });
  });
});

describe('components', () => {
  const one = (name: string, type = 'container_registry', more = {}, body = {}) => ({
    id: OUR_USER,
    name,
    body: { type, flavor_name: 'aws', ...body },
    ...more,
  });

  test('components are read with or without metadata, and with the flavor wherever a version writes it', async () => {
    const bench = new ClientHarness(
      json(200, one('n', 't', { metadata: null })),
      json(200, one('n', 't', {}, { flavor_name: undefined, flavor: 'f' })),
      json(
        200,
        one('n', 't', { metadata: { configuration: { a: 1 }, labels: { b: 2 }, connector: { id: OTHER_USER } } }),
      ),
    );
    const components = new StackComponents(bench.client());
    const bare = {
      id: OUR_USER,
      name: 'n',
      type: 't',
      labels: {},
      configuration: {},
      environment: {},
      secretIds: [],
      userId: undefined,
      connectorId: undefined,
    };
    expect(await components.get(OUR_USER)).toEqual({ ...bare, flavor: 'aws' });
    expect(await components.get(OUR_USER)).toEqual({ ...bare, flavor: 'f' });
    expect(await components.get(OUR_USER)).toEqual({
      ...bare,
      flavor: 'aws',
      configuration: { a: 1 },
      labels: { b: 2 },
      connectorId: OTHER_USER,
    });
    expect(sent(bench)).toEqual(['GET', `/components/${OUR_USER}?hydrate=true`, undefined]);
  });

  test('components have their owner wherever a version writes it', async () => {
    const owner = { user: { id: OTHER_USER.toUpperCase() } };
    for (const told of [
      one('n', 't', {}, { user_id: OTHER_USER }),
      one('n', 't', {}, owner),
      one('n', 't', { resources: owner }),
    ]) {
      expect((await new StackComponents(new ClientHarness(json(200, told)).client()).get(OUR_USER))!.userId).toBe(
        OTHER_USER,
      );
    }
  });

  test('components are looked up by name, type or connector, which are compared again', async () => {
    const bench = new ClientHarness(
      page(
        ...[
          one('n'),
          one('n', 'orchestrator'),
          one('m'),
          one('k', 'orchestrator', { metadata: { connector: { id: OTHER_USER } } }),
        ].map(numbered),
      ),
    );
    const components = new StackComponents(bench.client());
    expect((await components.byName('container_registry', 'n')).map(({ name, type }) => [name, type])).toEqual([
      ['n', 'container_registry'],
    ]);
    expect((await components.byType('container_registry')).map(({ name }) => name)).toEqual(['n', 'm']);
    expect((await components.byConnector(OTHER_USER)).map(({ name }) => name)).toEqual(['k']);
  });

  test('components are disconnected without another change', async () => {
    const bench = new ClientHarness(json(200, one('n')));
    await new StackComponents(bench.client()).disconnect('i');
    expect(sent(bench)).toEqual(['PUT', '/components/i', { connector: null, connector_resource_id: null }]);
  });
});

describe('stacks', () => {
  const one = (name: string, ...held: string[]) =>
    ({ id: OUR_USER, name, body: {}, metadata: { components: { alerter: held.map((id) => ({ id })) } } });

  test('stacks are looked up by name or component, which are compared again', async () => {
    const bench = new ClientHarness(page(...[one('n', OUR_USER), one('n-2', OTHER_USER)].map(numbered)));
    const stacks = new Stacks(bench.client());
    expect((await stacks.byName('n')).map(({ name }) => name)).toEqual(['n']);
    expect(sent(bench)).toEqual([
      'GET',
      '/stacks?name=equals:n&hydrate=true&sort_by=asc:created&page=1&size=100',
      undefined,
    ]);
    expect((await stacks.byComponent(OTHER_USER)).map(({ name }) => name)).toEqual(['n-2']);
    expect(await stacks.all()).toHaveLength(2);
  });

  test('stacks without their composition are not read, because a PUT would replace it', async () => {
    const bench = new ClientHarness(json(200, { ...one('n'), metadata: null }));
    await expect(new Stacks(bench.client()).get(OUR_USER)).rejects.toThrow(/unexpected shape \(metadata\)/);
    expect(sent(bench)).toEqual(['GET', `/stacks/${OUR_USER}?hydrate=true`, undefined]);
  });
});

describe('lists and error bodies at their limits', () => {
  test('lists are read up to 2000 pages, and items that cannot be read are left out', async () => {
    const bench = new ClientHarness(json(200, { index: 1, total_pages: 2_000, items: [7, 'a'] }));
    expect(await listAll(bench.client(), '/stacks', { q: '1' }, v.string())).toEqual(Array(2_001).fill('a'));
    expect(sent(bench, 1)).toEqual(['GET', '/stacks?q=1&sort_by=asc:created&page=2000&size=100', undefined]);
    expect(sent(bench)).toEqual(['GET', '/stacks?q=1&sort_by=asc:created&page=1&size=100', undefined]);
    await expect(
      listAll(
        { address: { url: 'u' }, call: async () => ({ total_pages: 2_001, items: [] }) } as never,
        '/stacks',
        {},
        v.string(),
      ),
    ).rejects.toThrow('ZenML at u returned too many pages of /stacks');
  });

  test('an invalid exception class is none, and a missing owner is undefined', () => {
    const complaint = (detail: unknown) =>
      readComplaint({ status: 400, headers: {}, body: JSON.stringify({ detail }) });
    for (const odd of ['!KeyError', 'KeyError!', 'K'.repeat(65), '']) {
      expect(complaint([odd, 'm'])).toEqual({ className: '', message: 'm', form: 'fastapi' });
    }
    for (const odd of [[7, 'm'], [], [null], 7]) {
      expect(complaint(odd)).toEqual({ className: '', message: '', form: 'fastapi' });
    }
    expect(ownerOf({}, undefined)).toBeUndefined();
    expect(ownerOf({}, null)).toBeUndefined();
  });

  test('Retry-After has up to nine digits, with or without white space around', () => {
    const wait = (header: string) => retryAfterMs({ status: 429, headers: { 'retry-after': header }, body: '' }, 0);
    expect([' 3 ', '0', '999999999', '1234567890', '', ' '].map(wait)).toEqual([
      3_000,
      0,
      999_999_999_000,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
