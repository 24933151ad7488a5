import {
  createComponent,
  deleteComponent,
  getComponent,
  listComponents,
  showComponent,
  updateComponent,
} from './components';
import {
  createConnector,
  deleteConnector,
  dockerCredentials,
  getConnector,
  listConnectors,
  showConnector,
  updateConnector,
  verifyConnector,
} from './connectors';
import { credentialsNotValid, invalidRequest, notPermitted, ZenMLError } from './errors';
import { FaultPlan } from './faults';
import { Call, Component, Tables, User, UUID } from './objects';
import { Random } from './random';
import { ReadReplica } from './replica';
import { createSecret, deleteSecret, listSecrets } from './secrets';
import { createStack, deleteStack, getStack, listStacks, showStack, updateStack } from './stacks';

export interface ZenMLRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

interface ZenMLResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface ModelServerOptions {
  readonly random?: Random;
  readonly version?: string;
  readonly workspaceId?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** What AWS says to the credentials of a connector: the registry's host, or an error with AWS's text. */
  readonly aws?: (configuration: Readonly<Record<string, unknown>>, method: string, connectorId?: string) => string;
}

/**
 * ZenML 0.98's REST API as far as the handler uses it, in memory. Differences from a real server are found by
 * `conformance.ts`.
 */
export class ModelServer {
  /** What `/info` tells. */
  public id: string;
  public readonly faults = new FaultPlan();
  public readonly tables: Tables = {
    connectors: new Map(),
    components: new Map(),
    stacks: new Map(),
    secrets: new Map(),
    users: new Map(),
  };
  public version: string;
  public workspaceId: string | null;
  /** `method path` of each request, without queries. */
  public readonly calls: string[] = [];
  /** Objects that an account may not see (RBAC): user id -> object ids. */
  public readonly hidden = new Map<string, Set<string>>();
  /** Called after each request that changed something, with who asked. */
  public onChange?: (user: User, method: string, path: string) => void;
  /** Called before each request of a client. */
  public onRequest?: (method: string, path: string) => void;
  /** When the client sent the request that is being served; absent: now. */
  public sentAt?: number;

  private readonly random: Random;
  private readonly keys = new Map<string, User>();
  private readonly tokens = new Map<string, User>();
  private readonly clock: () => number;
  private readonly replica: ReadReplica;
  private last = 0;

  public constructor(private readonly options: ModelServerOptions = {}) {
    this.random = options.random ?? new Random(1);
    this.clock = options.now ?? Date.now;
    this.replica = new ReadReplica(this.tables, this.clock);
    this.id = this.random.uuid();
    this.version = options.version ?? '0.98.0';
    this.workspaceId = options.workspaceId ?? null;
    this.addDefaults();
  }

  /**
   * Another installation at the same address: everything is gone, users and keys included; the id stays where the
   * database's settings were kept.
   */
  public remake(newId: boolean): void {
    Object.values(this.tables).forEach((table: Map<string, unknown>) => table.clear());
    this.keys.clear();
    this.tokens.clear();
    this.hidden.clear();
    if (newId) {
      this.id = this.random.uuid();
    }
    this.addDefaults();
  }

  /** From now on GETs answer from a copy that is so much behind; 0: no longer. */
  public lag(milliseconds: number): void {
    this.replica.lag(milliseconds);
  }

  private addDefaults(): void {
    const ids = (['orchestrator', 'artifact_store', 'deployer'] as const).map(
      (type) => [type, this.addDefault(type)] as const,
    );
    const id = this.random.uuid();
    this.tables.stacks.set(id, {
      id,
      userId: null,
      name: 'default',
      description: '',
      labels: {},
      environment: {},
      secrets: [],
      created: this.now(),
      updated: this.now(),
      components: Object.fromEntries(ids.map(([type, component]) => [type, [component]])),
    });
  }

  public addUser(name: string): User {
    const user = { id: this.random.uuid(), name };
    this.tables.users.set(user.id, user);
    return user;
  }

  /** The key's text is put together at run time only: it looks like a real one. */
  public addApiKey(user: User, secret: string = this.random.hex(32)): string {
    const key = `ZENKEY_${Buffer.from(JSON.stringify({ id: this.random.uuid(), key: secret })).toString('base64')}`;
    this.keys.set(key, user);
    return key;
  }

  public revokeApiKey(key: string): void {
    this.keys.delete(key);
  }

  /** Every login of before is void, as after a change of the server's secret. */
  public expireTokens(): void {
    this.tokens.clear();
  }

  public request(request: ZenMLRequest): ZenMLResponse {
    const url = new URL(request.path, 'http://zenml');
    this.calls.push(`${request.method} ${url.pathname}`);
    this.onRequest?.(request.method, request.path);
    try {
      return json(200, this.route(request, url));
    } catch (error) {
      if (error instanceof ZenMLError) {
        return json(error.status, error.body);
      }
      throw error;
    }
  }

  /** A request as this user, for what people do beside the handler. Throws on anything but success. */
  public as(user: User, method: string, path: string, body?: unknown): Record<string, unknown> {
    const response = this.perform(
      user,
      method,
      new URL(path, 'http://zenml'),
      body === undefined ? {} : (body as Record<string, unknown>),
    );
    return response as Record<string, unknown>;
  }

  private route(request: ZenMLRequest, url: URL): unknown {
    if (url.pathname === '/health') {
      return 'ok';
    }
    if (url.pathname === '/api/v1/info') {
      return this.info();
    }
    if (url.pathname === '/api/v1/login' && request.method === 'POST') {
      return this.login(request);
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token) {
      throw new ZenMLError(401, { detail: 'Not authenticated' });
    }
    const user = this.tokens.get(token) ?? this.keys.get(token);
    if (!user) {
      throw credentialsNotValid('Authentication error: error decoding access token: Invalid JWT token.');
    }
    let body: Record<string, unknown> = {};
    if (request.body) {
      try {
        body = JSON.parse(request.body) as Record<string, unknown>;
      } catch {
        throw invalidRequest("('body', 0)", 'JSON decode error', request.body);
      }
    }
    return this.perform(user, request.method, url, body);
  }

  private perform(user: User, method: string, url: URL, body: Record<string, unknown>): unknown {
    const match =
      /^\/api\/v1\/(service_connectors|components|stacks|secrets|current-user)(?:\/([^/]+))?(\/verify|\/client)?$/.exec(
        url.pathname,
      );
    if (!match) {
      throw new ZenMLError(404, { detail: 'Not Found' });
    }
    const [, kind, id, part] = match;
    if (kind === 'current-user') {
      return { id: user.id, name: user.name, body: { is_service_account: true } };
    }
    const hidden = this.hidden.get(user.id);
    const call: Call = {
      tables: method === 'GET' ? this.replica.tables() : this.tables,
      user,
      query: url.searchParams,
      body,
      now: () => this.now(),
      newId: () => this.random.uuid(),
      visible: (object) => !hidden?.has(object),
      verifyWithAws:
        this.options.aws
        ?? (() => {
          throw new Error('no AWS here');
        }),
    };
    if (kind === 'service_connectors' && method === 'POST' && id === 'verify') {
      return verifyConnector(call);
    }
    if (id !== undefined && !UUID.test(id)) {
      throw invalidRequest("('path', 'id')", 'Input should be a valid UUID', id);
    }
    if (id !== undefined && hidden?.has(id)) {
      throw notPermitted('Insufficient permissions');
    }
    if (kind === 'service_connectors' && method === 'PUT' && part === '/verify') {
      return verifyConnector(call, id);
    }
    if (kind === 'service_connectors' && method === 'GET' && part === '/client') {
      return dockerCredentials(call, id!);
    }
    const result = OPERATIONS[kind!]![`${method}${id === undefined ? '' : ' id'}`]?.(call, id!);
    if (result === undefined) {
      throw new ZenMLError(405, { detail: 'Method Not Allowed' });
    }
    if (method !== 'GET') {
      this.replica.note();
      this.onChange?.(user, method, url.pathname);
    }
    return result;
  }

  private login(request: ZenMLRequest): unknown {
    const key = new URLSearchParams(request.body ?? '').get('password')?.trim();
    if (!key) {
      throw new ZenMLError(400, { detail: 'Invalid request: username is required.' });
    }
    const user = this.keys.get(key);
    if (!user) {
      throw credentialsNotValid('Authentication error: error decoding API key');
    }
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user.id, iss: this.id, aud: this.id })}.${this.random.hex(43)}`;
    this.tokens.set(token, user);
    return {
      access_token: token,
      token_type: 'bearer',
      expires_in: null,
      refresh_token: null,
      csrf_token: null,
      scope: null,
      device_id: null,
    };
  }

  private info(): unknown {
    return {
      id: this.id,
      name: 'default',
      version: this.version,
      active: true,
      debug: false,
      deployment_type: 'other',
      auth_scheme: 'OAUTH2_PASSWORD_BEARER',
      server_url: '',
      dashboard_url: '',
      pro_dashboard_url: null,
      pro_workspace_id: this.workspaceId,
      pro_workspace_name: null,
    };
  }

  /** Strictly increasing, so that "sorted by creation" means one order only. */
  private now(): string {
    this.last = Math.max(this.last + 1, this.clock() * 1000);
    return `${new Date(Math.floor(this.last / 1000)).toISOString().slice(0, -1)}${String(this.last % 1000).padStart(3, '0')}`;
  }

  private addDefault(type: string): string {
    const id = this.random.uuid();
    const component: Component = {
      id,
      userId: null,
      type,
      flavor: 'local',
      name: 'default',
      configuration: {},
      labels: null,
      environment: {},
      secrets: [],
      connector: null,
      connectorResourceId: null,
      created: this.now(),
      updated: this.now(),
    };
    this.tables.components.set(id, component);
    return id;
  }
}

type Operation = (call: Call, id: string) => unknown;
const OPERATIONS: Record<string, Record<string, Operation>> = {
  service_connectors: {
    'POST': createConnector,
    'GET': listConnectors,
    'GET id': (call, id) =>
      showConnector(
        call,
        getConnector(call, id),
        call.query.get('hydrate') !== 'false',
        call.query.get('expand_secrets') !== 'false',
      ),
    'PUT id': updateConnector,
    'DELETE id': deleteConnector,
  },
  components: {
    'POST': createComponent,
    'GET': listComponents,
    'GET id': (call, id) => showComponent(call, getComponent(call, id), call.query.get('hydrate') !== 'false'),
    'PUT id': updateComponent,
    'DELETE id': deleteComponent,
  },
  stacks: {
    'POST': createStack,
    'GET': listStacks,
    'GET id': (call, id) => showStack(call, getStack(call, id), call.query.get('hydrate') !== 'false'),
    'PUT id': updateStack,
    'DELETE id': deleteStack,
  },
  secrets: {
    'POST': createSecret,
    'GET': listSecrets,
    'DELETE id': deleteSecret,
  },
};

function json(status: number, body: unknown): ZenMLResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
