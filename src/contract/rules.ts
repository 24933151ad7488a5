import { isLinkLocal } from './link-local';
import { isLoopback } from './loopback';

// The constructs apply these rules at synth to values that are known, and the handler applies them to every value. A
// `brokenXRule` function returns undefined for a valid value, else the broken rule as a clause with its own subject ("a
// name must not ...").

/** ZenML's limit for names, in characters. */
export const NAME_MAX_LENGTH = 255;

/**
 * Limit for the labels and for the configuration of an object, in characters of JSON. ZenML stores them in Base64, in
 * columns of 65,535 bytes on MySQL. The limit leaves room for the library's own labels.
 */
export const STORED_TEXT_MAX_LENGTH = 48_000;

/** The name of an environment variable (POSIX): letters, digits and underscores, without a digit at the start. */
export const ENVIRONMENT_VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/**
 * The registry hosts that ZenML's AWS connector and container-registry flavor accept; group 1 is the account, group 2
 * the Region.
 */
export const REGISTRY_HOST = /^(\d{12})\.dkr\.ecr\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.amazonaws\.com$/;

/**
 * Operators that ZenML reads in name filters (all of `GenericFilterOps`): an object with such a name could never be
 * found by name.
 */
const FILTER_NAME =
  /^(equals|notequals|contains|notcontains|startswith|endswith|oneof|notoneof|isnull|isnotnull|gte|gt|lte|lt|in):/i;

/** Control characters and line separators, which break the tables, logs and commands that show a name. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** The rule for the name of an object in ZenML. */
export function brokenNameRule(name: string): string | undefined {
  if (name.trim() === '' || name !== name.trim()) {
    return 'a name must not be blank or start or end with white space';
  }
  if (CONTROL.test(name)) { return 'a name must not contain control characters such as tabs or line breaks'; }
  if (name.length > NAME_MAX_LENGTH) {
    return `a name must have at most ${NAME_MAX_LENGTH} characters (ZenML's limit)`;
  }
  if (FILTER_NAME.test(name)) {
    return 'a name must not start with a filter operator such as "contains:", because ZenML could not look it up';
  }
  if (name === 'default') { return 'the objects named "default" belong to ZenML and cannot be changed'; }
  return undefined;
}

/**
 * Limit for the name of a service connector that stores keys, in characters. ZenML stores the keys in a secret named
 * `connector-<name>-<four characters>`, whose name has at most 255 characters as well.
 */
export const KEY_CONNECTOR_NAME_MAX_LENGTH = 240;

/**
 * The rule for the name of a service connector.
 *
 * @param holdsKeys whether the authentication method of the connector stores AWS keys in ZenML
 */
export function brokenConnectorNameRule(name: string, holdsKeys: boolean): string | undefined {
  return brokenNameRule(name) ?? (holdsKeys ? brokenKeyConnectorNameLength(name.length) : undefined);
}

/** The rule for the length of the name of a service connector that stores AWS keys in ZenML. */
export function brokenKeyConnectorNameLength(length: number): string | undefined {
  return length > KEY_CONNECTOR_NAME_MAX_LENGTH
    ? `the name of a service connector that holds keys must have at most ${KEY_CONNECTOR_NAME_MAX_LENGTH} characters `
      + '(ZenML uses it in the name of a secret)'
    : undefined;
}

/**
 * ZenML's limit for the description of a stack, and MySQL's limit for the description of a service connector, in
 * characters.
 */
export const DESCRIPTION_MAX_LENGTH = 255;

/** The rule for a description, which counts characters and not UTF-16 units. */
export function brokenDescriptionRule(description: string): string | undefined {
  return [...description].length > DESCRIPTION_MAX_LENGTH
    ? `a description must have at most ${DESCRIPTION_MAX_LENGTH} characters (ZenML's limit)`
    : undefined;
}

/** The rule for the key of a label. */
export function brokenLabelKeyRule(key: string): string | undefined {
  if (key.trim() === '') { return 'the key of a label must not be empty or blank'; }
  return CONTROL.test(key)
    ? 'the key of a label must not contain control characters such as tabs or line breaks'
    : undefined;
}

const CONTROL_PLANES = /^(cloud\.zenml\.io|cloudapi\.zenml\.io|(www\.)?zenml\.io)\.?$/;
/** Paths that users copy together with the URL: the prefix of the API, or the first page of the dashboard. */
const PAGES = /\/(api(\/v\d+)?|login)\/?$/;

/**
 * The rule for the URL of a ZenML server.
 *
 * @param allowHttp permits plain http to hosts other than the local machine
 */
export function brokenServerUrlRule(url: string, allowHttp: boolean = false): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'it must be a URL such as https://zenml.example.com';
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') { return 'it must start with https://'; }
  if (parsed.username || parsed.password) { return 'it must not contain a user name or password'; }
  if (parsed.search || parsed.hash || url.includes('?') || url.includes('#')) {
    return 'it must be the server\'s base URL, without ? or #';
  }
  if (PAGES.test(parsed.pathname)) { return 'it must be the server\'s base URL, without /api/v1 or /login'; }
  if (isLinkLocal(parsed.hostname)) { return 'it must not be a link-local address'; }
  if (CONTROL_PLANES.test(parsed.hostname)) {
    return 'it must be the URL of the workspace (dashboard > workspace > settings), not of ZenML Pro\'s control plane';
  }
  if (parsed.protocol === 'http:' && !allowHttp && !isLoopback(parsed.hostname)) {
    return 'it must start with https://, because plain http would send the API key in clear (allowInsecureHttp permits it)';
  }
  return undefined;
}

/** The URL as it is stored and compared: without trailing slashes and surrounding white space. */
export function normalizeServerUrl(url: string): string {
  return url.trim().replace(/\/+$/, '');
}

/**
 * Whether a value contains a dynamic reference. CloudFormation does not resolve dynamic references in custom resources;
 * if it did, the secret would be in the event.
 */
export function containsDynamicReference(value: unknown): boolean {
  return /\{\{\s*resolve:/.test(typeof value === 'string' ? value : JSON.stringify(value) ?? '');
}
