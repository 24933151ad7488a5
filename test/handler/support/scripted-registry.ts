import { HttpAnswer, HttpRequest, Transport, TransportError } from '../../../src/handler/ports';

export const PASSWORD = 'pw-Zq81xKd07Vv2TtRrMm9';

export type RegistryReply = { status: number; code?: string; message?: string } | TransportError | (() => void);

const ALLOWED: Record<string, { status: number; code?: string }> = {
  GET: { status: 404, code: 'MANIFEST_UNKNOWN' },
  POST: { status: 202 },
};

/**
 * A registry in memory that judges pulls (GET) and pushes (POST) as scripted; other requests go on to the transport
 * behind it.
 */
export class ScriptedRegistry {
  public readonly received: HttpRequest[] = [];
  /** By "METHOD repository"; the first of the list is used up, the last one stays. */
  public readonly replies = new Map<string, RegistryReply[]>();

  public transport(behind: Transport): Transport {
    return async (request) => {
      const { pathname } = new URL(request.url);
      return pathname.startsWith('/v2/') ? this.answer(request, pathname) : behind(request);
    };
  }

  public reply(method: 'GET' | 'POST', repository: string, ...replies: RegistryReply[]): void {
    this.replies.set(`${method} ${repository}`, replies);
  }

  /** "METHOD /path" of each request. */
  public get asked(): string[] { return this.received.map(({ method, url }) => `${method} ${new URL(url).pathname}`); }

  private answer(request: HttpRequest, path: string): HttpAnswer {
    this.received.push(request);
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(path)![1]!;
    const scripted = this.replies.get(`${request.method} ${repository}`);
    const reply = (scripted && scripted.length > 1 ? scripted.shift() : scripted?.[0]) ?? ALLOWED[request.method]!;
    if (reply instanceof TransportError) { throw reply; }
    if (typeof reply === 'function') {
      reply();
      request.signal.throwIfAborted();
      return { status: 202, headers: {}, body: '' };
    }
    const { status, code, message } = { message: '', ...reply };
    return {
      status,
      headers: { 'content-type': 'application/json' },
      body: code ? JSON.stringify({ errors: [{ code, message }] }) : '',
    };
  }
}

/** What ECR answers to a push or pull that IAM denies. */
export function denied(
  action: string,
  why: string = `because no identity-based policy allows the ${action} action`,
): RegistryReply {
  return {
    status: 403,
    code: 'DENIED',
    message: `User: arn:aws:sts::111122223333:assumed-role/access/zenml-connector is not authorized to perform: ${action} on resource: arn:aws:ecr:eu-west-1:111122223333:repository/zenml ${why}`,
  };
}
