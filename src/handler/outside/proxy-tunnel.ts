import * as http from 'node:http';
import { Socket } from 'node:net';
import * as tls from 'node:tls';
import { limitConnecting } from './connect-timeout';
import { asTransportError } from './transport-error';
import { TransportError } from '../ports';

/** A connection to the target through an HTTP proxy (CONNECT), with TLS inside where the target speaks it. */
export async function openTunnel(
  proxyUrl: string, target: URL, secure: boolean, ca: string[] | undefined, signal: AbortSignal,
): Promise<Socket> {
  const socket = await connect(new URL(proxyUrl), target, secure, signal);
  return secure ? encrypt(socket, target, ca, signal) : socket;
}

async function connect(proxy: URL, target: URL, secure: boolean, signal: AbortSignal): Promise<Socket> {
  const authority = `${target.hostname}:${target.port || (secure ? 443 : 80)}`;
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || 80,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority },
      agent: false,
      signal,
    });
    limitConnecting(request, proxy.hostname.replace(/^\[|\]$/g, ''));
    request.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) { return resolve(socket); }
      socket.destroy();
      reject(
        new TransportError(
          'permanent',
          'PROXY',
          `was refused by proxy ${proxy.host} (HTTP ${answer.statusCode}): allow ${authority} there`,
        ),
      );
    });
    request.on('response', (answer) => {
      answer.resume();
      reject(
        new TransportError(
          'permanent',
          'PROXY',
          `is behind proxy ${proxy.host}, which does not tunnel (HTTP ${answer.statusCode}): give a proxy that allows CONNECT`,
        ),
      );
    });
    request.on('error', (error) => reject(signal.aborted ? signal.reason : asTransportError(error, false)));
    request.end();
  });
}

async function encrypt(socket: Socket, target: URL, ca: string[] | undefined, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    const encrypted = tls.connect(
      { socket, ca, host, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) },
      () => {
        signal.removeEventListener('abort', abort);
        resolve(encrypted);
      },
    );
    const abort = () => encrypted.destroy(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    encrypted.on('error', (error) => reject(signal.aborted ? signal.reason : asTransportError(error, false)));
  });
}
