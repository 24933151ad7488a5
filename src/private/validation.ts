import { Duration } from 'aws-cdk-lib';
import { isKnown, isUnknown } from './known';
import { synthError } from './synth-error';
import { LABEL_PREFIX } from '../contract/labels';
import {
  brokenConnectorNameRule, brokenDescriptionRule, brokenLabelKeyRule, brokenNameRule, containsDynamicReference,
  STORED_TEXT_MAX_LENGTH,
} from '../contract/rules';

// Each `validateX` function throws when a prop is invalid. None checks a value that is unknown at synth: the handler or
// AWS checks it later.

/** ZenML on MySQL stores at most this many characters in the value of a label. */
const LABEL_VALUE_MAX_LENGTH = 4000;

/** Messages quote a value up to this length. */
const QUOTED_MAX_LENGTH = 80;

/**
 * The error for an invalid prop: `` `prop` must ..., got: "value": what to do``.
 *
 * @param rule what the prop must fulfil, starting with "must"
 * @param got the value
 * @param remedy what the user can do; omitted where the rule already says it
 */
export function invalidProp(prop: string, rule: string, got: unknown, remedy?: string): Error {
  return synthError('CZ100', `\`${prop}\` ${rule}, got: ${quoted(got)}${remedy ? `: ${remedy}` : ''}`);
}

/** A value as messages quote it: as JSON, shortened. */
export function quoted(value: unknown): string {
  const shown =
    typeof value === 'string' && value.length > QUOTED_MAX_LENGTH
      ? `${value.slice(0, QUOTED_MAX_LENGTH - 3)}...`
      : value;
  return typeof shown === 'bigint' ? String(shown) : JSON.stringify(shown) ?? 'nothing';
}

/** Throws when a name breaks ZenML's rules. */
export function validateName(prop: string, name: string | undefined): void {
  if (!isKnown(name)) { return; }
  const broken = brokenNameRule(name);
  if (broken) { throw synthError('CZ100', `\`${prop}\`: ${broken}, got: ${quoted(name)}: choose another name`); }
}

/**
 * Throws when the name of a service connector breaks ZenML's rules.
 *
 * @param holdsKeys whether the authentication method of the connector stores AWS keys in ZenML
 */
export function validateConnectorName(prop: string, name: string | undefined, holdsKeys: boolean): void {
  if (!isKnown(name)) { return; }
  const broken = brokenConnectorNameRule(name, holdsKeys);
  if (broken) { throw synthError('CZ100', `\`${prop}\`: ${broken}, got: ${quoted(name)}: choose another name`); }
}

interface NamedObjectProps {
  readonly labels?: Record<string, string>;
  readonly adoptExisting?: boolean;
}

/** Throws when the name, the labels or `adoptExisting` of an object in ZenML is invalid. */
export function validateNamedObject(
  nameProp: string, name: string | undefined, { labels, adoptExisting }: NamedObjectProps,
): void {
  validateName(nameProp, name);
  if (adoptExisting && name === undefined) {
    throw synthError(
      'CZ102',
      `\`adoptExisting\` adopts an object by its name, but \`${nameProp}\` is missing: set \`${nameProp}\` as well`,
    );
  }
  validateLabels(labels);
}

/** Throws when a label has a reserved or invalid key, or a value that ZenML does not store. */
export function validateLabels(labels: Record<string, string> | undefined): void {
  validateStoredSize('labels', labels);
  for (const [key, value] of Object.entries(labels ?? {})) {
    const broken = brokenLabelKeyRule(key);
    if (broken) { throw synthError('CZ100', `\`labels\`: ${broken}, got: ${quoted(key)}: rename or remove the label`); }
    if (key.startsWith(LABEL_PREFIX) || key.startsWith('zenml:')) {
      throw invalidProp(
        'labels',
        `must not have keys that start with "${LABEL_PREFIX}" or "zenml:" (reserved)`,
        key,
        'choose another key',
      );
    }
    if (typeof value !== 'string') {
      throw synthError(
        'CZ100',
        `\`labels\` must have strings as values, got: ${quoted(value)} for "${key}": convert the value to a string`,
      );
    }
    if (isKnown(value) && value.length > LABEL_VALUE_MAX_LENGTH) {
      throw synthError(
        'CZ105',
        `\`labels\` must have values of at most ${LABEL_VALUE_MAX_LENGTH} characters (ZenML's limit on MySQL), `
          + `got: ${value.length} characters for "${key}": shorten the value`,
      );
    }
    validateNoDynamicReference('labels', value);
  }
}

/** Throws when a description is longer than ZenML stores. */
export function validateDescription(description: string | undefined): void {
  if (!isKnown(description)) { return; }
  const broken = brokenDescriptionRule(description);
  if (broken) {
    throw synthError(
      'CZ105',
      `\`description\`: ${broken}, got: ${[...description].length} characters: shorten the description`,
    );
  }
}

/**
 * Throws when labels or a configuration are longer than ZenML on MySQL stores, as far as the length is known at synth.
 */
export function validateStoredSize(prop: string, value: unknown): void {
  // ZenML writes JSON in ASCII. The length of a token is unknown, so a token counts as empty.
  const text = (JSON.stringify(value) ?? '').replace(/\$\{Token\[[^\]]*\]\}/g, '').replace(/[^\x20-\x7e]/g, '\\u0000');
  if (text.length > STORED_TEXT_MAX_LENGTH) {
    throw synthError(
      'CZ105',
      `\`${prop}\` must have at most ${STORED_TEXT_MAX_LENGTH} characters as JSON (ZenML's limit on MySQL), `
        + `got: ${text.length} characters: shorten it`,
    );
  }
}

/** Throws when a value contains a dynamic reference, which CloudFormation does not resolve in a custom resource. */
export function validateNoDynamicReference(prop: string, value: unknown): void {
  if (containsDynamicReference(value)) {
    throw synthError(
      'CZ106',
      `\`${prop}\` must not contain a dynamic reference ({{resolve:...}}), because CloudFormation does `
        + 'not resolve it in a custom resource: pass the secret as secretsmanager.ISecret where the '
        + 'construct accepts one',
    );
  }
}

/**
 * Throws when a duration is out of bounds, in seconds.
 *
 * @param source where the bounds come from
 */
export function validateDuration(
  prop: string, value: Duration | undefined, [min, max]: readonly [number, number], source: string,
): void {
  if (value === undefined || value.isUnresolved()) { return; }
  const seconds = value.toSeconds();
  if (seconds < min || seconds > max) {
    throw synthError(
      'CZ100',
      `\`${prop}\` must be between ${min} and ${max} seconds (${source}), got: ${seconds} seconds`,
    );
  }
}

/**
 * Throws when a text does not match a pattern.
 *
 * @param example a text that matches, with an explanation
 */
export function validatePattern(
  prop: string, value: string | undefined, pattern: RegExp, example: string, remedy?: string,
): void {
  if (isKnown(value) && !pattern.test(value)) { throw invalidProp(prop, `must look like ${example}`, value, remedy); }
}

/** Throws when a text is not the id of an AWS account. */
export function validateAccountId(prop: string, account: string | undefined): void {
  validatePattern(prop, account, /^\d{12}$/, '"123456789012" (an account id has 12 digits)');
}

/**
 * Throws when a text is too short or too long.
 *
 * @param source whose limit it is
 */
export function validateLength(
  prop: string, value: string | undefined, [min, max]: readonly [number, number], source: string,
): void {
  if (!isKnown(value) || (value.length >= min && value.length <= max)) { return; }
  throw synthError(
    'CZ105',
    `\`${prop}\` must have ${rangeOf(min, max)} characters (${source}), got: ${value.length} characters`,
  );
}

/**
 * Throws when a list is too short or too long.
 *
 * @param source whose limit it is, `ECR's limit`
 * @param remedy what the user can do about a list that is too long
 */
export function validateCount(
  prop: string, list: readonly unknown[] | undefined, [min, max]: readonly [number, number],
  source: string, remedy: string,
): void {
  if (list === undefined || isUnknown(list) || (list.length >= min && list.length <= max)) { return; }
  const todo = list.length < min ? 'add an entry' : remedy;
  throw synthError(
    'CZ105',
    `\`${prop}\` must have ${rangeOf(min, max)} entries (${source}), got: ${list.length}: ${todo}`,
  );
}

function rangeOf(min: number, max: number): string {
  return min > 0 ? `${min} to ${max}` : `at most ${max}`;
}
