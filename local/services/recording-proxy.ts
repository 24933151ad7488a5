import { createServer, IncomingMessage, request, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { AddressInfo } from 'node:net';

/** One call that reached the proxy. Never a body or header: those hold keys. */
export interface RecordedCall {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  /** Status of the answer that the caller got; 0 when it got none. */
  readonly status: number;
  /** Whether the call got through to the server. */
  readonly forwarded: boolean;
  /** When the call began, in milliseconds of the epoch. */
  readonly began: number;
  readonly milliseconds: number;
}

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  /** How many calls came before this one. */
  readonly index: number;
}

/** What may be done to a call instead of passing it on as it is. */
export interface Intervention {
  /** Answer in the server's place. */
  readonly answer?: { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };
  /** Break the connection: before the server sees the call, or after it did its work (the answer is lost). */
  readonly break?: 'before' | 'after';
  /** Called before anything else happens; the call waits for it. */
  readonly first?: () => Promise<void>;
}

interface RecordingProxyOptions {
  /** Base URL of the server behind. */
  readonly target: string;
  /** Port of 127.0.0.1; default a free one. */
  readonly port?: number;
  /** Serves HTTPS with this key and certificate (PEM); default HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Closes each connection after one answer. */
  readonly closeAfterAnswer?: boolean;
  readonly onCall?: (call: RecordedCall) => void;
}

type Note = (status: number, forwarded: boolean) => void;

/** A reverse proxy on 127.0.0.1 that counts the calls to a ZenML server and can break them on purpose. */
export class RecordingProxy {
  public static async start(options: RecordingProxyOptions): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject);
      proxy.server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    proxy.port = (proxy.server.address() as AddressInfo).port;
    return proxy;
  }

  public readonly calls: RecordedCall[] = [];
  /** Set it to interfere; undefined as result passes the call on. */
  public intervene?: (request: ProxiedRequest) => Intervention | undefined;
  private readonly server: Server;
  private readonly target: URL;
  private seen = 0;
  private port = 0;
  private opened = 0;

  private constructor(private readonly options: RecordingProxyOptions) {
    this.target = new URL(options.target);
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => { void this.handle(incoming, outgoing); };
    this.server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
    this.server.on('connection', () => { this.opened++; });
  }

  /** Also when it listens no more: what was told this address keeps it. */
  public get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** How many connections callers have opened so far. */
  public get connections(): number {
    return this.opened;
  }

  /** The calls since the last time, which are then forgotten. */
  public take(): RecordedCall[] {
    return this.calls.splice(0);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const began = Date.now();
    const [path, query] = (incoming.url ?? '/').split('?') as [string, string | undefined];
    const method = incoming.method ?? 'GET';
    const intervention = this.intervene?.({ method, path, index: this.seen++ }) ?? {};
    if (this.options.closeAfterAnswer) { outgoing.shouldKeepAlive = false; }
    const note: Note = (status, forwarded) => {
      const call = { method, path, query: query ?? '', status, forwarded, began, milliseconds: Date.now() - began };
      this.calls.push(call);
      this.options.onCall?.(call);
    };
    await intervention.first?.();
    if (intervention.break === 'before') {
      note(0, false);
      incoming.socket.destroy();
      return;
    }
    if (intervention.answer) {
      const { status, body, headers } = intervention.answer;
      note(status, false);
      incoming.resume();
      outgoing
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
      return;
    }
    this.forward(incoming, outgoing, intervention.break === 'after', note);
  }

  private forward(incoming: IncomingMessage, outgoing: ServerResponse, loseAnswer: boolean, note: Note): void {
    const onward = request({
      host: this.target.hostname,
      port: this.target.port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, host: this.target.host },
      agent: false,
    }, (answer) => {
      if (loseAnswer) {
        answer.resume().once('end', () => { note(0, true); incoming.socket.destroy(); });
        return;
      }
      // Noted when the answer is complete at the server, before the caller has its last byte: a caller that then looks
      // finds its call.
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => {
        note(answer.statusCode ?? 0, true);
        // Whether the connection stays open is between the caller and this proxy.
        const { connection: _, ...headers } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, headers).end(Buffer.concat(chunks));
      });
    });
    onward.once('error', () => { note(0, false); incoming.socket.destroy(); });
    incoming.pipe(onward);
  }
}

/** Which of the calls are logins: ZenML's costly ones. */
export function logins(calls: RecordedCall[]): number {
  return calls.filter((call) => call.path.endsWith('/login')).length;
}

/** One line per call, for people. */
export function describeCalls(calls: RecordedCall[]): string {
  return calls.map((call) => `${call.method} ${call.path} ${call.status}`).join('\n');
}
