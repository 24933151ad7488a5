import * as v from 'valibot';
import { LostAnswerError, UnreachableError, ZenmlError } from '../../../src/handler/errors';
import { HttpAnswer, TransportError } from '../../../src/handler/ports';
import { ClientHarness, json } from '../support/client-harness';

describe('answers as the client reads them', () => {
  const at = 'ZenML at https://zenml.example/base';
  const advice = ": is this the server's own URL, without a login page, a proxy or another application in front of it?";
  const strange = 'something other than ZenML answered GET /x at https://zenml.example/base (HTTP 200, ';
  const html = (body: string, type?: string) => ({ status: 200, headers: type ? { 'content-type': type } : {}, body });

  test.each([
    [{}, html('<b>\nSign in', 'text/html; charset=utf-8'), `${strange}text/html: <b> Sign in)${advice}`],
    [{}, html('Sign in'), `${strange}no content type: Sign in)${advice}`],
    [{}, html(''), `${strange}an empty body)${advice}`],
    [{}, { ...json(200, 7), body: ' ' }, `${strange}an empty body)${advice}`],
    [{}, { ...json(200, 7), body: '{' }, `${strange}application/json: {)${advice}`],
    [{}, json(200, 7, { 'content-encoding': 'zstd' }), `${strange}content encoding zstd)${advice}`],
    [{ secret: true }, html('a key', 'text/html'), `${strange}text/html)${advice}`],
    [
      { method: 'DELETE', schema: v.null() },
      json(200, { login: 'first' }),
      `${strange.replace('GET', 'DELETE')}application/json: {"login":"first"})${advice}`,
    ],
  ])('an answer that ZenML did not write is reported as such (%#)', async (call, answer, message) => {
    const bench = new ClientHarness(answer);
    expect(await bench.outcome(call as never, bench.client({ firstContactMs: 1_000 }))).toMatchObject({
      name: 'UnreachableError',
      message,
    });
    expect(bench.sent.length).toBeGreaterThan(1);
    expect(await new ClientHarness(answer).outcome({ ...call, creates: true } as never)).toMatchObject({
      name: 'LostAnswerError',
      message,
    });
    expect(await new ClientHarness(answer, json(200, null)).outcome({ ...call, schema: v.null() } as never)).toBeNull();
  });

  test.each([
    [{ schema: v.string() }, json(200, 7), `${at} answered GET /x in an unexpected shape (the whole)${advice}`],
    [
      { schema: v.object({ a: v.array(v.string()) }) },
      json(200, { a: [7] }),
      `${at} answered GET /x in an unexpected shape (a.0)${advice}`,
    ],
  ])('a success in an unexpected shape is reported as such (%#)', async (call, answer, message) => {
    expect(await new ClientHarness(answer).outcome(call as never)).toMatchObject({ name: 'UserError', message });
    expect(await new ClientHarness(answer).outcome({ ...call, creates: true } as never)).toMatchObject({
      name: 'LostAnswerError',
      message,
    });
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json', 'Application/JSON'])(
    'the content type %s is JSON',
    async (type) => {
      expect(await new ClientHarness({ ...json(200, 'well'), headers: { 'content-type': type } }).outcome()).toBe(
        'well',
      );
    },
  );
  test.each(['text/html', 'application/jsonp', 'text/application/json', 'x-application/json', 'application/x json'])(
    'the content type %s is not JSON',
    async (type) => {
      expect(await new ClientHarness(html('""', type)).outcome()).toBeInstanceOf(UnreachableError);
    },
  );

  test.each([
    [200, true],
    [204, true],
    [299, true],
    [199, false],
    [300, false],
  ])('HTTP %i is a success: %s', async (status, well) => {
    const outcome = await new ClientHarness(json(status, 'well')).outcome();
    expect(outcome === 'well').toBe(well);
    expect(outcome instanceof ZenmlError).toBe(status === 199);
  });

  test.each([
    [301, 'https://login.example:8443/path?token=1', 'https://login.example:8443'],
    [399, '/other', 'https://zenml.example'],
    [300, undefined, 'https://zenml.example'],
    [302, 'http://[', 'another address'],
  ])('a redirect (%i to %s) is reported with its origin', async (status, location, told) => {
    const answer = { ...json(status, {}), headers: { location } };
    expect(await new ClientHarness(answer).outcome()).toMatchObject({
      name: 'UserError',
      message: `${at} redirects to ${told}: give that as the server's URL`,
    });
  });

  test('a failure is quoted, redacted and cut, unless it may echo keys', async () => {
    const say = async (status: number, secret: boolean) => {
      const bench = new ClientHarness(json(status, { detail: ['ValueError', `no\nsecret-value ${'y'.repeat(400)}`] }));
      bench.redactor.add('secret-value');
      return bench.outcome({ secret });
    };
    const quoted = await say(418, false);
    expect(quoted).toBeInstanceOf(ZenmlError);
    expect(quoted.message).toMatch(
      /^ZenML answered GET \/x with HTTP 418 ValueError: no \[redacted\] y{250,290}\.\.\.$/,
    );
    expect(await say(418, true)).toMatchObject({
      message: 'ZenML answered GET /x with HTTP 418 ValueError',
      detail: '',
    });
    expect(await say(422, false)).toMatchObject({
      message:
        "ZenML answered GET /x with HTTP 422 ValueError (the details may hold keys and are left to the server's log)",
      detail: '',
    });
  });

  test.each([
    [400, ' (the details may hold keys and are left to the server\'s log)'],
    [402, ' (the ZenML plan\'s limit is reached: free a place or change the plan)'],
    [403, ' (the API key\'s account lacks this permission, or the object is in use or protected)'],
    [409, ''],
  ])('HTTP %i without a text gets an explanation', async (status, explained) => {
    expect(await new ClientHarness(json(status, { detail: [null] })).outcome()).toMatchObject({
      message: `ZenML answered GET /x with HTTP ${status}${explained}`,
    });
  });
});

describe('authors of an answer', () => {
  const page = (status: number, type = 'text/html'): HttpAnswer => ({
    status,
    headers: { 'content-type': type },
    body: 'default backend - 404',
  });
  const strange = [
    page(404),
    page(404, 'text/plain'),
    json(404, { detail: 'Not Found' }),
    json(404, { message: 'no route' }),
    json(404, { detail: [7] }),
  ];

  test.each(strange)('a 404 that ZenML did not write says nothing about objects of ZenML (%#)', async (answer) => {
    const bench = new ClientHarness(answer, json(404, { detail: ['KeyError', 'no'] }));
    expect(await bench.outcome({ method: 'DELETE' })).toMatchObject({
      name: 'ZenmlError',
      fromZenml: true,
      isMissing: true,
    });
    const forEver = await new ClientHarness(answer).outcome({ method: 'DELETE' });
    expect(forEver).toBeInstanceOf(UnreachableError);
    expect(forEver.message).toMatch(/^something other than ZenML answered DELETE \/x at \S+ \(HTTP 404, /);
    expect(await new ClientHarness(answer).outcome({ method: 'POST', creates: true })).toBeInstanceOf(LostAnswerError);
  });

  test.each([
    [401, page(401)],
    [403, page(403)],
    [403, json(403, { message: 'Forbidden' })],
    [413, page(413)],
    [407, page(407)],
  ])('an HTTP %i that ZenML did not write is final and reported as such (%#)', async (status, answer) => {
    const bench = new ClientHarness(answer);
    const client = bench.client();
    client.authorize('token', async () => {
      throw new Error('no new token helps');
    });
    const error = await bench.outcome({ method: 'PUT', json: {} }, client);
    expect(error).toMatchObject({ name: 'ZenmlError', status, fromZenml: false, isMissing: false });
    expect(error.message).toMatch(
      new RegExp(
        `^something other than ZenML answered PUT /x at \\S+ \\(HTTP ${status}, .*a proxy or another application in front of it\\?$`,
      ),
    );
    expect(bench.sent).toHaveLength(1);
  });

  test('a 404 with an unknown exception class does not say that the object is missing', async () => {
    expect(await new ClientHarness(json(404, { detail: ['Teapot', 'no'] })).outcome()).toMatchObject({
      status: 404,
      fromZenml: true,
      isMissing: false,
    });
    expect(await new ClientHarness(json(403, { detail: ['KeyError', 'no'] })).outcome()).toMatchObject({
      fromZenml: true,
      isMissing: false,
    });
  });

  test('an answer that is too large may have come after the work', async () => {
    const large = new TransportError(
      'permanent',
      'TOO_LARGE',
      'gave an answer of more than 5 MiB: is it a ZenML server?',
    );
    expect(await new ClientHarness(large).outcome({ method: 'POST', creates: true })).toBeInstanceOf(LostAnswerError);
    expect(await new ClientHarness(large).outcome()).toBeInstanceOf(UnreachableError);
  });
});
