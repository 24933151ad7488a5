import { createHash } from 'node:crypto';
import { LABEL_PREFIX } from '../../../contract/labels';
import { NameTakenError, UserError } from '../../errors';
import { LifecycleContext } from '../context';
import { record, stableJson } from '../properties';

type Values = Readonly<Record<string, unknown>>;

/** MySQL holds the labels of an object in 64 kB; what was found must leave room for others. */
const FOUND_MAX_LENGTH = 16_000;
/** Values of such keys are not copied into a label, which every user of the server sees in lists. */
const USER_INFO = /:\/\/[^\s/?#@]+@/;
const SENSITIVE = /pass(word|phrase)?|secret|token|credential|api_?key|access_?key/i;
/** Keys of ZenML's flavors that hold names of secrets, such as `secret_name_prefix` of a deployer. */
const NAMES_OF_SECRETS = /^(authentication_secret|(\w+_)?secret_name(_prefix)?)$/;

/**
 * The text of what was found, refused where it could not be kept: then the object cannot be given back, so it must not
 * be adopted.
 */
export function keepable(what: string, found: object): string {
  const text = JSON.stringify(found);
  if (text.length > FOUND_MAX_LENGTH) {
    throw new NameTakenError(
      'CZ342',
      `${what} cannot be adopted: what it is now has ${text.length} characters as JSON, and only ${FOUND_MAX_LENGTH} can be kept to give it back later; `
        + 'create a new one with another name',
    );
  }
  // The digests of what was written are no values, whatever their keys are called.
  const sensitive = sensitiveKey({ ...found, written: undefined });
  if (sensitive) {
    throw new NameTakenError(
      'CZ342',
      `${what} cannot be adopted: its configuration has a value in "${sensitive}" that could only be given back if it was copied into a label; `
        + 'move the value into a ZenML secret ({{name.key}}), or create a new one with another name',
    );
  }
  return text;
}

/**
 * The text of an adopted object before another write, with the digests of that. `found`: the description that the
 * object has.
 */
export function keepableAgain(
  context: LifecycleContext,
  what: string,
  now: object,
  found: object,
  written: Written,
): string {
  try {
    return keepable(what, { ...now, ...written });
  } catch (error) {
    if (!(error instanceof UserError)) {
      throw error;
    }
    context.warn(
      'CZ403',
      `what people have changed of ${what} since its adoption cannot be given back: ${error.message}`,
    );
    return JSON.stringify({ ...found, ...written });
  }
}

function sensitiveKey(value: unknown): string | undefined {
  for (const [key, inner] of Object.entries(record(value))) {
    const isReference =
      typeof inner === 'string' && (/^\{\{.*\}\}$/.test(inner.trim()) || NAMES_OF_SECRETS.test(key));
    if (typeof inner === 'string' && inner !== '' && (SENSITIVE.test(key) || USER_INFO.test(inner)) && !isReference) {
      return key;
    }
    const deeper = sensitiveKey(inner);
    if (deeper) { return deeper; }
  }
  return undefined;
}

/**
 * What the description of an adopted object says beside what was found: a digest of each value that the last write
 * wrote, by path.
 */
export interface Written {
  readonly written?: Readonly<Record<string, string>>;
}

/** The digests of values that a write writes. A nested object (`labels`, say) has a digest for each of its keys. */
export function digestsOf(values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(values).flatMap(([path, value]) =>
    (typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).map(([key, inner]) => [`${path}.${key}`, digest(inner)])
      : [[path, digest(value)]])));
}

/**
 * Whether a value is as the last write wrote it. The properties of the event cannot say so: after a rollback that could
 * not write they are not those that were written last.
 */
export function isAsWritten({ written }: Written, path: string, now: unknown): boolean {
  return written === undefined || written[path] === digest(now);
}

/**
 * The values as they were found, key by key. A value that is no longer as it was written has been changed by somebody
 * since, and stays. A key that is not there now was removed by the template, which writes all of them.
 */
export function restored(now: Values, found: Values, written: Written, path: string): Record<string, unknown> {
  return {
    ...found,
    ...Object.fromEntries(Object.entries(now).filter(([key, value]) => !isAsWritten(written, `${path}.${key}`, value))),
  };
}

/**
 * The labels without this resource's: those that it had overwritten come back, unless somebody has changed them since.
 */
export function restoredLabels(now: Values, found: Values, written: Written): Record<string, unknown> {
  return restored(
    Object.fromEntries(Object.entries(now).filter(([key]) => !key.startsWith(LABEL_PREFIX))),
    found,
    written,
    'labels',
  );
}

function digest(value: unknown): string {
  return createHash('sha256').update(stableJson(value ?? null)).digest('hex').slice(0, 12);
}
