import * as http from 'node:http';
import { AddressInfo, connect, Socket } from 'node:net';
import { nodeTransport } from '../../../src/handler/outside/http-transport';
import { nodeClock } from '../../../src/handler/outside/node-clock';
import { asTransportError } from '../../../src/handler/outside/transport-error';
import { handler } from '../../../src/handler/registration.lambda';
import { CONNECTOR, Harness } from '../support/harness';
import { API_KEY, ScriptedServer } from '../support/scripted-server';
import { selfSigned } from '../support/self-signed-certificate';

const get = (url: string, more: { proxyUrl?: string; ca?: string; signal?: AbortSignal } = {}) =>
  nodeTransport({ method: 'GET', url, headers: {}, signal: new AbortController().signal, ...more });

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a proxy', () => {
  let tunnels: string[];
  let proxy: http.Server;
  let proxyUrl: string;
  let refuse: number | 'no-connect' | undefined;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    tunnels = [];
    refuse = undefined;
    proxy = http.createServer((_, response) => response.writeHead(405).end());
    proxy.on('connect', (request: http.IncomingMessage, client: Socket) => {
      tunnels.push(request.url!);
      sockets.add(client);
      if (refuse) { client.end(`HTTP/1.1 ${String(refuse)} No\r\n\r\n`); return; }
      const [host, port] = request.url!.split(':');
      const upstream = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
    });
    proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
  });
  afterEach(async () => {
    for (const socket of sockets) { socket.destroy(); }
    await new Promise((resolve) => proxy.close(resolve));
  });

  test('every call goes through the proxy', async () => {
    const h = await Harness.start();
    h.bind(h.url, { proxyUrl });
    expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Status).toBe('SUCCESS');
    expect(tunnels).toEqual(Array(4).fill(`127.0.0.1:${h.zenml.port}`));
    await h.stop();
  });

  test('TLS runs inside the tunnel, and trusts the same certificates as without a proxy', async () => {
    const tls = selfSigned();
    const zenml = await new ScriptedServer(tls).start();
    const url = `https://127.0.0.1:${zenml.port}/api/v1/info`;
    expect((await get(url, { proxyUrl, ca: tls.cert })).status).toBe(200);
    await expect(get(url, { proxyUrl })).rejects.toMatchObject({ failure: 'permanent' });
    await zenml.stop();
  });

  test('a proxy that refuses is named in the error', async () => {
    refuse = 407;
    await expect(get('http://zenml.example:80/', { proxyUrl })).rejects.toMatchObject({
      failure: 'permanent',
      message: expect.stringMatching(/refused by proxy 127\.0\.0\.1:\d+ \(HTTP 407\): allow zenml\.example:80 there/),
    });
  });

  test('a proxy that is down is tried again', async () => {
    await expect(get('http://zenml.example:80/', { proxyUrl: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      failure: 'refused',
    });
    const controller = new AbortController();
    const waiting = get('http://zenml.example:80/', { proxyUrl: 'http://127.0.0.1:1', signal: controller.signal });
    controller.abort(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
  });
});

describe('link-local addresses', () => {
  test('a name that resolves to a link-local address is refused', async () => {
    const dns = jest.requireActual<typeof import('node:dns')>('node:dns');
    const spy = jest.spyOn(dns, 'lookup').mockImplementation(((
      _: string,
      __: object,
      callback: (...all: unknown[]) => void,
    ) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ])) as never);
    try {
      await expect(get('http://metadata.example/')).rejects.toMatchObject({
        failure: 'permanent',
        message: expect.stringContaining('link-local'),
      });
    } finally {
      spy.mockRestore();
    }
  });
});

describe('network errors', () => {
  test.each([
    ['ECONNREFUSED', false, 'refused'],
    ['EAI_AGAIN', false, 'refused'],
    ['ECONNRESET', true, 'lost'],
    ['ENOTFOUND', false, 'permanent'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'permanent'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', true, 'permanent'],
    [undefined, true, 'lost'],
  ])('the network error %s (connected: %s) is %s', (code, connected, failure) => {
    expect(asTransportError(Object.assign(new Error('m'), { code }), connected).failure).toBe(failure);
  });

  test('an aborted call ends with the reason of the signal', async () => {
    const controller = new AbortController();
    controller.abort(new Error('over'));
    await expect(get('http://127.0.0.1:1/', { signal: controller.signal })).rejects.toThrow('over');
  });
});

describe('the clock', () => {
  test('the clock sleeps, rings, and wakes when aborted', async () => {
    const before = nodeClock.now();
    await nodeClock.sleep(1, new AbortController().signal);
    expect(nodeClock.now()).toBeGreaterThanOrEqual(before);
    await new Promise<void>((resolve) => { nodeClock.alarm(1, resolve); });
    nodeClock.alarm(60_000, () => { throw new Error('cancelled alarms do not ring'); })();
    const controller = new AbortController();
    const sleeping = nodeClock.sleep(60_000, controller.signal);
    controller.abort(new Error('over'));
    await expect(sleeping).rejects.toThrow('over');
    await expect(nodeClock.sleep(60_000, controller.signal)).rejects.toThrow('over');
  });
});

/** AWS's JSON protocols, as far as the three questions need them. */
function fakeAws(answers: Record<string, (input: any) => [number, unknown]>) {
  const asked: Array<{ target: string; input: any }> = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (request.method === 'PUT') {
        asked.push({ target: 'answer', input: JSON.parse(text) });
        response.end();
        return;
      }
      const target = String(request.headers['x-amz-target']).split('.')[1]!;
      const input = JSON.parse(text);
      asked.push({ target, input });
      const [status, body] = answers[target]!(input);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  return { server, asked };
}

describe('the bundled function', () => {
  test('the bundled function asks AWS, serves an event, and answers it', async () => {
    const zenml = await new ScriptedServer().start();
    const url = `http://127.0.0.1:${zenml.port}`;
    const { server, asked } = fakeAws({
      GetParameter: ({ Name }) =>
        Name === '/gone'
          ? [400, { __type: 'ParameterNotFound' }]
          : [
            200,
            {
              Parameter: {
                Value: JSON.stringify({
                  kind: 'server',
                  url,
                  secretId: 'arn:aws:secretsmanager:us-west-2:1:secret:k',
                }),
              },
            },
          ],
      GetSecretValue: () => [200, { SecretBinary: Buffer.from(API_KEY).toString('base64') }],
      DescribeRepositories: () => [400, { __type: 'RepositoryNotFoundException' }],
    });
    const endpoint = `http://127.0.0.1:${await listen(server)}`;
    const saved = { ...process.env };
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    const lines: string[] = [];
    const log = jest.spyOn(console, 'log').mockImplementation((line: string) => { lines.push(line); });
    try {
      const event = (RequestId: string, properties: object) => ({
        RequestType: 'Create',
        RequestId,
        ResponseURL: `${endpoint}/answer?X-Amz-Signature=canary`,
        ResourceType: 'Custom::ZenMLStackComponent',
        LogicalResourceId: 'L',
        StackId: 's',
        ResourceProperties: {
          ServerBinding: '/b',
          ServerUrl: url,
          NamePrefix: 'p',
          PropagationSeconds: '0',
          ...properties,
        },
      });
      const component = {
        ComponentType: 'container_registry',
        Flavor: 'aws',
        Configuration: JSON.stringify({ uri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com' }),
      };
      const context = { getRemainingTimeInMillis: () => 120_000 };
      await handler(event('r1', component), context);
      await handler(
        event('r2', { ...component, Repositories: [{ Name: 'x', RegistryId: '1', Region: 'eu-west-1' }] }),
        context,
      );
      await handler(event('r3', { ...component, ServerBinding: '/gone' }), context);
      const reasons = asked
        .filter(({ target }) => target === 'answer')
        .map(({ input }) => input.Reason as string | undefined);
      expect(reasons[0]).toBeUndefined();
      expect(reasons[1]).toMatch(/"x".*does not exist/);
      expect(reasons[2]).toMatch(/cannot be read \(ParameterNotFound\)/);
      expect(zenml.all('components')).toHaveLength(1);
      expect(lines).toHaveLength(3);
      expect(lines.join('\n')).not.toMatch(/canary|ZENKEY_/);
    } finally {
      log.mockRestore();
      for (const name of Object.keys(process.env)) { if (!(name in saved)) { delete process.env[name]; } }
      Object.assign(process.env, saved);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await zenml.stop();
    }
  });
});
