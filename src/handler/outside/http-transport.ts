import * as dns from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { LookupFunction, Socket } from 'node:net';
import * as tls from 'node:tls';
import { limitConnecting } from './connect-timeout';
import { decodeBody } from './decode-body';
import { openTunnel } from './proxy-tunnel';
import { asTransportError } from './transport-error';
import { isLinkLocal } from '../../contract/link-local';
import { HttpAnswer, HttpRequest, TransportError } from '../ports';

/**
 * Limit of an answer, in bytes. No answer that the handler asks for is larger: a larger one does not come from ZenML.
 */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** A connection that is idle for longer is closed, in milliseconds: ZenML's server closes it after 5 s. */
const IDLE_MS = 2_000;

/**
 * Agents by what shares them, which lives as long as one invocation: a connection that is kept over a pause of the
 * Lambda is dead when it is used again. An idle connection does not keep the process alive.
 */
const agents = new WeakMap<object, https.Agent>();

function agentOf(owner: object | undefined, secure: boolean): https.Agent | http.Agent | false {
  if (!owner) { return false; }
  const known = agents.get(owner);
  if (known) { return known; }
  const agent = new (secure ? https : http).Agent({ keepAlive: true, timeout: IDLE_MS });
  agents.set(owner, agent as https.Agent);
  return agent;
}

/**
 * One exchange with `node:http`: it follows no redirect, knows no cache, and can take certificate authorities of one's
 * own.
 */
export async function nodeTransport(request: HttpRequest): Promise<HttpAnswer> {
  request.signal.throwIfAborted();
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const ca = request.ca ? [...tls.rootCertificates, request.ca] : undefined;
  const tunnel = request.proxyUrl ? await openTunnel(request.proxyUrl, url, secure, ca, request.signal) : undefined;
  return new Promise<HttpAnswer>((resolve, reject) => {
    let connected = tunnel !== undefined;
    const options: https.RequestOptions = {
      method: request.method,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (secure ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      headers: {
        ...request.headers,
        host: url.host,
        ...(request.body !== undefined && { 'content-length': Buffer.byteLength(request.body) }),
      },
      lookup: guardedLookup,
      ...(tunnel ? { createConnection: () => tunnel } : { agent: agentOf(request.connectionOf, secure), ca }),
    };
    const outgoing = secure && !tunnel ? https.request(options) : http.request(options);
    if (!tunnel) { limitConnecting(outgoing, String(options.host)); }
    outgoing.on('socket', () => { connected ||= outgoing.reusedSocket; });

    const fail = (error: unknown) => {
      request.signal.removeEventListener('abort', abort);
      outgoing.destroy();
      reject(request.signal.aborted ? request.signal.reason : asTransportError(error, connected));
    };
    const abort = () => fail(undefined);
    request.signal.addEventListener('abort', abort, { once: true });

    outgoing.on('error', fail);
    outgoing.on('socket', (socket: Socket) => {
      // A connection that is used again makes no other: the listener would stay on it.
      if (outgoing.reusedSocket) { return; }
      socket.once(secure && !tunnel ? 'secureConnect' : 'connect', () => { connected = true; });
    });
    outgoing.on('response', (incoming) => {
      readAnswer(incoming).then((answer) => {
        request.signal.removeEventListener('abort', abort);
        resolve(answer);
      }, fail);
    });
    outgoing.end(request.body);
  });
}

async function readAnswer(incoming: http.IncomingMessage): Promise<HttpAnswer> {
  const status = incoming.statusCode ?? 0;
  const raw = await readBody(incoming);
  const { 'content-encoding': encoding, ...headers } = oneValueEach(incoming.headers);
  if (!encoding || raw.length === 0) { return { status, headers, body: raw.toString('utf8') }; }
  const body = await decodeBody(raw, encoding.trim().toLowerCase(), MAX_BODY_BYTES).catch(() => { throw tooLarge(); });
  // One that cannot be undone stays in the headers: then the body says nothing.
  return body
    ? { status, headers, body: body.toString('utf8') }
    : { status, headers: { ...headers, 'content-encoding': encoding }, body: '' };
}

async function readBody(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) { throw tooLarge(); }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): TransportError {
  return new TransportError(
    'permanent',
    'TOO_LARGE',
    `gave an answer of more than ${MAX_BODY_BYTES / 1024 / 1024} MiB: is it a ZenML server?`,
  );
}

function oneValueEach(headers: http.IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** A name can lead to a link-local address (a cloud's metadata service) just as a literal address can. */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) { return callback(error, '', 0); }
    if (addresses.some(({ address }) => isLinkLocal(address))) {
      return callback(
        new TransportError('permanent', 'LINK_LOCAL', 'has a link-local address, which no ZenML server has'),
        '',
        0,
      );
    }
    return options.all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};
