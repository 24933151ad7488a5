import * as http from 'node:http';
import * as https from 'node:https';
import { AddressInfo, Socket } from 'node:net';

/**
 * A server on a real socket that answers like ZenML 0.98 as far as the handler asks, and misbehaves as scripted.
 * `test/zenml-model` holds the faithful model; this one is for what happens on the wire.
 */
export const SERVER_ID = '11111111-1111-4111-8111-111111111111';
export const OUR_USER = '22222222-2222-4222-8222-222222222222';
export const OTHER_USER = '33333333-3333-4333-8333-333333333333';
export const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
/** What the server tells of a role that AWS does not know everywhere yet. */
export const DENIED = 'An error occurred (AccessDenied) when calling the AssumeRole operation';
/** Built here: no file holds anything that looks like a real key. */
export const API_KEY = 'ZENKEY_' + Buffer.from('scripted-api-key-0001-with-some-length').toString('base64');

type Collection = 'service_connectors' | 'components' | 'stacks';

export interface Thing {
  id: string;
  name: string;
  userId: string;
  labels: Record<string, unknown>;
  /** Fields as a POST sends them. */
  fields: Record<string, any>;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: any;
  readonly authorization?: string;
}

interface Reply { status: number; body: unknown; headers?: Record<string, string> }

/**
 * `pass` goes on as if nothing were scripted; `commit` too, and then drops the answer. A function may do so when
 * something else is done.
 */
type Plain = Reply | 'reset' | 'hang' | 'pass' | 'commit-then-reset';
type Act = Plain | ((request: Received, response: http.ServerResponse) => void | Promise<Plain>);

interface Rule { match: RegExp; times: number; act: Act; before?: (request: Received) => void }

export class ScriptedServer {
  public readonly received: Received[] = [];
  public readonly things: Record<Collection, Map<string, Thing>> = {
    service_connectors: new Map(),
    components: new Map(),
    stacks: new Map(),
  };
  /** What its login tokens claim to be issued by; absent as with a server that is configured otherwise. */
  public issuer?: string;
  public info: Record<string, unknown> = { id: SERVER_ID, version: '0.98.0', pro_workspace_id: null };
  public keys = [API_KEY];
  public tokens = 1;
  /** Ignores every filter of lists, as a server does that does not know a parameter. */
  public ignoreFilters = false;
  public pageSize?: number;
  private readonly rules: Rule[] = [];
  private readonly server: http.Server;
  private readonly sockets = new Set<Socket>();
  private serial = 0;
  public verification: () => Reply;

  public constructor(tls?: { key: string; cert: string }) {
    this.verification = () => verifiedReply([REGISTRY]);
    const listener: http.RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.receive(request, response, Buffer.concat(chunks).toString('utf8')));
    };
    this.server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.add('components', 'default', { type: 'orchestrator', flavor: 'local', configuration: {} }, {}, OTHER_USER);
    this.add('components', 'default', { type: 'artifact_store', flavor: 'local', configuration: {} }, {}, OTHER_USER);
  }

  public async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  public async stop(): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }

  public get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next so many requests whose "METHOD /path" matches are served like this. */
  public script(match: RegExp, act: Act, times = 1, before?: (request: Received) => void): void {
    this.rules.push({ match, act, times, before });
  }

  public clearScripts(): void {
    this.rules.length = 0;
  }

  public add(
    collection: Collection,
    name: string,
    fields: Record<string, any> = {},
    labels: Record<string, unknown> = {},
    userId = OUR_USER,
  ): Thing {
    const id = `00000000-0000-4000-8000-${String(++this.serial).padStart(12, '0')}`;
    const thing = { id, name, userId, labels, fields };
    this.things[collection].set(id, thing);
    return thing;
  }

  public named(collection: Collection, name: string): Thing[] {
    return [...this.things[collection].values()].filter((thing) => thing.name === name);
  }

  public all(collection: Collection): Thing[] {
    return [...this.things[collection].values()].filter((thing) => thing.name !== 'default');
  }

  /** "METHOD /path" of each call, without the login and the info call. */
  public get work(): string[] {
    return this.received.map(({ method, path }) => `${method} ${path}`).filter((call) => !/\/(login|info)$/.test(call));
  }

  private receive(request: http.IncomingMessage, response: http.ServerResponse, text: string): void {
    const url = new URL(request.url!, 'http://x');
    const path = url.pathname.replace(/^.*?\/api\/v1/, '');
    const json = request.headers['content-type'] === 'application/json';
    const received: Received = {
      method: request.method!,
      path,
      query: url.searchParams,
      authorization: request.headers.authorization,
      body: json ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text)),
    };
    this.received.push(received);
    const rule = this.rules.find(
      (candidate) => candidate.times > 0 && candidate.match.test(`${received.method} ${path}`),
    );
    if (rule) {
      rule.times--;
    }
    rule?.before?.(received);
    const act = rule?.act ?? 'pass';
    if (typeof act !== 'function') {
      return this.reply(act, received, response);
    }
    void act(received, response)?.then((later) => this.reply(later, received, response));
  }

  private reply(act: Plain, received: Received, response: http.ServerResponse): void {
    if (act === 'hang') {
      return;
    }
    if (act === 'reset') {
      response.destroy();
      return;
    }
    const reply = typeof act === 'object' ? act : this.answer(received);
    if (act === 'commit-then-reset') {
      response.destroy();
      return;
    }
    const isText = typeof reply.body === 'string';
    response.writeHead(reply.status, { 'content-type': isText ? 'text/html' : 'application/json', ...reply.headers });
    response.end(isText ? (reply.body as string) : JSON.stringify(reply.body));
  }

  private answer({ method, path, body, query, authorization }: Received): Reply {
    if (path === '/info') {
      return { status: 200, body: this.info };
    }
    if (path === '/login') {
      return this.keys.includes(body.password)
        ? { status: 200, body: { access_token: this.token(), token_type: 'bearer', expires_in: null } }
        : error(401, 'CredentialsNotValid', `Authentication error: could not verify ${String(body.password)}`);
    }
    if (authorization !== `Bearer ${this.token()}`) {
      return error(401, 'CredentialsNotValid', 'bad token');
    }
    if (/\/verify$/.test(path)) {
      return this.verification();
    }
    const [, collection, id] = /^\/(service_connectors|components|stacks)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (!collection) {
      return error(404, 'KeyError', 'no such path');
    }
    return this.crud(method, collection as Collection, id, body, query);
  }

  private token(): string {
    const claims = Buffer.from(JSON.stringify({ sub: OUR_USER, n: this.tokens, iss: this.issuer })).toString(
      'base64url',
    );
    return `head.${claims}.sig`;
  }

  private crud(
    method: string,
    collection: Collection,
    id: string | undefined,
    body: any,
    query: URLSearchParams,
  ): Reply {
    const things = this.things[collection];
    if (!id && method === 'GET') {
      return this.list(collection, query);
    }
    if (!id) {
      const same = this.named(collection, body.name).filter(
        (thing) => collection !== 'components' || thing.fields.type === body.type,
      );
      if (same.length > 0) {
        return error(409, 'EntityExistsError', `Found an existing one with the same name ${String(body.name)}`);
      }
      const { name, labels, ...fields } = body;
      return { status: 200, body: this.show(collection, this.add(collection, name, fields, labels)) };
    }
    const thing = things.get(id);
    if (!thing) {
      return error(404, 'KeyError', 'not found');
    }
    if (method === 'PUT') {
      const taken = this.named(collection, body.name).some((other) => other.id !== id);
      if (taken) {
        return error(409, 'EntityExistsError', 'name taken');
      }
      const { name, labels, ...fields } = body;
      Object.assign(thing, { name: name ?? thing.name, labels: labels ?? thing.labels });
      Object.assign(thing.fields, fields, collection === 'components' ? { connector: fields.connector ?? null } : {});
    }
    if (method === 'DELETE') {
      const used =
        collection === 'components'
          ? [...this.things.stacks.values()].some((stack) =>
            Object.values(stack.fields.components as Record<string, string[]>)
              .flat()
              .includes(id),
          )
          : collection === 'service_connectors'
            && [...this.things.components.values()].some((component) => component.fields.connector === id);
      if (used) {
        return error(403, 'IllegalOperationError', 'is still referenced');
      }
      things.delete(id);
      return { status: 200, body: null };
    }
    return {
      status: 200,
      body: method === 'GET' ? this.hydrated(this.show(collection, thing), query) : this.show(collection, thing),
    };
  }

  /** Without `hydrate=true` the real one leaves out the metadata, and with it labels and compositions. */
  private hydrated(shown: unknown, query: URLSearchParams): unknown {
    return query.get('hydrate') === 'true' ? shown : { ...(shown as object), metadata: null };
  }

  private list(collection: Collection, query: URLSearchParams): Reply {
    let found = [...this.things[collection].values()];
    if (!this.ignoreFilters) {
      const name = query.get('name')?.replace(/^equals:/, '');
      const labels = JSON.parse(query.get('labels_str') ?? '{}') as Record<string, string>;
      found = found.filter(
        (thing) =>
          (!name || thing.name === name)
          && Object.entries(labels).every(([key, value]) => thing.labels[key] === value)
          && (!query.has('type') || thing.fields.type === query.get('type'))
          && (!query.has('connector_id') || thing.fields.connector === query.get('connector_id'))
          && (!query.has('component_id')
            || Object.values(thing.fields.components as Record<string, string[]>)
              .flat()
              .includes(query.get('component_id')!)),
      );
    }
    const size = this.pageSize ?? Number(query.get('size') ?? 20);
    const page = Number(query.get('page') ?? 1);
    const items = found
      .slice((page - 1) * size, page * size)
      .map((thing) => this.hydrated(this.show(collection, thing), query));
    const total_pages = Math.max(1, Math.ceil(found.length / size));
    return { status: 200, body: { index: page, max_size: size, total_pages, total: found.length, items } };
  }

  private show(collection: Collection, { id, name, userId, labels, fields }: Thing): unknown {
    const base = { id, name, permission_denied: false, resources: { user: { id: userId } } };
    if (collection === 'service_connectors') {
      return {
        ...base,
        body: {
          user_id: userId,
          connector_type: { connector_type: fields.connector_type ?? 'aws', name: 'AWS' },
          auth_method: fields.auth_method,
          resource_types: fields.resource_types,
          resource_id: fields.resource_id ?? null,
          description: fields.description,
        },
        // As the real one does on POST and PUT: the keys in clear.
        metadata: { configuration: fields.configuration, labels },
      };
    }
    if (collection === 'components') {
      return {
        ...base,
        body: { user_id: userId, type: fields.type, flavor_name: fields.flavor },
        metadata: {
          configuration: fields.configuration,
          labels,
          connector_resource_id: fields.connector_resource_id,
          connector: fields.connector ? { id: fields.connector, name: 'c' } : null,
        },
      };
    }
    const components = Object.fromEntries(
      Object.entries(fields.components as Record<string, string[]>).map(([type, list]) => [
        type,
        list.map((one) => ({ id: one, name: 'c', body: null, metadata: null, permission_denied: true })),
      ]),
    );
    return { ...base, body: { user_id: userId }, metadata: { components, labels, description: fields.description } };
  }
}

export function error(status: number, className: string, message: string): Reply {
  return { status, body: { detail: [className, message] } };
}

export function verifiedReply(registries: string[], text: string | null = null): Reply {
  return {
    status: 200,
    body: {
      error: text,
      resources: [{ resource_type: 'docker-registry', resource_ids: text ? null : registries, error: text }],
    },
  };
}
