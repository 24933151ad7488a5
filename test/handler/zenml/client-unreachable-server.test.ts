import { UnreachableError } from '../../../src/handler/errors';
import { TransportError } from '../../../src/handler/ports';
import { ClientHarness, hanging, json, Turn } from '../support/client-harness';
import { CONNECTOR, Harness } from '../support/harness';

const refused = new TransportError('refused', 'ECONNREFUSED', 'could not be reached (ECONNREFUSED)');
const reset = new TransportError('lost', 'ECONNRESET', 'closed the connection (ECONNRESET)');
const page = { status: 200, headers: { 'content-type': 'text/html' }, body: 'Sign in' };
const backend = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'default backend - 404' };

/** For how long the call was tried, in seconds. */
async function tried(
  turns: Turn[],
  limits = { firstContactMs: 10_000 },
  prepare: (bench: ClientHarness) => void = () => {},
): Promise<[number, any]> {
  const bench = new ClientHarness(...turns);
  prepare(bench);
  const client = bench.client(limits);
  const started = bench.clock.now();
  const outcome = await bench.outcome({}, client);
  return [(bench.clock.now() - started) / 1000, outcome];
}

describe('an address where nothing answers as ZenML does', () => {
  test.each([[refused], [reset], [page], [backend]])(
    'an address where nothing answers as ZenML is tried for seconds only (%#)',
    async (turn) => {
      for (const [firstContactMs, atMost] of [
        [10_000, 12],
        [60_000, 67],
      ] as const) {
        const [seconds, error] = await tried([turn], { firstContactMs });
        expect(error).toBeInstanceOf(UnreachableError);
        expect(error.message).not.toMatch(/no result within/);
        expect(seconds).toBeGreaterThanOrEqual(firstContactMs / 1000);
        expect(seconds).toBeLessThan(atMost);
      }
    },
  );

  test.each([502, 503, 504, 429, 408, 521])(
    'an address where a gateway answers HTTP %i is tried for the whole time, because the server may be restarting',
    async (status) => {
      expect((await tried([json(status, {}), refused]))[0]).toBe(230);
      expect((await tried([json(status, {})]))[0]).toBe(230);
    },
  );

  test('an error in ZenML\'s form counts as ZenML, and another HTTP 500 does not', async () => {
    expect((await tried([json(500, { detail: ['RuntimeError', 'starting'] }), refused]))[0]).toBe(230);
    expect((await tried([{ ...page, status: 500 }, refused]))[0]).toBeLessThan(13);
  });

  test('a slow server is not given up early, and its time does not count', async () => {
    const slow = (bench: ClientHarness) => {
      const hang = hanging(() => bench.clock.advanceToAlarm());
      bench.turns = [hang, hang, refused, json(200, 'well')];
    };
    expect((await tried([], undefined, slow))[1]).toBe('well');
  });

  test('an address is tried for the whole time after an answer of ZenML, or after an earlier login', async () => {
    for (const meet of [
      async (client: any) => client.assumeMet(),
      async (client: any, bench: ClientHarness) => bench.outcome({}, client),
    ]) {
      const bench = new ClientHarness(json(200, 'well'));
      const client = bench.client({ firstContactMs: 10_000 });
      await meet(client, bench);
      bench.turns = [refused];
      const started = bench.clock.now();
      expect((await bench.outcome({}, client)).message).toMatch(/no result within 230 s/);
      expect(bench.clock.now() - started).toBe(230_000);
    }
  });
});

describe('a pause before each try', () => {
  test.each([
    '0',
    'Thu, 01 Jan 2026 00:00:05 GMT',
    '1.5',
    '-5',
    'soon',
    '1e3',
    '+3',
    '0x10',
    '2026-01-03T00:00:00Z',
    '3, 4',
  ])('the pause before a retry respects Retry-After: %s', async (header) => {
    for (const status of [429, 503]) {
      const bench = new ClientHarness(json(status, {}, { 'retry-after': header }));
      await bench.outcome();
      expect(bench.clock.slept.slice(0, 5)).toEqual([375, 750, 1_500, 3_000, 6_000]);
    }
  });

  test('a server may ask for a longer pause than the back-off, and never for a shorter one', async () => {
    const ask = (seconds: string) => json(429, {}, { 'retry-after': seconds });
    const bench = new ClientHarness(ask('1'), ask('1'), ask('1'), json(200, 'well'));
    await bench.outcome();
    expect(bench.clock.slept).toEqual([1_250, 1_250, 1_500]);
  });
});

describe('a body that is built before each try', () => {
  test('the body of a call is built before each try, and building it can end the call', async () => {
    const bench = new ClientHarness(
      reset,
      json(401, { detail: ['CredentialsNotValid', 'x'] }),
      json(503, {}),
      json(200, 'well'),
    );
    const client = bench.client();
    client.authorize('old', async () => 'new');
    let count = 0;
    expect(await bench.outcome({ method: 'PUT', json: async () => ({ count: ++count }) }, client)).toBe('well');
    expect(bench.sent.map(({ body }) => body)).toEqual([1, 2, 3, 4].map((value) => `{"count":${value}}`));
    const ended = new ClientHarness(reset, json(200, 'well'));
    const builder = async () => {
      if (ended.sent.length > 0) {
        throw new UnreachableError('CZ301', 'superseded');
      }
      return {};
    };
    expect(await ended.outcome({ method: 'PUT', json: builder }, ended.client())).toMatchObject({
      message: 'superseded',
    });
    expect(ended.sent).toHaveLength(1);
  });

  test('a call whose body cannot be built has written nothing', async () => {
    const bench = new ClientHarness(json(200, 'well'));
    const client = bench.client();
    await bench.outcome({ method: 'PUT', json: async () => { throw new UnreachableError('CZ301', 'no'); } }, client);
    expect(client).toMatchObject({ calls: 0, writes: 0 });
  });
});

describe('a session at an address', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());
  const seconds = async (type: string, more = {}) => {
    const started = h.clock.now();
    const answer = await h.send(type, 'ServiceConnector', CONNECTOR, more);
    return [answer.Status, Math.floor((h.clock.now() - started) / 1000)];
  };

  test('a session gives up a dead address after ten seconds in a Create, and after a minute otherwise', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const physicalId = made.PhysicalResourceId;
    h.fresh();
    h.bind('http://127.0.0.1:1');
    expect(await seconds('Create')).toEqual(['FAILED', 11]);
    expect(await seconds('Update', { physicalId, old: CONNECTOR })).toEqual(['FAILED', 65]);
    expect(await seconds('Delete', { physicalId })).toEqual(['FAILED', 65]);
  });

  test('a session with an earlier login tries a dead address for the whole time', async () => {
    await h.send('Create', 'ServiceConnector', CONNECTOR);
    await h.zenml.stop();
    expect(await seconds('Create', { logicalId: 'Another' })).toEqual(['FAILED', 230]);
  });

  test.each([401, 403])('an HTTP %i of a proxy at the login does not count as a refused key', async (status) => {
    h.zenml.script(/^POST \/login$/, { status, body: '<html>who are you' });
    const { Reason } = await h.send('Create', 'ServiceConnector', CONNECTOR);
    expect(Reason).toMatch(
      new RegExp(`^something other than ZenML answered POST /login at \\S+ \\(HTTP ${status}, text/html\\)`),
    );
    expect(Reason).not.toMatch(/API key/);
  });
});
