import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { fetchParameter, readServerBinding } from './bindings';
import { readApiKey, ReadSecret, readText } from './secrets';
import { whileDenied } from './while-denied';
import { ServerBinding } from '../../contract/bindings';
import { isUuid } from '../../contract/physical-id';
import { Deadline } from '../cloudformation/deadline';
import { UnreachableError, UserError, ZenmlError } from '../errors';
import { Ports } from '../ports';
import { Redactor } from '../redaction';
import { LOGIN_TIMEOUT_MS } from '../zenml/call';
import { Address, ZenmlClient } from '../zenml/client';
import { optional, Uuid } from '../zenml/objects';
import { newerServerNote, requireSupportedVersion, tooOldForApiKey } from '../zenml/server-versions';

/** What a login told us; kept for the life of the process, since a login takes most of a second of the server's time. */
interface Login {
  token: string;
  readonly userId: string;
  server: Server;
  /** When the server was asked last who it is. */
  checkedAt: number;
}

interface Server {
  /** `/info.id`: the same however the server is reached. */
  readonly id: string;
  /** Unknown where a login token has told the id. */
  readonly version?: string;
}

/** A server that we are logged in to. */
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

/** For how long the answer of `/info` is believed, in milliseconds: a server that is restored from a backup can get another id. */
const INFO_VALID_MS = 120_000;

/**
 * For how long an address is tried at which nothing has answered as ZenML does, in milliseconds: a wrong one should fail in seconds. An Update or
 * Delete has an object there, so a server was there once.
 */
const FIRST_CONTACT_MS = { Create: 10_000, Update: 60_000, Delete: 60_000 } as const;

const InfoSchema = v.object({ id: Uuid, version: v.string(), pro_workspace_id: optional(v.string()) });
const LoginSchema = v.object({ access_token: v.pipe(v.string(), v.minLength(1)) });
const CurrentUserSchema = v.object({ id: Uuid });

interface SessionRequest {
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly cache: LoginCache;
  /** Name of the SSM parameter. */
  readonly bindingName: string;
  readonly requestType: 'Create' | 'Update' | 'Delete';
  /** The server of an Update's or Delete's object, which an earlier event has checked: a login token of that server need not be checked again. */
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
  const { ports, deadline, redactor, cache } = request;
  const secret = secretReader(request);
  const binding = await readServerBinding(request.bindingName, parameterReader(request));
  if (request.expectedUrl !== undefined && request.expectedUrl !== binding.url) {
    throw new UserError(`property ServerUrl is not the URL of SSM parameter ${request.bindingName}, ${binding.url}: deploy again to write both`);
  }
  const address = { url: binding.url, ca: await certificates(binding, request), proxyUrl: binding.proxyUrl };
  const key = async () => {
    const value = await readApiKey(binding, secret);
    redactor.add(value);
    return value;
  };
  const limits = { patienceMs: request.patienceMs, firstContactMs: FIRST_CONTACT_MS[request.requestType] };
  const client = new ZenmlClient({ ports, deadline, redactor, address, limits });
  request.opened(client);

  const apiKey = await key();
  const cacheKey = cacheKeyOf(address, apiKey);
  let login = await knownLogin(request, client, cacheKey, binding);
  if (!login) {
    const { knownServerId } = request;
    const checked = knownServerId === undefined ? await readInfo(client, binding) : undefined;
    const token = await logIn(client, apiKey, binding, key);
    redactor.add(token);
    client.authorize(token, async () => token);
    const claims = claimsOf(token);
    const server = checked ?? (knownServerId !== undefined && claims.iss === knownServerId ? { id: knownServerId } : await readInfo(client, binding));
    login = { token, server, checkedAt: ports.clock.now(), userId: isUuid(claims.sub) ? claims.sub : await currentUserId(client) };
    cache.set(cacheKey, login);
  }
  const current = login;
  redactor.add(current.token);
  client.authorize(current.token, async () => {
    current.token = await logIn(client, await key(), binding, key);
    redactor.add(current.token);
    return current.token;
  });
  const version = async () => {
    current.server = current.server.version === undefined ? await readInfo(client, binding) : current.server;
    return current.server.version!;
  };
  const note = current.server.version === undefined ? undefined : newerServerNote(current.server.version);
  return { client, serverId: current.server.id, userId: current.userId, url: binding.url, version, note };
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

export function parameterReader(request: Pick<SessionRequest, 'ports' | 'deadline' | 'propagationSeconds'>): (name: string) => Promise<string> {
  const { ports, deadline, propagationSeconds } = request;
  return async (name) => whileDenied(ports, deadline, propagationSeconds, async () => ports.aws.getParameter(name, deadline.signal));
}

function cacheKeyOf(address: Address, apiKey: string): string {
  return createHash('sha256').update(JSON.stringify([address.url, apiKey])).digest('hex');
}

async function certificates(binding: ServerBinding, request: SessionRequest): Promise<string | undefined> {
  const { ca } = binding;
  if (!ca) { return undefined; }
  if (ca.secretId) { return readText(ca.secretId, ca.secretField, secretReader(request)); }
  return ca.parameterName ? fetchParameter(ca.parameterName, 'has the certificate authority of the ZenML server', parameterReader(request)) : undefined;
}

/** Logs in; a refused key is read again once, since it may have been rotated between the two. */
async function logIn(client: ZenmlClient, apiKey: string, binding: ServerBinding, again: () => Promise<string>): Promise<string> {
  const attempt = async (password: string) => (await client.call({
    method: 'POST', path: '/login', form: { password }, anonymous: true, secret: true, timeoutMs: LOGIN_TIMEOUT_MS, schema: LoginSchema,
  })).access_token;
  try {
    return await attempt(apiKey);
  } catch (error) {
    if (!isRefusal(error, apiKey)) { throw error; }
  }
  try {
    return await attempt(await again());
  } catch (error) {
    if (!isRefusal(error, apiKey)) { throw error; }
    const tooOld = tooOldForApiKey(apiKey, (await readInfo(client, binding)).version!);
    throw new UnreachableError(`ZenML at ${binding.url} refuses the API key in secret ${binding.secretId} (HTTP ${error.status}): `
      + `${tooOld ?? 'store a valid key of an active service account there'}, then deploy again`);
  }
}

/** A server that is not of ZenML Pro answers a key of an organization with HTTP 500 (0.91.2 to 0.98.0). */
function isRefusal(error: unknown, apiKey: string): error is ZenmlError {
  if (!(error instanceof ZenmlError) || error.foreign) { return false; }
  return error.status === 401 || error.status === 403 || (error.status === 500 && error.fromZenml && apiKey.startsWith('ZENPROKEY_'));
}

/** Reads which server this is, and checks that it is the one of the binding. */
async function readInfo(client: ZenmlClient, binding: ServerBinding): Promise<Server> {
  const info = await client.call({ method: 'GET', path: '/info', anonymous: true, schema: InfoSchema });
  checkServer({ version: info.version, workspaceId: info.pro_workspace_id ?? undefined }, binding);
  return { id: info.id, version: info.version };
}

/**
 * The claims of the login token, which is a JWT: `sub` is the account's UUID, `iss` the server's id (both can be set otherwise). A token of another form
 * has none, and costs a call more.
 */
function claimsOf(token: string): { readonly sub?: unknown; readonly iss?: unknown } {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {}) as { sub?: unknown; iss?: unknown };
  } catch {
    return {};
  }
}

async function currentUserId(client: ZenmlClient): Promise<string> {
  return (await client.call({ method: 'GET', path: '/current-user', schema: CurrentUserSchema })).id;
}

function checkServer(server: { readonly version: string; readonly workspaceId?: string }, binding: ServerBinding): void {
  requireSupportedVersion(server.version, binding.url);
  if (binding.workspaceId && binding.workspaceId !== server.workspaceId) {
    throw new UserError(`ZenML at ${binding.url} is ${server.workspaceId ? `workspace ${oneWord(server.workspaceId)}` : 'not a ZenML Pro workspace'}, `
      + `not workspace ${binding.workspaceId}: correct the URL or the workspace id`);
  }
}

function oneWord(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '').slice(0, 64);
}
