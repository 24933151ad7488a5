import { LostAnswerError, UnreachableError } from '../../../src/handler/errors';
import { HttpAnswer, TransportError } from '../../../src/handler/ports';
import { ClientHarness, hanging, json } from '../support/client-harness';

const refused = new TransportError('refused', 'ECONNREFUSED', 'could not be reached (ECONNREFUSED)');
const lost = new TransportError('lost', 'ECONNRESET', 'closed the connection (ECONNRESET)');
const broken = (status: number, headers = {}) => json(status, { detail: ['RuntimeError', 'boom'] }, headers);

describe('requests of the client', () => {
  test('a GET is sent with its query and without other headers', async () => {
    const bench = new ClientHarness(json(200, { a: 1 }));
    expect(await bench.outcome({ query: { name: 'equals:a b', size: '20' } })).toEqual({ a: 1 });
    expect(bench.sent[0]).toEqual({
      method: 'GET',
      url: 'https://zenml.example/base/api/v1/x?name=equals%3Aa+b&size=20',
      headers: { 'accept': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'cdk-zenml' },
      body: undefined,
      connectionOf: expect.anything(),
      ca: undefined,
      proxyUrl: undefined,
      signal: expect.any(AbortSignal),
    });
    await bench.outcome({});
    expect(bench.sent[1]!.url).toBe('https://zenml.example/base/api/v1/x');
  });

  test('a body is sent as JSON or as a form with its content type, the token, the certificates and the proxy', async () => {
    const bench = new ClientHarness(json(200, {}));
    const client = bench.client(undefined, { ca: 'pem', proxyUrl: 'http://proxy:1' });
    client.authorize('token', async () => 'another');
    await bench.outcome({ method: 'POST', json: { a: [1] } }, client);
    await bench.outcome({ method: 'POST', form: { password: 'a&b' }, anonymous: true }, client);
    expect(bench.sent[0]).toMatchObject({
      method: 'POST',
      body: '{"a":[1]}',
      ca: 'pem',
      proxyUrl: 'http://proxy:1',
      headers: {
        'accept': 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'cdk-zenml',
        'content-type': 'application/json',
        'authorization': 'Bearer token',
      },
    });
    expect(bench.sent[1]).toMatchObject({ body: 'password=a%26b' });
    expect(bench.sent[1]!.headers).toEqual({
      'accept': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'cdk-zenml',
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  test('calls are counted, and so are those that may have changed something', async () => {
    const bench = new ClientHarness(json(200, {}));
    const client = bench.client();
    await bench.outcome({}, client);
    expect(client).toMatchObject({ calls: 1, writes: 0 });
    await bench.outcome({ method: 'POST', path: '/login', anonymous: true }, client);
    await bench.outcome({ method: 'PUT', path: '/service_connectors/1/verify' }, client);
    expect(client).toMatchObject({ calls: 3, writes: 0 });
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      await bench.outcome({ method, path: '/verify/it' }, client);
    }
    expect(client).toMatchObject({ calls: 6, writes: 3 });
  });
});

describe('retries of the client', () => {
  test('HTTP 500 is tried four times at most, and a success in between counts', async () => {
    const crashed: HttpAnswer = {
      status: 500,
      headers: { 'content-type': 'text/plain' },
      body: 'Internal Server Error',
    };
    const bench = new ClientHarness(crashed);
    expect(await bench.outcome()).toMatchObject({ name: 'ZenmlError', status: 500, className: '' });
    expect(bench.sent).toHaveLength(4);
    expect(bench.clock.slept).toEqual([375, 750, 1_500]);
    const well = new ClientHarness(crashed, crashed, crashed, json(200, 'well'));
    expect(await well.outcome()).toBe('well');
  });

  test('the same HTTP 500 of ZenML is tried three times only', async () => {
    const bench = new ClientHarness(broken(500));
    expect(await bench.outcome()).toMatchObject({
      name: 'ZenmlError',
      status: 500,
      className: 'RuntimeError',
      message: 'ZenML answered GET /x with HTTP 500 RuntimeError: boom',
    });
    expect(bench.sent).toHaveLength(3);
    expect(bench.clock.slept).toEqual([375, 750]);
    const other = json(500, { detail: ['RuntimeError', 'another'] });
    expect(await new ClientHarness(broken(500), broken(500), other, json(200, 'well')).outcome()).toBe('well');
    expect(await new ClientHarness(broken(500), broken(503), broken(500), json(200, 'well')).outcome()).toBe('well');
  });

  test('a POST that gets HTTP 500 is a lost answer, and the same fault is recognized', async () => {
    const lostBy = async (answer: HttpAnswer, secret = false): Promise<LostAnswerError> =>
      new ClientHarness(answer).outcome({ method: 'POST', creates: true, secret });
    const first = await lostBy(broken(500));
    expect(first).toBeInstanceOf(LostAnswerError);
    expect((await lostBy(broken(500), true)).isSameFault(first)).toBe(true);
    expect((await lostBy(json(500, { detail: ['RuntimeError', 'another'] }))).isSameFault(first)).toBe(false);
    expect((await lostBy(broken(502))).isSameFault(await lostBy(broken(502)))).toBe(false);
    expect(first.isSameFault(undefined)).toBe(false);
    expect(JSON.stringify(first)).not.toContain('boom');
  });

  test.each([502, 503, 504, 429])('HTTP %i is retried for longer, with pauses that grow up to 6 s', async (status) => {
    const bench = new ClientHarness(...Array<never>(7).fill(broken(status) as never), json(200, 'well'));
    expect(await bench.outcome()).toBe('well');
    expect(bench.clock.slept).toEqual([375, 750, 1_500, 3_000, 6_000, 6_000, 6_000]);
  });

  test.each([400, 402, 403, 404, 409, 418, 422, 501, 505])('HTTP %i is not retried', async (status) => {
    const bench = new ClientHarness(broken(status));
    expect(await bench.outcome()).toMatchObject({ name: 'ZenmlError', status });
    expect(bench.sent).toHaveLength(1);
  });

  test.each([
    [429, [7_250]],
    [503, [7_250]],
    [502, [375]],
    [500, [375]],
  ])('HTTP %i with Retry-After is retried after %p', async (status, slept) => {
    const bench = new ClientHarness(broken(status, { 'retry-after': '7' }), json(200, 'well'));
    expect(await bench.outcome()).toBe('well');
    expect(bench.clock.slept).toEqual(slept);
  });

  test('a pause that is longer than the time left does not begin', async () => {
    const ask = async (seconds: string) =>
      new ClientHarness(broken(429, { 'retry-after': seconds }), json(200, 'well')).outcome();
    expect(await ask('229')).toBe('well');
    expect(await ask('230')).toMatchObject({
      name: 'UnreachableError',
      message:
        'ZenML answered GET /x with HTTP 429 RuntimeError: boom; it asks to wait 230 s, which is longer than this deployment step may take',
    });
  });

  test('a POST that may have created an object is not repeated by the client', async () => {
    for (const turn of [
      lost,
      broken(500),
      broken(502),
      broken(503),
      broken(504),
      broken(502, { 'retry-after': '1' }),
    ]) {
      const bench = new ClientHarness(turn, json(200, 'well'));
      expect(await bench.outcome({ method: 'POST', creates: true })).toBeInstanceOf(LostAnswerError);
      expect(bench.sent).toHaveLength(1);
    }
    for (const turn of [refused, broken(429), broken(503, { 'retry-after': '1' })]) {
      expect(await new ClientHarness(turn, json(200, 'well')).outcome({ method: 'POST', creates: true })).toBe('well');
    }
    expect(await new ClientHarness(lost, json(200, 'well')).outcome({ method: 'PUT' })).toBe('well');
  });

  test('a permanent failure is reported at once, redacted, on one line and cut', async () => {
    const bench = new ClientHarness(
      new TransportError('permanent', 'ENOTFOUND', `cannot\nbe found, secret-value ${'x'.repeat(400)}`),
    );
    bench.redactor.add('secret-value');
    const error = await bench.outcome();
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toMatch(
      /^ZenML at https:\/\/zenml\.example\/base cannot be found, \[redacted\] x{200,300}\.\.\.$/,
    );
    expect(bench.sent).toHaveLength(1);
  });

  test('an unexpected error is passed on', async () => {
    const fault = new TypeError('ours');
    expect(await new ClientHarness(fault).outcome()).toBe(fault);
  });

  test('a refused token is renewed once', async () => {
    const bench = new ClientHarness(json(401, { detail: ['CredentialsNotValid', 'x'] }));
    const client = bench.client();
    expect(await bench.outcome({}, client)).toMatchObject({ status: 401 });
    expect(bench.sent).toHaveLength(1);
    let renewals = 0;
    client.authorize('old', async () => `new-${++renewals}`);
    expect(await bench.outcome({}, client)).toMatchObject({ status: 401 });
    expect(bench.sent.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer old', 'Bearer new-1']);
    expect(bench.clock.slept).toEqual([375]);
    await bench.outcome({ anonymous: true }, client);
    bench.turns = [json(401, { detail: ['AuthorizationException', 'not yours'] })];
    expect(await bench.outcome({}, client)).toMatchObject({ className: 'AuthorizationException' });
    expect(renewals).toBe(1);
  });
});

describe('time limits of the client', () => {
  test('each exchange has its time limit, and after a timeout the next one has twice as long, up to two minutes', async () => {
    const bench = new ClientHarness(json(200, ''));
    const ends: number[] = [];
    const hang = hanging(() => {
      const before = bench.clock.now();
      bench.clock.advanceToAlarm();
      ends.push(bench.clock.now() - before);
    });
    bench.turns = [hang, lost, hang, hang, json(200, 'well')];
    expect(await bench.outcome()).toBe('well');
    expect(ends).toEqual([15_000, 30_000, 60_000]);
    const slow = new ClientHarness(json(200, ''));
    ends.length = 0;
    slow.turns = [
      hanging(() => {
        slow.clock.advanceToAlarm();
        ends.push(slow.clock.now());
      }),
    ];
    const started = slow.clock.now();
    expect((await slow.outcome({ timeoutMs: 80_000 })).message).toMatch(
      /^ZenML at \S+ did not answer completely to GET \/x within 120 s; no result within 230 s/,
    );
    // 80 s, a pause, 120 s, a pause, and the rest of the time.
    expect(ends.map((end) => end - started)).toEqual([80_000, 200_375, 230_000]);
  });

  test('an exchange that has ended leaves no alarm', async () => {
    const bench = new ClientHarness(json(200, 'well'), refused, json(200, 'well'));
    await bench.outcome();
    await bench.outcome();
    bench.clock.advance(60_000);
    expect(bench.sent.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    bench.clock.advance(200_000);
    expect(bench.deadline.signal.aborted).toBe(true);
    expect(bench.sent.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
  });

  test('the limit for an unreachable server ends the tries, and cuts each one', async () => {
    const bench = new ClientHarness(refused);
    const error = await bench.outcome({}, bench.client({ patienceMs: 2_625 }));
    expect(error).toMatchObject({
      name: 'UnreachableError',
      message: 'ZenML at https://zenml.example/base could not be reached (ECONNREFUSED)',
    });
    expect(bench.clock.slept).toEqual([375, 750, 1_500]);
    const hung = new ClientHarness(json(200, ''));
    hung.turns = [hanging(() => hung.clock.advanceToAlarm())];
    const started = hung.clock.now();
    expect((await hung.outcome({}, hung.client({ patienceMs: 10_000 }))).message).toMatch(/within 10 s$/);
    expect(hung.clock.now() - started).toBe(10_000);
  });

  test('the error at the deadline says what was waited for', async () => {
    const during = new ClientHarness(refused);
    expect((await during.outcome()).message).toMatch(
      /^ZenML at \S+ could not be reached \(ECONNREFUSED\); no result within 230 s: look whether/,
    );
    const hung = new ClientHarness(json(200, ''));
    hung.turns = [hanging(() => hung.clock.advance(230_000))];
    const error = await hung.outcome({ timeoutMs: 400_000 });
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toMatch(
      /^ZenML at https:\/\/zenml\.example\/base gave no answer to GET \/x; no result within 230 s/,
    );
    expect(await hung.outcome()).toMatchObject({ name: 'UnreachableError' });
    expect(hung.sent).toHaveLength(1);
  });

  test('a POST that the deadline breaks off may have created an object', async () => {
    const bench = new ClientHarness(json(200, ''));
    bench.turns = [hanging(() => bench.clock.advance(230_000))];
    const error = await bench.outcome({ method: 'POST', creates: true, timeoutMs: 400_000 });
    expect(error).toBeInstanceOf(LostAnswerError);
    expect(error.message).toBe('no answer to POST /x before the time was over');
  });
});
