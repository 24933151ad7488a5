import * as v from 'valibot';
import { readComplaint, retryAfterMs } from '../../../src/handler/zenml/answers';
import { ownerOf } from '../../../src/handler/zenml/objects';
import { listAll } from '../../../src/handler/zenml/pages';
import { without } from '../../../src/handler/zenml/stacks';
import { Harness, STACK } from '../support/harness';
import { OUR_USER } from '../support/scripted-server';

const answer = (body: string, headers: Record<string, string> = {}) => ({ status: 400, headers, body });

describe('ZenML\'s error bodies', () => {
  test.each([
    ['{"detail":["KeyError","no"]}', { className: 'KeyError', message: 'no', form: 'zenml' }],
    ['{"detail":"text"}', { className: '', message: 'text', form: 'fastapi' }],
    ['["ValueError","input"]', { className: 'ValueError', message: 'input', form: 'zenml' }],
    ['{"detail":["not a class name!","x"]}', { className: '', message: 'x', form: 'fastapi' }],
    ['{"detail":["KeyError",7]}', { className: 'KeyError', message: '', form: 'zenml' }],
    ['<html>', { className: '', message: '', form: 'foreign' }],
    ['{"message":"Forbidden"}', { className: '', message: '', form: 'foreign' }],
    ['null', { className: '', message: '', form: 'foreign' }],
  ])("the error body %s is read as ZenML's, its framework's or another application's", (body, expected) =>
    expect(readComplaint(answer(body))).toEqual(expected),
  );

  test('Retry-After is read as seconds or as a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(retryAfterMs(answer('', { 'retry-after': '3' }), now)).toBe(3_000);
    expect(retryAfterMs(answer('', { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }), now)).toBe(5_000);
    expect(retryAfterMs(answer('', { 'retry-after': 'Thu, 01 Jan 2025 00:00:05 GMT' }), now)).toBe(0);
    expect(retryAfterMs(answer('', { 'retry-after': 'soon' }), now)).toBeUndefined();
    expect(retryAfterMs(answer(''), now)).toBeUndefined();
  });
});

test('the owner of an object is read wherever a version of ZenML writes it', () => {
  expect(ownerOf({ user_id: 'a' }, undefined)).toBe('a');
  expect(ownerOf({ user: { id: 'b' } }, null)).toBe('b');
  expect(ownerOf({}, { user: { id: 'c' } })).toBe('c');
  expect(ownerOf({ user: null }, { user: null })).toBeUndefined();
});

test('a component type that loses its last component is left out of the composition', () => {
  expect(without({ a: ['1', '2'], b: ['1'] }, '1')).toEqual({ a: ['2'] });
});

describe('answers of a server', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a token that is not a JWT costs one more call, and a 0.80 server writes the owner elsewhere', async () => {
    h.zenml.script(/^POST \/login$/, { status: 200, body: { access_token: 'opaque' } });
    h.zenml.script(/^GET \/current-user$/, { status: 200, body: { id: OUR_USER } });
    expect((await h.send('Create', 'Stack', STACK)).Status).toBe('SUCCESS');
    expect(h.zenml.work[0]).toBe('GET /current-user');
  });

  test('a server version that cannot be read is refused', async () => {
    h.zenml.info = { ...h.zenml.info, version: 'latest' };
    expect((await h.send('Create', 'Stack', STACK)).Reason).toMatch(/did not report a valid version/);
    h.fresh();
    h.zenml.info = { ...h.zenml.info, version: '1.0.0rc1' };
    expect((await h.send('Create', 'Stack', STACK)).Status).toBe('SUCCESS');
  });

  test('a server without a workspace id is refused where one is bound', async () => {
    h.bind(h.url, { workspaceId: 'w' });
    expect((await h.send('Create', 'Stack', STACK)).Reason).toMatch(/is not a ZenML Pro workspace, not workspace w/);
  });

  test('list items that may not be read are left out, and a list without end is abandoned', async () => {
    h.zenml.script(/^GET \/components$/, {
      status: 200,
      body: {
        index: 1,
        total_pages: 1,
        items: [{ id: OUR_USER, name: 'default', body: null, permission_denied: true }],
      },
    });
    expect((await h.send('Create', 'Stack', STACK)).Reason).toMatch(/there is no orchestrator "default"/);
    const endless = { call: async () => ({ index: 1, total_pages: 1e9, items: [] }), address: { url: 'u' } };
    await expect(listAll(endless as never, '/stacks', {}, v.unknown())).rejects.toThrow(/returned too many pages/);
  });

  test('a login that fails for another reason is reported unchanged', async () => {
    h.zenml.script(/^POST \/login$/, { status: 400, body: { detail: 'bad form' } });
    expect((await h.send('Create', 'Stack', STACK)).Reason).toMatch(/POST \/login with HTTP 400/);
    h.zenml.keys = [];
    h.zenml.script(/^POST \/login$/, { status: 401, body: { detail: ['CredentialsNotValid', 'x'] } });
    h.zenml.script(/^POST \/login$/, { status: 404, body: { detail: 'x' } });
    // The second is no answer of ZenML's, so it is asked once more.
    expect((await h.send('Create', 'Stack', STACK)).Reason).toMatch(/refuses the API key/);
  });

  test('a POST whose success cannot be read may have created an object', async () => {
    h.zenml.script(/^POST \/stacks$/, { status: 200, body: { id: 'x' } });
    expect((await h.send('Create', 'Stack', STACK)).Status).toBe('SUCCESS');
    expect(h.zenml.work).toContain('GET /stacks');
  });

  test('a 503 with Retry-After has not processed the POST, so no look-up is needed', async () => {
    h.zenml.script(/^POST \/stacks$/, { status: 503, body: {}, headers: { 'retry-after': '2' } });
    expect((await h.send('Create', 'Stack', STACK)).Status).toBe('SUCCESS');
    expect(h.zenml.work.filter((call) => call === 'GET /stacks')).toEqual([]);
    expect(h.clock.slept).toEqual([2_250]);
  });
});
