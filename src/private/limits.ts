import { isKnown } from './known';
import { KEY_CONNECTOR_NAME_MAX_LENGTH, STORED_TEXT_MAX_LENGTH, DESCRIPTION_MAX_LENGTH } from '../contract/rules';

/** Throws when a known description is longer than ZenML takes. */
export function validateDescription(description: string | undefined): void {
  if (isKnown(description) && description.length > DESCRIPTION_MAX_LENGTH) {
    throw new Error(`\`description\` has at most ${DESCRIPTION_MAX_LENGTH} characters (ZenML's limit), got: ${description.length}; shorten it`);
  }
}

/** Throws when ZenML could not name the secret in which it stores the keys of a connector. */
export function validateNameWithKeys(prop: string, name: string | undefined): void {
  if (isKnown(name) && name.length > KEY_CONNECTOR_NAME_MAX_LENGTH) {
    throw new Error(`\`${prop}\` has at most ${KEY_CONNECTOR_NAME_MAX_LENGTH} characters for a connector that holds keys (ZenML makes it into the name of a secret), got: ${name.length}; shorten it`);
  }
}

/** Throws when labels or a configuration are more than ZenML on MySQL stores, as far as they are known. */
export function validateStoredSize(prop: string, value: unknown): void {
  // ZenML writes JSON in ASCII. What only CloudFormation knows counts nothing.
  const text = (JSON.stringify(value) ?? '').replace(/\$\{Token\[[^\]]*\]\}/g, '').replace(/[^\x20-\x7e]/g, '\\u0000');
  if (text.length > STORED_TEXT_MAX_LENGTH) {
    throw new Error(`\`${prop}\` has at most ${STORED_TEXT_MAX_LENGTH} characters as JSON (ZenML on MySQL stores no more), got: ${text.length}; shorten it`);
  }
}
