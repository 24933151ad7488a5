import * as v from 'valibot';
import { ServerBinding } from '../../contract/bindings';
import { UnreachableError, UserError, ZenmlError } from '../errors';
import { LOGIN_TIMEOUT_MS } from '../zenml/call';
import { ZenmlClient } from '../zenml/client';
import { optional, Uuid } from '../zenml/objects';
import { requireSupportedVersion, tooOldForApiKey } from '../zenml/server-versions';

export interface Server {
  /** `/info.id`: the same however the server is reached. */
  readonly id: string;
  /** Unknown where a login token has told the id. */
  readonly version?: string;
}

const InfoSchema = v.object({ id: Uuid, version: v.string(), pro_workspace_id: optional(v.string()) });
const LoginSchema = v.object({ access_token: v.pipe(v.string(), v.minLength(1)) });
const CurrentUserSchema = v.object({ id: Uuid });

/** Logs in; a refused key is read again once, since it may have been rotated between the two. */
export async function logIn(
  client: ZenmlClient,
  apiKey: string,
  binding: ServerBinding,
  again: () => Promise<string>,
): Promise<string> {
  const attempt = async (password: string) =>
    (
      await client.call({
        method: 'POST',
        path: '/login',
        form: { password },
        anonymous: true,
        secret: true,
        timeoutMs: LOGIN_TIMEOUT_MS,
        schema: LoginSchema,
      })
    ).access_token;
  try {
    return await attempt(apiKey);
  } catch (error) {
    if (!isRefusal(error, apiKey)) {
      throw error;
    }
  }
  try {
    return await attempt(await again());
  } catch (error) {
    if (!isRefusal(error, apiKey)) {
      throw error;
    }
    const tooOld = tooOldForApiKey(apiKey, (await readInfo(client, binding)).version!);
    throw new UnreachableError(
      'CZ305', `ZenML at ${binding.url} refuses the API key in secret ${binding.secretId} (HTTP ${error.status}): `
        + `${tooOld ?? 'store a valid key of an active service account there'}, then deploy again`,
    );
  }
}

/** A server that is not of ZenML Pro answers a key of an organization with HTTP 500 (0.91.2 to 0.98.0). */
function isRefusal(error: unknown, apiKey: string): error is ZenmlError {
  if (!(error instanceof ZenmlError) || error.foreign) { return false; }
  return (
    error.status === 401
    || error.status === 403
    || (error.status === 500 && error.fromZenml && apiKey.startsWith('ZENPROKEY_'))
  );
}

/** Reads which server this is, and checks that it is the one of the binding. */
export async function readInfo(client: ZenmlClient, binding: ServerBinding): Promise<Server> {
  const info = await client.call({ method: 'GET', path: '/info', anonymous: true, schema: InfoSchema });
  checkServer({ version: info.version, workspaceId: info.pro_workspace_id ?? undefined }, binding);
  return { id: info.id, version: info.version };
}

/**
 * The claims of the login token, which is a JWT: `sub` is the account's UUID, `iss` the server's id (both can be set
 * otherwise). A token of another form has none, and costs a call more.
 */
export function claimsOf(token: string): { readonly sub?: unknown; readonly iss?: unknown } {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) ?? {}) as {
      sub?: unknown;
      iss?: unknown;
    };
  } catch {
    return {};
  }
}

export async function currentUserId(client: ZenmlClient): Promise<string> {
  return (await client.call({ method: 'GET', path: '/current-user', schema: CurrentUserSchema })).id;
}

function checkServer(
  server: { readonly version: string; readonly workspaceId?: string },
  binding: ServerBinding,
): void {
  requireSupportedVersion(server.version, binding.url);
  if (binding.workspaceId && binding.workspaceId !== server.workspaceId) {
    throw new UserError(
      'CZ306',
      `ZenML at ${binding.url} is ${server.workspaceId ? `workspace ${oneWord(server.workspaceId)}` : 'not a ZenML Pro workspace'}, `
        + `not workspace ${binding.workspaceId}: correct the URL or the workspace id`,
    );
  }
}

function oneWord(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/g, '').slice(0, 64);
}
