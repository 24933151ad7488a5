import * as v from 'valibot';
import { ClientBench, json } from './client-bench';
import { UserError, ZenmlError } from '../../src/handler/errors';

describe('what the client makes of answers', () => {
  const at = 'ZenML at https://zenml.example/base';
  const advice = ': is this the server\'s own URL, without a login page or another application before it?';
  const html = (body: string, type?: string) => ({ status: 200, headers: type ? { 'content-type': type } : {}, body });

  test.each([
    [{}, html('<b>\nSign in'), `${at} answered GET /x with an unexpected content type, not JSON: <b> Sign in${advice}`],
    [{}, html(''), `${at} answered GET /x with an unexpected content type, not JSON${advice}`],
    [{ secret: true }, html('a key'), `${at} answered GET /x with an unexpected content type, not JSON${advice}`],
    [{ schema: v.string() }, json(200, 7), `${at} answered GET /x in an unexpected shape (the whole)${advice}`],
    [{ schema: v.object({ a: v.array(v.string()) }) }, json(200, { a: [7] }), `${at} answered GET /x in an unexpected shape (a.0)${advice}`],
    [{ schema: v.string() }, { ...json(200, 7), body: '{' }, `${at} answered GET /x in an unexpected shape (the whole)${advice}`],
  ])('a success that cannot be read (%#)', async (call, answer, message) => {
    expect(await new ClientBench(answer).outcome(call as never)).toMatchObject({ name: 'UserError', message });
    expect(await new ClientBench(answer).outcome({ ...call, creates: true } as never)).toMatchObject({ name: 'LostAnswerError', message });
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'application/problem+json', 'Application/JSON'])('%s is JSON', async (type) => {
    expect(await new ClientBench({ ...json(200, 'well'), headers: { 'content-type': type } }).outcome()).toBe('well');
  });
  test.each(['text/html', 'application/jsonp', 'text/application/json', 'x-application/json', 'application/x json'])('%s is not', async (type) => {
    expect(await new ClientBench(html('""', type)).outcome()).toBeInstanceOf(UserError);
  });

  test.each([[200, true], [204, true], [299, true], [199, false], [300, false]])('%i is a success: %s', async (status, well) => {
    const outcome = await new ClientBench(json(status, 'well')).outcome();
    expect(outcome === 'well').toBe(well);
    expect(outcome instanceof ZenmlError).toBe(status === 199);
  });

  test.each([
    [301, 'https://login.example:8443/path?token=1', 'https://login.example:8443'], [399, '/other', 'https://zenml.example'], [300, undefined, 'https://zenml.example'],
    [302, 'http://[', 'another address'],
  ])('a redirect (%i to %s) is named by its origin', async (status, location, told) => {
    const answer = { ...json(status, {}), headers: { location } };
    expect(await new ClientBench(answer).outcome()).toMatchObject({ name: 'UserError', message: `${at} redirects to ${told}: give that as the server's URL` });
  });

  test('a failure is quoted, redacted and cut, unless it may echo keys', async () => {
    const say = async (status: number, secret: boolean) => {
      const bench = new ClientBench(json(status, { detail: ['ValueError', `no\nsecret-value ${'y'.repeat(400)}`] }));
      bench.redactor.add('secret-value');
      return bench.outcome({ secret });
    };
    const quoted = await say(418, false);
    expect(quoted).toBeInstanceOf(ZenmlError);
    expect(quoted.message).toMatch(/^ZenML answered GET \/x with HTTP 418 ValueError: no \[redacted\] y{250,290}\.\.\.$/);
    expect(await say(418, true)).toMatchObject({ message: 'ZenML answered GET /x with HTTP 418 ValueError', detail: '' });
    expect(await say(422, false)).toMatchObject({
      message: 'ZenML answered GET /x with HTTP 422 ValueError (the details may hold keys and are left to the server\'s log)', detail: '',
    });
  });

  test.each([
    [400, ' (the details may hold keys and are left to the server\'s log)'],
    [402, ' (the ZenML plan\'s limit is reached: free a place or change the plan)'],
    [403, ' (the API key\'s account lacks this permission, or the object is in use or protected)'],
    [404, ''],
  ])('%i without words of its own is explained', async (status, explained) => {
    expect(await new ClientBench(json(status, {})).outcome()).toMatchObject({ message: `ZenML answered GET /x with HTTP ${status}${explained}` });
  });
});
