import * as http from 'node:http';
import { isIP, Socket } from 'node:net';
import { TransportError } from '../ports';

/**
 * A host that answers takes milliseconds, one that a firewall hides never does: without a limit of its own each try
 * would take the whole time of a call. In milliseconds, from the end of the name look-up.
 */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Destroys the request when no connection to the host was made in time; what comes later (TLS, the answer) has other
 * limits.
 */
export function limitConnecting(request: http.ClientRequest, host: string): void {
  request.once('socket', (socket: Socket) => {
    if (request.reusedSocket) { return; }
    let timer: NodeJS.Timeout | undefined;
    const start = () => {
      timer ??= setTimeout(
        () =>
          request.destroy(
            new TransportError(
              'refused',
              'ETIMEDOUT',
              `could not be reached (no connection within ${CONNECT_TIMEOUT_MS / 1000} s)`,
            ),
          ),
        CONNECT_TIMEOUT_MS,
      );
    };
    const stop = () => clearTimeout(timer);
    if (isIP(host)) { start(); } else { socket.once('lookup', start); }
    socket.once('connect', stop);
    socket.once('close', stop);
  });
}
