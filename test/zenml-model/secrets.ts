import { exists, notFound, ZenMLError } from './errors';
import { Call, RuntimeSettings, Secret, UUID } from './objects';
import { nameMatches, page } from './query';

export function createSecret(call: Call): unknown {
  const { body, tables } = call;
  const name = body.name as string;
  const isPrivate = (body.private as boolean | undefined) ?? false;
  if ([...tables.secrets.values()].some((other) => other.name === name && other.private === isPrivate)) {
    throw exists(`Unable to create the requested secret with name '${name}': Found another existing secret.`);
  }
  const secret: Secret = {
    id: call.newId(),
    userId: call.user.id,
    name,
    private: isPrivate,
    values: body.values as Record<string, string>,
    created: call.now(),
    updated: call.now(),
  };
  tables.secrets.set(secret.id, secret);
  return showSecret(call, secret, true);
}

export function listSecrets(call: Call): unknown {
  const rows = [...call.tables.secrets.values()].filter(
    (row) => nameMatches(call.query.get('name'), row.name) && isVisible(call, row),
  );
  return page(call, rows, (row, hydrate) => showSecret(call, row, hydrate));
}

export function deleteSecret(call: Call, id: string): null {
  if (!call.tables.secrets.delete(id)) { throw notFound('secret', id); }
  for (const row of [...call.tables.components.values(), ...call.tables.stacks.values()]) {
    row.secrets = row.secrets.filter((secret) => secret !== id);
  }
  return null;
}

/** The settings of a new row. ZenML takes secrets by name or UUID. */
export function settingsOfRequest(call: Call): RuntimeSettings {
  const { environment, secrets } = call.body as { environment?: Record<string, string>; secrets?: string[] };
  return {
    environment: environment ?? {},
    secrets: [...new Set((secrets ?? []).map((one) => visible(call, one).id))],
  };
}

/**
 * Applies a PUT to a row. `change` writes the rest of it. A secret that the row has already makes ZenML roll back what
 * the PUT has written until then, and go on.
 */
export function applyPut<R extends RuntimeSettings>(call: Call, row: R, change: Partial<R>): void {
  const { environment, add_secrets, remove_secrets } = call.body as {
    environment?: Record<string, string> | null; add_secrets?: string[] | null; remove_secrets?: string[] | null;
  };
  let pending: Partial<R> = {
    ...change,
    ...(environment !== undefined && { environment: environment ?? {} }),
  };
  for (const one of add_secrets ?? []) {
    const { id } = visible(call, one);
    if (row.secrets.includes(id)) {
      pending = {};
    } else {
      Object.assign(row, pending);
      row.secrets = [...row.secrets, id];
      pending = {};
    }
  }
  for (const one of remove_secrets ?? []) {
    const { id } = visible(call, one);
    row.secrets = row.secrets.filter((secret) => secret !== id);
  }
  Object.assign(row, pending);
}

function visible(call: Call, nameOrId: string): Secret {
  const found = UUID.test(nameOrId)
    ? call.tables.secrets.get(nameOrId)
    : [...call.tables.secrets.values()].find(({ name }) => name === nameOrId);
  if (!found || !isVisible(call, found)) {
    throw new ZenMLError(404, { detail: ['KeyError', `"Unable to get secret with name or ID '${nameOrId}'"`] });
  }
  return found;
}

function isVisible(call: Call, secret: Secret): boolean {
  return !secret.private || secret.userId === call.user.id;
}

function showSecret(call: Pick<Call, 'tables'>, row: Secret, hydrate: boolean): unknown {
  const user = call.tables.users.get(row.userId);
  // A list shows no values.
  const shown = hydrate ? row.values : {};
  return {
    id: row.id,
    name: row.name,
    permission_denied: false,
    body: {
      created: row.created, updated: row.updated, user_id: row.userId, private: row.private, values: shown,
    },
    metadata: hydrate ? {} : null,
    resources: { user: user ? { id: user.id, name: user.name, body: {}, metadata: null, resources: null } : null },
  };
}
