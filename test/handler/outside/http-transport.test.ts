import * as http from 'node:http';
import { AddressInfo, createServer, Server, Socket } from 'node:net';
import * as tls from 'node:tls';
import * as zlib from 'node:zlib';
import { nodeTransport } from '../../../src/handler/outside/http-transport';
import { nodeClock } from '../../../src/handler/outside/node-clock';
import { putAnswer } from '../../../src/handler/outside/put-answer';
import { asTransportError } from '../../../src/handler/outside/transport-error';
import { HttpRequest, TransportError } from '../../../src/handler/ports';
import { selfSigned } from '../support/self-signed-certificate';

const MIB = 1024 * 1024;

describe('one HTTP exchange', () => {
  const open: Array<Server | http.Server> = [];
  const sockets = new Set<Socket>();
  const listen = async <S extends Server>(server: S): Promise<number> => {
    open.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  afterEach(async () => {
    for (const socket of sockets) { socket.destroy(); }
    sockets.clear();
    for (const server of open.splice(0)) { await new Promise((resolve) => server.close(resolve)); }
  });
  const exchange = async (url: string, more: Partial<HttpRequest> = {}): Promise<any> =>
    nodeTransport({ method: 'GET', url, headers: {}, signal: new AbortController().signal, ...more }).catch(
      (error: unknown) => error,
    );

  test('an exchange sends method, path, host, headers and body, on a connection of its own', async () => {
    const received: Array<Record<string, unknown>> = [];
    const port = await listen(http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          method: request.method,
          url: request.url,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        response.writeHead(207, { 'set-cookie': ['a=1', 'b=2'], 'x-one': 'one' }).end('änswer');
      });
    }));
    const url = `http://localhost:${port}/base/x?a=b%20c`;
    const answer = await exchange(url.replace('localhost', '127.0.0.1'), {
      method: 'PUT',
      headers: { 'x-mine': 'y' },
      body: 'bödy',
    });
    expect(answer).toMatchObject({
      status: 207,
      body: 'änswer',
      headers: { 'x-one': 'one', 'set-cookie': 'a=1, b=2' },
    });
    await exchange(`http://127.0.0.1:${port}/`);
    expect(received[0]).toMatchObject({
      method: 'PUT',
      url: '/base/x?a=b%20c',
      body: 'bödy',
      headers: { 'host': `127.0.0.1:${port}`, 'x-mine': 'y', 'content-length': '5', 'connection': 'close' },
    });
    expect(received[1]).toMatchObject({ method: 'GET', url: '/', body: '' });
    expect(received[1]!.headers).not.toHaveProperty('content-length');
    expect(sockets.size).toBe(2);
  });

  test('the requests of one owner share a connection, those of another owner have their own', async () => {
    const port = await listen(http.createServer((_, response) => { response.end('x'); }));
    const [one, other] = [{}, {}];
    for (const connectionOf of [one, one, one, other]) {
      await exchange(`http://127.0.0.1:${port}/`, { connectionOf });
    }
    expect(sockets.size).toBe(2);
  });

  test('a shared connection that the server closes in the middle of an answer is a lost answer', async () => {
    let served = 0;
    const port = await listen(http.createServer((request, response) => {
      if (served++ === 0) { response.end('x'); } else { request.socket.destroy(); }
    }));
    const connectionOf = {};
    expect((await exchange(`http://127.0.0.1:${port}/`, { connectionOf })).body).toBe('x');
    expect(await exchange(`http://127.0.0.1:${port}/`, { connectionOf })).toMatchObject({
      name: 'TransportError',
      failure: 'lost',
    });
  });

  test('a body of 5 MiB is accepted, a larger one is refused', async () => {
    let size = 5 * MIB;
    const port = await listen(
      http.createServer((_, response) => {
        response.on('error', () => {});
        response.end(Buffer.alloc(size, 'x'));
      }),
    );
    expect((await exchange(`http://127.0.0.1:${port}/`)).body).toHaveLength(size);
    size++;
    expect(await exchange(`http://127.0.0.1:${port}/`)).toMatchObject({
      name: 'TransportError',
      failure: 'permanent',
      code: 'TOO_LARGE',
      message: 'gave an answer of more than 5 MiB: is it a ZenML server?',
    });
  });

  test.each([
    ['gzip', zlib.gzipSync],
    ['X-GZIP', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['br', zlib.brotliCompressSync],
  ])(
    'an answer compressed with %s is decompressed although the request did not ask for compression',
    async (encoding, compress) => {
      const port = await listen(
        http.createServer((_, response) => {
          response.writeHead(200, { 'content-encoding': encoding }).end(compress('änswer'));
        }),
      );
      const answer = await exchange(`http://127.0.0.1:${port}/`);
      expect(answer).toMatchObject({ status: 200, body: 'änswer' });
      expect(answer.headers).not.toHaveProperty('content-encoding');
    },
  );

  test('an unknown encoding stays in the headers, and a decompressed body has at most 5 MiB', async () => {
    let [encoding, body] = ['zstd', Buffer.from('?')];
    const port = await listen(
      http.createServer((_, response) => {
        response.on('error', () => {});
        response.writeHead(200, { 'content-encoding': encoding }).end(body);
      }),
    );
    const ask = async () => exchange(`http://127.0.0.1:${port}/`);
    expect(await ask()).toMatchObject({ status: 200, body: '', headers: { 'content-encoding': 'zstd' } });
    encoding = 'gzip';
    expect(await ask()).toMatchObject({ status: 200, body: '', headers: { 'content-encoding': 'gzip' } });
    body = zlib.gzipSync(Buffer.alloc(5 * MIB, 'x'));
    expect((await ask()).body).toHaveLength(5 * MIB);
    body = zlib.gzipSync(Buffer.alloc(5 * MIB + 1, 'x'));
    expect(await ask()).toMatchObject({ failure: 'permanent', code: 'TOO_LARGE' });
    body = Buffer.alloc(0);
    expect(await ask()).toMatchObject({ status: 200, body: '' });
  });

  test('a request on a broken connection may have been processed, one that was never sent was not', async () => {
    const port = await listen(createServer((socket) => { socket.once('data', () => socket.destroy()); }));
    expect(await exchange(`http://127.0.0.1:${port}/`)).toMatchObject({
      failure: 'lost',
      code: 'ECONNRESET',
      message: 'closed the connection (ECONNRESET)',
    });
    const half = await listen(
      createServer((socket) => {
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf');
          socket.end();
        });
      }),
    );
    expect(await exchange(`http://127.0.0.1:${half}/`)).toMatchObject({ failure: 'lost' });
    expect(await exchange('http://127.0.0.1:1/')).toMatchObject({
      failure: 'refused',
      code: 'ECONNREFUSED',
      message: 'could not be reached (ECONNREFUSED)',
    });
  });

  test('an abort ends the exchange with the reason of the signal, and closes the connection', async () => {
    const controller = new AbortController();
    const over = new Error('over');
    const closed = new Promise<void>((resolve) => {
      void listen(createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => controller.abort(over));
        socket.once('close', () => resolve());
      })).then(async (port) => expect(await exchange(`http://127.0.0.1:${port}/`, { signal: controller.signal })).toBe(over));
    });
    await closed;
  });

  test('an abort ends a TLS handshake inside a tunnel as well', async () => {
    const controller = new AbortController();
    const over = new Error('over');
    const proxy = http.createServer();
    proxy.on('connect', (_: http.IncomingMessage, socket: Socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.once('data', () => controller.abort(over));
    });
    const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
    expect(await exchange('https://zenml.example/', { proxyUrl, signal: controller.signal })).toBe(over);
  });

  test('TLS sends the name of the server, inside a tunnel as well, and no address', async () => {
    const hellos: string[] = [];
    const hear = (socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', (hello: Buffer) => { hellos.push(hello.toString('latin1')); socket.destroy(); });
    };
    const port = await listen(createServer(hear));
    const proxy = http.createServer();
    proxy.on('connect', (_: http.IncomingMessage, socket: Socket) => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      hear(socket);
    });
    const proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
    for (const [url, via] of [
      [`https://localhost:${port}/`, undefined],
      ['https://zenml.example/', proxyUrl],
      ['https://127.0.0.1/', proxyUrl],
      ['https://[2001:db8::1]/', proxyUrl],
      ['https://1zenml.example/', proxyUrl],
      ['https://zenml.example1/', proxyUrl],
    ] as const) {
      // Broken off before there was anything to send a request on.
      expect(await exchange(url, { proxyUrl: via })).toMatchObject({ name: 'TransportError', failure: 'refused' });
    }
    expect(hellos.map((hello) => /localhost|1?zenml\.example1?|127\.0|2001/.exec(hello)?.[0]))
      .toEqual(['localhost', 'zenml.example', undefined, undefined, '1zenml.example', 'zenml.example1']);
  });

  test('a request that breaks off behind TLS or a tunnel may have been processed', async () => {
    const { key, cert } = selfSigned();
    const secure = await listen(
      tls.createServer({ key, cert }, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.destroy());
      }),
    );
    expect(await exchange(`https://127.0.0.1:${secure}/`, { ca: cert })).toMatchObject({ failure: 'lost' });
    const proxy = http.createServer();
    proxy.on('connect', (_: http.IncomingMessage, socket: Socket) => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
    expect(
      await exchange('http://zenml.example/', { proxyUrl: `http://127.0.0.1:${await listen(proxy)}` }),
    ).toMatchObject({ failure: 'lost' });
  });

  test('a proxy is asked for the default port of http and of https', async () => {
    const asked: Array<[string, string]> = [];
    const proxy = http.createServer();
    proxy.on('connect', (request: http.IncomingMessage, socket: Socket) => {
      asked.push([request.url!, request.headers.host!]);
      socket.end('HTTP/1.1 403 No\r\n\r\n');
    });
    const port = await listen(proxy);
    for (const url of ['http://a.example/', 'https://a.example/', 'https://a.example:8443/', 'http://[2001:db8::1]/']) {
      expect(await exchange(url, { proxyUrl: `http://127.0.0.1:${port}` })).toMatchObject({
        failure: 'permanent',
        code: 'PROXY',
      });
    }
    expect(asked).toEqual(
      ['a.example:80', 'a.example:443', 'a.example:8443', '[2001:db8::1]:80'].map((authority) => [
        authority,
        authority,
      ]),
    );
    const refused = await exchange('http://a.example/', { proxyUrl: `http://127.0.0.1:${port}` });
    expect(refused.message).toBe(`was refused by proxy 127.0.0.1:${port} (HTTP 403): allow a.example:80 there`);
  });

  test('an answer to CloudFormation has no content type, and redirects are not followed', async () => {
    const received: http.IncomingMessage[] = [];
    const port = await listen(http.createServer((request, response) => {
      received.push(request);
      request.resume();
      response.writeHead(307, { location: '/elsewhere' }).end('moved');
    }));
    expect(await putAnswer(new URL(`http://127.0.0.1:${port}/x?y=z`), '{}', new AbortController().signal)).toBe(307);
    expect(
      received.map(({ method, url, headers }) => [method, url, headers['content-type'], headers['content-length']]),
    ).toEqual([['PUT', '/x?y=z', '', '2']]);
  });
});

test('the clock works without a signal', async () => {
  await expect(nodeClock.sleep(0)).resolves.toBeUndefined();
});

describe('classification of network errors', () => {
  const tell = (code: string | undefined, connected = false) =>
    asTransportError(Object.assign(new Error('why'), { code }), connected);

  test.each([
    ['ERR_TLS_CERT_ALTNAME_INVALID'],
    ['CERT_HAS_EXPIRED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['SELF_SIGNED_CERT_IN_CHAIN'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['EPROTO'],
    ['ERR_SSL_WRONG_VERSION_NUMBER'],
    ['HOSTNAME_MISMATCH'],
    ['ERR_INVALID_URL'],
  ])('the error %s is permanent', (code) => {
    expect(tell(code)).toMatchObject({
      name: 'TransportError',
      failure: 'permanent',
      code,
      message: `could not be trusted or spoken to over TLS (${code}): why; for a private certificate authority give its certificate`,
    });
  });

  test('a name that cannot be resolved and an error without a code are classified', () => {
    expect(tell('ENOTFOUND', true)).toMatchObject({
      failure: 'permanent',
      code: 'ENOTFOUND',
      message: 'cannot be found (ENOTFOUND): is the host name right, and does it resolve where the function runs?',
    });
    expect(tell(undefined, true)).toMatchObject({ failure: 'lost', code: 'ERROR' });
    expect(tell('XEPROTO')).toMatchObject({ failure: 'refused' });
    expect(tell('EPROTOX')).toMatchObject({ failure: 'refused' });
    const ours = new TransportError('permanent', 'C', 'm');
    expect(asTransportError(ours, true)).toBe(ours);
  });
});
