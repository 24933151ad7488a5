import { LABEL_PREFIX } from '../../../contract/labels';
import { UserError } from '../../errors';
import { record, stableJson } from '../properties';

type Values = Readonly<Record<string, unknown>>;

/** MySQL holds the labels of an object in 64 kB; what was found must leave room for others. */
const FOUND_MAX_LENGTH = 16_000;
/** Values of such keys are not copied into a label, which every user of the server sees in lists. */
const USER_INFO = /:\/\/[^\s/?#@]+@/;
const SENSITIVE = /pass(word|phrase)?|secret|token|credential|api_?key|access_?key/i;

export function isEqual(one: unknown, other: unknown): boolean {
  return stableJson(one) === stableJson(other);
}

/** The text of what was found, refused where it could not be kept: then the object cannot be given back, so it must not be adopted. */
export function keepable(what: string, found: object): string {
  const text = JSON.stringify(found);
  if (text.length > FOUND_MAX_LENGTH) {
    throw new UserError(`${what} cannot be adopted: what it is now has ${text.length} characters as JSON, and only ${FOUND_MAX_LENGTH} can be kept to give it back later; `
      + 'create a new one with another name');
  }
  const sensitive = sensitiveKey(found);
  if (sensitive) {
    throw new UserError(`${what} cannot be adopted: its configuration has a value in "${sensitive}" that could only be given back if it was copied into a label; `
      + 'move the value into a ZenML secret ({{name.key}}), or create a new one with another name');
  }
  return text;
}

function sensitiveKey(value: unknown): string | undefined {
  for (const [key, inner] of Object.entries(record(value))) {
    // (`authentication_secret` holds the name of a ZenML secret.)
    const isReference = typeof inner === 'string' && (/^\{\{.*\}\}$/.test(inner.trim()) || key === 'authentication_secret');
    if (typeof inner === 'string' && inner !== '' && (SENSITIVE.test(key) || USER_INFO.test(inner)) && !isReference) { return key; }
    const deeper = sensitiveKey(inner);
    if (deeper) { return deeper; }
  }
  return undefined;
}

/**
 * The values as they were found, key by key. A value that is no longer as it was written has been changed by somebody since, and stays. A key that
 * is not there now was removed by the template, which writes all of them.
 */
export function restored(now: Values, written: unknown, found: Values): Record<string, unknown> {
  const ours = record(written);
  const others = Object.fromEntries(Object.entries(now).filter(([key]) => !Object.hasOwn(ours, key) || !isEqual(now[key], ours[key])));
  return { ...found, ...others };
}

/** The labels without this resource's: those that it had overwritten come back, unless somebody has changed them since. */
export function restoredLabels(now: Values, written: unknown, found: Values): Record<string, unknown> {
  return restored(Object.fromEntries(Object.entries(now).filter(([key]) => !key.startsWith(LABEL_PREFIX))), written, found);
}
