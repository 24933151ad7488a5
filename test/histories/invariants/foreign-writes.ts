import { PRODUCTION } from '../app';
import { AsLeft } from './as-left';
import { differing, fieldsOf, Known } from './rows';

/** ZenML takes several of these in one stack. */
const MANY = ['alerter', 'experiment_tracker', 'step_operator', 'sandbox'];

/** What decides whether the library's accounts may change what is not theirs. */
export interface Permissions {
  /** Somebody asked to take the library's objects out of stacks and components of others. */
  readonly detach: boolean;
  /** Some resource has been told to take the object over. */
  adopts(row: Known): boolean;
  isOurs(objectId: string): boolean;
}

interface ForeignWrite {
  readonly was: Known;
  readonly is: Known | undefined;
  /**
   * Whether the owner has changed it since, or shortly before, the handler's request was sent: nothing in ZenML could
   * tell.
   */
  readonly race: boolean;
}

/** What is wrong with a write of the handler to an object of somebody else; undefined: nothing. */
export function objection({ was, is, race }: ForeignWrite, permissions: Permissions, left: AsLeft): string | undefined {
  if (!is) { return 'deleted'; }
  if (was.kind === 'connector') { return 'changed'; }
  if (permissions.adopts(was)) { return undefined; }
  const fields = differing(fieldsOf(was), fieldsOf(is));
  const wrong = fields.filter(
    (field) =>
      !(was.kind === 'stack' ? mayCompose(was, is, field, permissions) : mayDisconnect(was, is, field, permissions)),
  );
  if (wrong.length === 0) { return undefined; }
  if (race && wrong.every(field => field.startsWith('components.'))) {
    wrong.forEach(field => left.accept(is, field));
    return undefined;
  }
  return `changed (${wrong.join(', ')})`;
}

/** The library's component comes into the production stack, and goes from others where that was allowed. */
function mayCompose(was: Known, is: Known, field: string, permissions: Permissions): boolean {
  const [, type] = /^components\.(.+)$/.exec(field) ?? [];
  if (type === undefined) { return false; }
  const before = was.components![type] ?? [];
  const after = is.components![type] ?? [];
  const theirs = (ids: readonly string[]) => ids.filter(id => !permissions.isOurs(id)).join();
  if (was.name === PRODUCTION) {
    if (!MANY.includes(type)) { return true; }
    const [usual] = before;
    const staysDefault = usual === undefined || permissions.isOurs(usual) || after[0] === usual;
    return staysDefault && theirs(before) === theirs(after);
  }
  return permissions.detach && theirs(before) === theirs(after) && after.every(id => before.includes(id));
}

/** The library's connector goes from a component of somebody else, where that was allowed. */
function mayDisconnect(was: Known, is: Known, field: string, permissions: Permissions): boolean {
  const { connector } = JSON.parse(was.text) as { connector: string | null };
  return (
    permissions.detach
    && ['connector', 'connectorResourceId'].includes(field)
    && connector !== null
    && permissions.isOurs(connector)
    && fieldsOf(is).get('connector') === 'null'
  );
}
