import { readFileSync, writeFileSync } from 'node:fs';
import { live } from './support/live';
import { Api, RECORDING, runConformance, Step } from '../zenml-model/conformance';

/*
 * The model of ZenML that the handler's tests use answers as a real server does. CONFORMANCE_RECORD=1 writes the
 * server's answers to the recording that the model's own test compares with.
 */
test('a real server answers as the recording of 0.98.0 says', async () => {
  const { zenml } = await live();
  const keys = {
    me: (await zenml.createApiKey('conformance-me')).key,
    other: (await zenml.createApiKey('conformance-other')).key,
  };
  const steps = await runConformance(await apiOf(zenml.url, keys), `p${Date.now().toString(36)}x`);
  const recorded = JSON.parse(readFileSync(RECORDING, 'utf8')) as Step[];
  if (process.env.CONFORMANCE_RECORD) {
    const inAws = recorded.filter(isAnswerOfAws);
    const written = steps.map((step) => (isAnswerOfAws(step) ? inAws.shift() : step));
    writeFileSync(RECORDING, `${JSON.stringify(written, undefined, 1)}\n`);
  }
  const without = (all: readonly Step[]) => all.filter((step) => !isAnswerOfAws(step));
  expect(without(steps)).toEqual(without(JSON.parse(readFileSync(RECORDING, 'utf8')) as Step[]));
});

/** The recording's verifications met an AWS that refuses every key; the local one answers otherwise. */
function isAnswerOfAws({ what }: Step): boolean {
  return what.startsWith('verify');
}

async function apiOf(url: string, keys: Readonly<Record<'me' | 'other', string>>): Promise<Api> {
  const login = async (password: string) => {
    const response = await send(`${url}/api/v1/login`, { method: 'POST', body: new URLSearchParams({ password }) });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const tokens = { me: await login(keys.me), other: await login(keys.other) };
  return {
    call: async (account, method, path, body) => {
      const response = await send(`${url}${path}`, {
        method,
        headers: { 'authorization': `Bearer ${tokens[account]}`, 'content-type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
  };
}

/** A connection of its own: a server may close a kept-alive one at any time. */
async function send(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } });
}
