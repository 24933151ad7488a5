import { serveZenML, ServedZenML } from './http';
import { ModelServer } from './model-server';

const zenml = new ModelServer();
const key = zenml.addApiKey(zenml.addUser('ci'));
let served: ServedZenML;
let token: string;

beforeAll(async () => {
  served = await serveZenML(zenml);
  const response = await fetch(`${served.url}/api/v1/login`, {
    method: 'POST',
    body: new URLSearchParams({ password: key }),
  });
  token = ((await response.json()) as { access_token: string }).access_token;
});
afterAll(async () => served.close());

const post = async (name: string) => {
  const body = JSON.stringify({
    name,
    type: 'container_registry',
    flavor: 'aws',
    configuration: { uri: 'x.example.com' },
  });
  const response = await fetch(`${served.url}/api/v1/components`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  return { status: response.status, text: await response.text() };
};
const names = () => [...zenml.tables.components.values()].map(row => row.name).filter(name => name !== 'default');

test('the login returns a token with the user and the server', () => {
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string; iss: string };
  expect(claims).toMatchObject({ sub: [...zenml.tables.users.keys()][0], iss: zenml.id });
});

test('a call without a token, with an invalid token or with a wrong key gets HTTP 401', async () => {
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${served.url}/api/v1/stacks`, { headers })).status;
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer x' })).toBe(401);
  expect(
    (await fetch(`${served.url}/api/v1/login`, { method: 'POST', body: new URLSearchParams({ password: 'x' }) }))
      .status,
  ).toBe(401);
});

test('each fault is used up, in the order of matching', async () => {
  zenml.faults.add({ kind: 'status', method: 'POST', status: 503, headers: { 'retry-after': '1' } });
  expect(await post('one')).toMatchObject({ status: 503 });
  zenml.faults.add({ kind: 'refuse', path: /components/ });
  await expect(post('one')).rejects.toThrow();
  expect(names()).toEqual([]);
  zenml.faults.add({ kind: 'drop-answer', skip: 1 });
  expect((await post('one')).status).toBe(200);
  await expect(post('two')).rejects.toThrow();
  zenml.faults.add({ kind: 'status-after', status: 502, body: '<html></html>' });
  expect(await post('three')).toEqual({ status: 502, text: '<html></html>' });
  expect(names()).toEqual(['one', 'two', 'three']);
  expect((await post('three')).status).toBe(409);
});

test('an object that an account may not see is missing from lists and refused by id', () => {
  const [user] = [...zenml.tables.users.values()];
  const hidden = [...zenml.tables.components.values()].find(row => row.name === 'one')!;
  zenml.hidden.set(user!.id, new Set([hidden.id]));
  expect(zenml.as(user!, 'GET', '/api/v1/components?name=equals:one')).toMatchObject({ total: 0 });
  expect(() => zenml.as(user!, 'GET', `/api/v1/components/${hidden.id}`)).toThrow('HTTP 403');
});
