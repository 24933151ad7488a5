import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api, runConformance, Step } from './conformance';
import { ModelServer } from './model-server';

/**
 * Answers of a real ZenML 0.98.0, recorded. To compare with (or record) a running server: ZENML_CONFORMANCE_URL,
 * ZENML_CONFORMANCE_KEY and ZENML_CONFORMANCE_OTHER_KEY (API keys of two accounts), and ZENML_CONFORMANCE_RECORD=1 to
 * write the file anew. Its AWS must refuse.
 */
const RECORDING = join(__dirname, 'recorded-0.98.0.json');
const live = process.env.ZENML_CONFORMANCE_URL;

function fake(): Api {
  const server = new ModelServer();
  const users = { me: server.addUser('me'), other: server.addUser('other') };
  const keys = { me: server.addApiKey(users.me), other: server.addApiKey(users.other) };
  return {
    call: async (account, method, path, body) => {
      const response = server.request({
        method,
        path,
        headers: { authorization: `Bearer ${keys[account]}` },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: JSON.parse(response.body) as unknown };
    },
  };
}

async function real(url: string): Promise<Api> {
  const login = async (key: string) => {
    const response = await fetch(`${url}/api/v1/login`, {
      method: 'POST',
      body: new URLSearchParams({ password: key }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const tokens = {
    me: await login(process.env.ZENML_CONFORMANCE_KEY!),
    other: await login(process.env.ZENML_CONFORMANCE_OTHER_KEY!),
  };
  return {
    call: async (account, method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'authorization': `Bearer ${tokens[account]}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
  };
}

const recorded = JSON.parse(readFileSync(RECORDING, 'utf8')) as Step[];

test('the model answers as a real server of 0.98.0 did', async () => {
  const steps = await runConformance(fake(), 'px');
  expect(steps).toEqual(recorded);
  expect(steps.length).toBeGreaterThan(100);
});

if (live) {
  test('the running server answers as the model does', async () => {
    const steps = await runConformance(await real(live), `p${Date.now().toString(36)}x`);
    if (process.env.ZENML_CONFORMANCE_RECORD) { writeFileSync(RECORDING, `${JSON.stringify(steps, undefined, 1)}\n`); }
    expect(steps).toEqual(await runConformance(fake(), 'px'));
  });
}
