import { UserError } from '../errors';

/*
 * Everything in which the handler treats releases of the ZenML server differently, each with the release that begins
 * with it. What merely has another place in an answer is in the schemas of `objects.ts`. `npm run test:servers` tests
 * each release, and docs/compatibility.md has its table.
 */

/** Older servers have other paths. */
export const OLDEST_SUPPORTED = '0.80.0';

/** The newest release that the tests know. A newer one is used like this one. */
export const NEWEST_TESTED = '0.98.0';

/** API keys of an organization of ZenML Pro; an older server refuses them as it refuses a wrong key. */
const ORGANIZATION_KEYS_SINCE = '0.91.1';

/**
 * Types of stack components that 0.80 does not have; an older server refuses them with HTTP 422 and the whole list of
 * its types.
 */
const COMPONENT_TYPES_SINCE: Readonly<Record<string, string>> = {
  deployer: '0.90.0',
  log_store: '0.93.0',
  sandbox: '0.95.0',
};

/** Types of which a ZenML stack takes several components (`supports_multiple_per_stack` in ZenML's enums.py). */
const SEVERAL_PER_STACK_SINCE: Readonly<Record<string, string>> = {
  alerter: '0.94.3',
  experiment_tracker: '0.94.3',
  sandbox: '0.95.0',
  step_operator: '0.94.3',
};

/** Environment variables and secrets of components and stacks; an older server ignores them without a word. */
const RUNTIME_SETTINGS_SINCE = '0.90.0';

export const REPEATABLE_TYPES: readonly string[] = Object.keys(SEVERAL_PER_STACK_SINCE);

/** A server whose release is needed only where a template uses something that not all releases have. */
interface VersionedServer {
  readonly url: string;
  /** The server's release; costs a call where the server has not told it yet. */
  version(): Promise<string>;
}

/**
 * The three numbers of a release; undefined where the text has none. What follows them (`rc1`, `.dev20260101`) does not
 * count.
 */
function numbersOf(version: string): readonly number[] | undefined {
  return /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
}

/** The release as messages and logs name it: nothing of the server's text but its numbers. */
function named(version: string): string {
  return `ZenML ${numbersOf(version)?.join('.') ?? ''}`;
}

/** Compares number by number, so that 0.100.0 and 1.0.0 are newer than 0.98.0. */
function isOlder(version: string, than: string): boolean {
  const [left, right] = [numbersOf(version) ?? [], numbersOf(than) ?? []];
  const at = right.findIndex((number, place) => number !== left[place]);
  return at >= 0 && left[at]! < right[at]!;
}

/** Throws for a server that is no ZenML server, or one that is too old. */
export function requireSupportedVersion(version: string, url: string): void {
  if (!numbersOf(version)) {
    throw new UserError(
      'CZ304',
      `ZenML at ${url} did not report a valid version: check that the URL is a ZenML server's`,
    );
  }
  if (isOlder(version, OLDEST_SUPPORTED)) {
    throw new UserError(
      'CZ307',
      `${named(version)} at ${url} is too old: upgrade the server to ${OLDEST_SUPPORTED} or newer`,
    );
  }
}

/** A note for the log about a server that is newer than all that the tests know. */
export function newerServerNote(version: string): string | undefined {
  return isOlder(NEWEST_TESTED, version)
    ? `${named(version)} is newer than ${NEWEST_TESTED}, the newest release that this version of the library was tested with`
    : undefined;
}

/** What is wrong with an API key at a server of this release, beside that the server refuses it. */
export function tooOldForApiKey(apiKey: string, version: string): string | undefined {
  return apiKey.startsWith('ZENPROKEY_') && isOlder(version, ORGANIZATION_KEYS_SINCE)
    ? `${named(version)} does not accept API keys of a ZenML Pro organization, ZenML ${ORGANIZATION_KEYS_SINCE} and newer do: `
        + 'store an API key of the workspace, or upgrade the server'
    : undefined;
}

/** Throws where the server does not have the type of component yet. */
export async function requireComponentType(server: VersionedServer, type: string): Promise<void> {
  const since = valueOf(COMPONENT_TYPES_SINCE, type);
  if (since === undefined) { return; }
  const version = await server.version();
  if (!isOlder(version, since)) { return; }
  throw new UserError(
    'CZ307',
    `${named(version)} at ${server.url} does not have components of type ${type}, ZenML ${since} and newer do: `
      + 'upgrade the server, or remove the component from the template',
  );
}

/** Throws where a stack of this server does not take so many components of a type. */
export async function requireSeveralPerStack(
  server: VersionedServer,
  components: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [type, ids] of Object.entries(components)) {
    const since = valueOf(SEVERAL_PER_STACK_SINCE, type);
    if (since === undefined || ids.length < 2) {
      continue;
    }
    const version = await server.version();
    if (isOlder(version, since)) {
      throw new UserError(
        'CZ307',
        `${named(version)} at ${server.url} takes one ${type} per stack, ZenML ${since} and newer take several: `
          + `upgrade the server, or use one ${type} in this stack`,
      );
    }
  }
}

/** Throws where components and stacks of this server have no environment variables and secrets. */
export async function requireRuntimeSettings(server: VersionedServer): Promise<void> {
  const version = await server.version();
  if (!isOlder(version, RUNTIME_SETTINGS_SINCE)) { return; }
  throw new UserError(
    'CZ307',
    `${named(version)} at ${server.url} has no environment variables and secrets of components and stacks, `
      + `ZenML ${RUNTIME_SETTINGS_SINCE} and newer do: upgrade the server, or remove \`environment\` and \`secrets\``,
  );
}

function valueOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
