import * as v from 'valibot';
import { HttpRequest } from '../../../src/handler/ports';
import { boundsQuery, listAll } from '../../../src/handler/zenml/pages';
import { ServiceConnectors } from '../../../src/handler/zenml/service-connectors';
import { StackComponents } from '../../../src/handler/zenml/stack-components';
import { Stacks } from '../../../src/handler/zenml/stacks';
import { ClientHarness, json } from '../support/client-harness';
import { OUR_USER } from '../support/scripted-server';

/** A server with so many objects, which pages by offset as ZenML does; `meanwhile` changes them before each answer. */
function listed(count: number, meanwhile: (items: string[], request: number) => void) {
  const items = Array.from({ length: count }, (_, index) => `o${index + 1}`);
  let requests = 0;
  const bench = new ClientHarness((request: HttpRequest) => {
    meanwhile(items, ++requests);
    const query = new URL(request.url).searchParams;
    const [page, size] = [Number(query.get('page')), Number(query.get('size'))];
    const pages = Math.max(1, Math.ceil(items.length / size));
    if (page > pages) {
      return json(400, {
        detail: [
          'ValueError',
          `Invalid page ${page}. The requested page size is ${size} and there are a total of ${items.length} items for this query. `
            + `The maximum page value therefore is ${pages}.`,
        ],
      });
    }
    return json(200, {
      index: page,
      total_pages: pages,
      items: items.slice((page - 1) * size, page * size).map((id) => ({ id })),
    });
  });
  const read = async () =>
    (await listAll(bench.client(), '/service_connectors', {}, v.object({ id: v.string() }))).map(({ id }) => id);
  return { bench, items, read };
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `o${from + index}`);

describe('a list that changes while it is read', () => {
  test.each([0, 1, 20])('a list of %i objects is one request', async (count) => {
    const { bench, read } = listed(count, () => {});
    expect(await read()).toEqual(numbers(1, count));
    expect(bench.sent).toHaveLength(1);
  });

  test('a list is sorted by age, and each object is read once', async () => {
    const { bench, read } = listed(50, () => {});
    expect(await read()).toEqual(numbers(1, 50));
    expect(
      bench.sent
        .map(({ url }) => new URL(url).searchParams)
        .map((query) => `${query.get('sort_by')} ${query.get('page')}`),
    ).toEqual(['asc:created 1', 'asc:created 3', 'asc:created 2', 'asc:created 1']);
  });

  test.each([1, 2, 3, 4, 5])('a list hides no object when others delete before request %i', async (when) => {
    for (const gone of [['o1'], ['o1', 'o2', 'o3'], ['o19', 'o21'], numbers(1, 20), numbers(1, 35)]) {
      const { items, read } = listed(81, (all, request) => {
        if (request === when) { all.splice(0, all.length, ...all.filter((id) => !gone.includes(id))); }
      });
      const found = await read();
      expect(items.filter((id) => !found.includes(id))).toEqual([]);
      expect(new Set(found).size).toBe(found.length);
    }
  });

  test('a list hides no object when others delete all the time', async () => {
    const { items, read } = listed(200, (all) => { all.splice(0, 7); });
    const found = await read();
    expect(items.filter((id) => !found.includes(id))).toEqual([]);
  });

  test('a list whose last page disappears meanwhile is not a failure', async () => {
    const { read } = listed(21, (all, request) => { if (request === 2) { all.shift(); } });
    expect(await read()).toEqual(expect.arrayContaining(numbers(2, 21)));
  });

  test('a list contains what was added before its last page was read', async () => {
    const { items, read } = listed(40, (all, request) => { if (request === 2) { all.push(...numbers(41, 85)); } });
    expect(await read()).toEqual(items);
  });

  test('another HTTP 400 while a list is read is a failure', async () => {
    const bench = new ClientHarness(
      json(200, { index: 1, total_pages: 2, items: [] }),
      json(400, { detail: ['ValueError', 'another'] }),
    );
    await expect(listAll(bench.client(), '/service_connectors', {}, v.unknown())).rejects.toMatchObject({
      status: 400,
    });
  });
});

describe('bounds of a list', () => {
  const bounds = { ownerId: OUR_USER, createdSince: new Date('2026-01-02T03:04:05.678Z') };
  const expected = { user: OUR_USER, created: 'gte:2026-01-02 02:04:05' };

  test("a list is bounded by owner and creation time, in ZenML's format, an hour earlier because clocks differ", () => {
    expect(boundsQuery(bounds)).toEqual(expected);
    expect(boundsQuery({ ownerId: OUR_USER })).toEqual({ user: OUR_USER });
    expect([boundsQuery(), boundsQuery({})]).toEqual([{}, {}]);
  });

  test('the bounds of a list apply to each collection', async () => {
    const bench = new ClientHarness(json(200, { index: 1, total_pages: 1, items: [] }));
    const query = () => Object.fromEntries(new URL(bench.sent.at(-1)!.url).searchParams);
    await new ServiceConnectors(bench.client()).all(bounds);
    expect(query()).toMatchObject(expected);
    await new StackComponents(bench.client()).byType('container_registry', bounds);
    expect(query()).toMatchObject({ type: 'container_registry', ...expected });
    await new Stacks(bench.client()).all(bounds);
    expect(query()).toMatchObject(expected);
    await new Stacks(bench.client()).all();
    expect(query()).not.toHaveProperty('user');
  });
});
