import { getComponent, showComponent } from './components';
import { exists, illegal, invalidRequest, notFound, ZenMLError } from './errors';
import { Call, Stack, UUID } from './objects';
import { nameMatches, page } from './query';
import { applyPut, settingsOfRequest } from './secrets';

/** Only these types may stand more than once in a stack (0.98). */
const MANY = ['alerter', 'experiment_tracker', 'step_operator', 'sandbox'];

export function createStack(call: Call): unknown {
  const { body, tables } = call;
  if (typeof body.name !== 'string') { throw invalidRequest("('body', 'name')", 'Field required', body); }
  const components = checkComponents(call, body.components);
  checkFree(call, body.name, 'create');
  const settings = settingsOfRequest(call);
  const stack: Stack = {
    id: call.newId(),
    userId: call.user.id,
    name: body.name,
    description: (body.description as string | null | undefined) ?? '',
    components,
    ...settings,
    labels: (body.labels as Record<string, unknown> | null | undefined) ?? {},
    created: call.now(),
    updated: call.now(),
  };
  tables.stacks.set(stack.id, stack);
  return showStack(call, stack, true);
}

export function getStack(call: Pick<Call, 'tables'>, id: string): Stack {
  const stack = call.tables.stacks.get(id);
  if (!stack) { throw notFound('stack', id); }
  return stack;
}

export function listStacks(call: Call): unknown {
  const component = call.query.get('component_id');
  const rows = [...call.tables.stacks.values()].filter(row =>
    nameMatches(call.query.get('name'), row.name) && (call.query.get('id') ?? row.id) === row.id
    && (component === null || Object.values(row.components).flat().includes(component)));
  return page(call, rows, (row, hydrate) => showStack(call, row, hydrate));
}

/** `components` is a full replacement of the composition; nothing tells two writers apart. */
export function updateStack(call: Call, id: string): unknown {
  const { body } = call;
  const stack = getStack(call, id);
  if (stack.userId === null) { throw illegal('The default stack cannot be modified.'); }
  const name = (body.name as string | null | undefined) ?? stack.name;
  const components = body.components ? checkComponents(call, body.components) : stack.components;
  if (name !== stack.name) { checkFree(call, name, 'update'); }
  applyPut(call, stack, {
    name,
    components,
    description: body.description === undefined ? stack.description : body.description as string | null,
    labels: (body.labels as Record<string, unknown> | null | undefined) ?? stack.labels,
    updated: call.now(),
  });
  return showStack(call, stack, true);
}

export function deleteStack(call: Call, id: string): null {
  const stack = getStack(call, id);
  if (stack.userId === null) { throw illegal('The default stack cannot be deleted.'); }
  call.tables.stacks.delete(id);
  return null;
}

export function showStack(call: Pick<Call, 'tables'>, row: Stack, hydrate: boolean): unknown {
  const user = row.userId === null ? undefined : call.tables.users.get(row.userId);
  return {
    id: row.id,
    name: row.name,
    permission_denied: false,
    body: { created: row.created, updated: row.updated, user_id: row.userId },
    metadata: !hydrate ? null : {
      components: Object.fromEntries(Object.entries(row.components).map(([type, ids]) =>
        [type, ids.map(id => showComponent(call, getComponent(call, id), false, true))])),
      description: row.description,
      stack_spec_path: null,
      environment: row.environment,
      secrets: row.secrets,
      labels: row.labels,
    },
    resources: { user: user ? { id: user.id, name: user.name, body: {}, metadata: null, resources: null } : null },
  };
}

function checkFree(call: Call, name: string, verb: 'create' | 'update'): void {
  if ([...call.tables.stacks.values()].some(other => other.name === name)) {
    throw exists(
      `Unable to ${verb} the requested stack with name '${name}': Found another existing stack with the same name.`,
    );
  }
}

function checkComponents(call: Call, given: unknown): Record<string, string[]> {
  const lists = (given ?? {}) as Record<string, unknown>;
  const result: Record<string, string[]> = {};
  for (const [type, ids] of Object.entries(lists)) {
    for (const id of ids as unknown[]) {
      if (typeof id !== 'string' || !UUID.test(id)) {
        throw invalidRequest(`('body', 'components', '${type}')`, 'Input should be a valid UUID', id);
      }
    }
    if ((ids as string[]).length > 0) { result[type] = [...ids as string[]]; }
  }
  if (!result.orchestrator || !result.artifact_store) {
    throw invalidRequest(
      "('body', 'components')",
      'Value error, Stack must contain at least an orchestrator and artifact store.',
      given,
    );
  }
  for (const [type, ids] of Object.entries(result)) {
    if (ids.length > 1 && !MANY.includes(type)) {
      throw invalidRequest(
        "('body', 'components')",
        `Value error, Stack component type '${type}' does not support multiple components in a single stack.`,
        given,
      );
    }
  }
  const all = Object.values(result).flat();
  all.forEach(id => getComponent(call, id));
  if (new Set(all).size !== all.length) {
    throw new ZenMLError(500, {
      detail: ['RuntimeError', '(sqlite3.IntegrityError) UNIQUE constraint failed: stack_composition'],
    });
  }
  // The server files a component under its own type, whatever list it came in.
  const filed: Record<string, string[]> = {};
  for (const id of all) { (filed[getComponent(call, id).type] ??= []).push(id); }
  // Only the first one, the default of the type, keeps its place.
  return Object.fromEntries(
    Object.entries(filed).map(([type, [first, ...others]]) => [type, [first!, ...others.sort()]]),
  );
}
