import { TransportError } from '../ports';

/** Waiting does not mend these. */
const PERMANENT =
  /^(ENOTFOUND|ERR_TLS_.*|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|EPROTO|ERR_SSL_.*|HOSTNAME_MISMATCH|ERR_INVALID_URL)$/;

/** What Node's error means for trying again. `connected`: the server may have seen the request. */
export function asTransportError(error: unknown, connected: boolean): TransportError {
  if (error instanceof TransportError) { return error; }
  const { code, message } = error as NodeJS.ErrnoException;
  const known = code ?? 'ERROR';
  if (known === 'ENOTFOUND') {
    return new TransportError(
      'permanent',
      known,
      'cannot be found (ENOTFOUND): is the host name right, and does it resolve where the function runs?',
    );
  }
  if (PERMANENT.test(known)) {
    return new TransportError(
      'permanent',
      known,
      `could not be trusted or spoken to over TLS (${known}): ${message}; for a private certificate authority give its certificate`,
    );
  }
  return connected
    ? new TransportError('lost', known, `closed the connection (${known})`)
    : new TransportError('refused', known, `could not be reached (${known})`);
}
