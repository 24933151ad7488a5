import { createHash } from 'node:crypto';
import { fetchParameter, readServerBinding } from './bindings';
import { claimsOf, currentUserId, logIn, readInfo, Server } from './login';
import { readApiKey, ReadSecret, readText } from './secrets';
import { whileDenied } from './while-denied';
import { ServerBinding } from '../../contract/bindings';
import { isUuid } from '../../contract/physical-id';
import { Deadline } from '../cloudformation/deadline';
import { UserError } from '../errors';
import { Ports } from '../ports';
import { Redactor } from '../redaction';
import { Address, ZenmlClient } from '../zenml/client';
import { newerServerNote } from '../zenml/server-versions';

/** What a login tells; kept for the life of the process, since a login takes most of a second of the server's time. */
interface Login {
  token: string;
  readonly userId: string;
  server: Server;
  /** When the server was asked last who it is. */
  checkedAt: number;
}

/** A server to which the function is logged in. */
export interface Session {
  readonly client: ZenmlClient;
  readonly serverId: string;
  readonly userId: string;
  readonly url: string;
  /** What the log should tell about the server's release. */
  readonly note?: string;
  /** The server's release; costs a call where the login did not need it. */
  version(): Promise<string>;
}

export type LoginCache = Map<string, Login>;

/** An API key, and how to read it again. */
interface ApiKey {
  readonly apiKey: string;
  readonly readKey: () => Promise<string>;
}

/**
 * For how long the answer of `/info` is believed, in milliseconds: a server that is restored from a backup can get
 * another id.
 */
const INFO_VALID_MS = 120_000;

/**
 * For how long an address is tried at which nothing has answered as ZenML does, in milliseconds: a wrong one should
 * fail in seconds. An Update or Delete has an object there, so a server was there once.
 */
const FIRST_CONTACT_MS = { Create: 10_000, Update: 60_000, Delete: 60_000 } as const;

interface SessionRequest {
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly cache: LoginCache;
  /** Name of the SSM parameter. */
  readonly bindingName: string;
  readonly requestType: 'Create' | 'Update' | 'Delete';
  /**
   * The server of an Update's or Delete's object, which an earlier event has checked: a login token of that server need
   * not be checked again.
   */
  readonly knownServerId?: string;
  /** The URL that the event tells; compared, never used. */
  readonly expectedUrl?: string;
  /** How long to try again while AWS denies, in seconds. */
  readonly propagationSeconds: number;
  /** How long to try again while the server cannot be reached, in milliseconds. */
  readonly patienceMs?: number;
  /** Told about the client as soon as there is one, to count its calls even if the login fails. */
  readonly opened: (client: ZenmlClient) => void;
}

export async function openSession(request: SessionRequest): Promise<Session> {
  const binding = await bindingOf(request);
  const client = await clientOf(request, binding);
  const readKey = keyReader(request, binding);
  const apiKey = await readKey();
  const cacheKey = cacheKeyOf(client.address, apiKey);
  const login =
    (await knownLogin(request, client, cacheKey, binding))
    ?? (await newLogin(request, client, binding, { apiKey, readKey }));
  request.cache.set(cacheKey, login);
  request.redactor.add(login.token);
  client.authorize(login.token, async () => {
    login.token = await logIn(client, await readKey(), binding, readKey);
    request.redactor.add(login.token);
    return login.token;
  });
  return sessionOf(client, binding, login);
}

async function bindingOf(request: SessionRequest): Promise<ServerBinding> {
  const binding = await readServerBinding(request.bindingName, parameterReader(request));
  if (request.expectedUrl !== undefined && request.expectedUrl !== binding.url) {
    throw new UserError(
      'CZ332',
      `property ServerUrl is not the URL of SSM parameter ${request.bindingName}, ${binding.url}: deploy again to write both`,
    );
  }
  return binding;
}

async function clientOf(request: SessionRequest, binding: ServerBinding): Promise<ZenmlClient> {
  const { ports, deadline, redactor } = request;
  const client = new ZenmlClient({
    ports,
    deadline,
    redactor,
    address: { url: binding.url, ca: await certificates(binding, request), proxyUrl: binding.proxyUrl },
    limits: { patienceMs: request.patienceMs, firstContactMs: FIRST_CONTACT_MS[request.requestType] },
  });
  request.opened(client);
  return client;
}

/** Reads the API key anew at each call: it may have been rotated. */
function keyReader(request: SessionRequest, binding: ServerBinding): () => Promise<string> {
  const secret = secretReader(request);
  return async () => {
    const value = await readApiKey(binding, secret);
    request.redactor.add(value);
    return value;
  };
}

/**
 * Logs in, and learns which server and which account this is: from the token, where an earlier event has checked the
 * server.
 */
async function newLogin(
  request: SessionRequest,
  client: ZenmlClient,
  binding: ServerBinding,
  key: ApiKey,
): Promise<Login> {
  const { knownServerId, ports, redactor } = request;
  const checked = knownServerId === undefined ? await readInfo(client, binding) : undefined;
  const token = await logIn(client, key.apiKey, binding, key.readKey);
  redactor.add(token);
  client.authorize(token, async () => token);
  const claims = claimsOf(token);
  const server =
    checked
    ?? (knownServerId !== undefined && claims.iss === knownServerId
      ? { id: knownServerId }
      : await readInfo(client, binding));
  return {
    token,
    server,
    checkedAt: ports.clock.now(),
    userId: isUuid(claims.sub) ? claims.sub : await currentUserId(client),
  };
}

function sessionOf(client: ZenmlClient, binding: ServerBinding, login: Login): Session {
  return {
    client,
    serverId: login.server.id,
    userId: login.userId,
    url: binding.url,
    note: login.server.version === undefined ? undefined : newerServerNote(login.server.version),
    version: async () => {
      login.server = login.server.version === undefined ? await readInfo(client, binding) : login.server;
      return login.server.version!;
    },
  };
}

/** The login of an earlier event, unless the server has become another one since (restored, or made anew). */
async function knownLogin(
  { cache, ports }: SessionRequest, client: ZenmlClient, cacheKey: string, binding: ServerBinding,
): Promise<Login | undefined> {
  const login = cache.get(cacheKey);
  if (!login) { return undefined; }
  client.assumeMet();
  if (ports.clock.now() - login.checkedAt < INFO_VALID_MS) { return login; }
  const server = await readInfo(client, binding);
  if (server.id !== login.server.id) {
    cache.delete(cacheKey);
    return undefined;
  }
  login.server = server;
  login.checkedAt = ports.clock.now();
  return login;
}

export function secretReader(request: Pick<SessionRequest, 'ports' | 'deadline' | 'propagationSeconds'>): ReadSecret {
  const { ports, deadline, propagationSeconds } = request;
  return async (arn, versionId) =>
    whileDenied(ports, deadline, propagationSeconds, async () => ports.aws.getSecret(arn, versionId, deadline.signal));
}

export function parameterReader(
  request: Pick<SessionRequest, 'ports' | 'deadline' | 'propagationSeconds'>,
): (name: string) => Promise<string> {
  const { ports, deadline, propagationSeconds } = request;
  return async (name) =>
    whileDenied(ports, deadline, propagationSeconds, async () => ports.aws.getParameter(name, deadline.signal));
}

function cacheKeyOf(address: Address, apiKey: string): string {
  return createHash('sha256').update(JSON.stringify([address.url, apiKey])).digest('hex');
}

async function certificates(binding: ServerBinding, request: SessionRequest): Promise<string | undefined> {
  const { ca } = binding;
  if (!ca) { return undefined; }
  if (ca.secretId) { return readText(ca.secretId, ca.secretField, secretReader(request)); }
  return ca.parameterName
    ? fetchParameter(ca.parameterName, 'has the certificate authority of the ZenML server', parameterReader(request))
    : undefined;
}
