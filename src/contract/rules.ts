import { isLinkLocal } from './link-local';

/**
 * Rules that both the constructs (at synth, where a value is known) and the handler (always) apply. Each returns undefined when the value
 * is fine, else the rule that it breaks, as a clause that fits behind "got ...".
 */

/** ZenML: a name has at most 255 characters. */
export const NAME_MAX_LENGTH = 255;

/** ZenML stores labels and configurations as JSON in Base64, in columns that hold 65,535 bytes on MySQL; this leaves room for the library's own labels. */
export const STORED_TEXT_MAX_LENGTH = 48_000;

/** The registry hosts that ZenML's AWS connector and container-registry flavor accept; group 1 is the account, group 2 the Region. */
export const REGISTRY_HOST = /^(\d{12})\.dkr\.ecr\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.amazonaws\.com$/;

/** ZenML reads these operators (all of its `GenericFilterOps`) in name filters: an object of such a name could never be found again. */
const FILTER_NAME = /^(equals|notequals|contains|notcontains|startswith|endswith|oneof|notoneof|isnull|isnotnull|gte|gt|lte|lt|in):/i;

/** Control characters and line separators: they break tables, logs and commands that show a name. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

export function brokenNameRule(name: string): string | undefined {
  if (name.trim() === '' || name !== name.trim()) { return 'a name must not be blank or start or end with white space'; }
  if (CONTROL.test(name)) { return 'a name must not contain control characters such as tabs or line breaks'; }
  if (name.length > NAME_MAX_LENGTH) { return `a name has at most ${NAME_MAX_LENGTH} characters (ZenML's limit)`; }
  if (FILTER_NAME.test(name)) { return 'a name must not start with a filter operator such as "contains:" (ZenML could not look it up)'; }
  if (name === 'default') { return 'the objects named "default" belong to ZenML and cannot be changed'; }
  return undefined;
}

/**
 * A service connector that holds keys: ZenML keeps them in a secret named `connector-<name>-<four characters>`, which has at most 255
 * characters, too.
 */
export const KEY_CONNECTOR_NAME_MAX_LENGTH = 240;

/** The rule for the name of a service connector; `holdsKeys`: its authentication method stores AWS keys in ZenML. */
export function brokenConnectorNameRule(name: string, holdsKeys: boolean): string | undefined {
  return brokenNameRule(name) ?? (holdsKeys ? brokenKeyConnectorNameLength(name.length) : undefined);
}

/** The same for a name of which only the length is known. */
export function brokenKeyConnectorNameLength(length: number): string | undefined {
  return length > KEY_CONNECTOR_NAME_MAX_LENGTH
    ? `the name of a service connector that holds keys has at most ${KEY_CONNECTOR_NAME_MAX_LENGTH} characters (ZenML puts it into the name of a secret)` : undefined;
}

/** ZenML's limit for the description of a stack, and MySQL's for that of a service connector, in characters. */
export const DESCRIPTION_MAX_LENGTH = 255;

export function brokenDescriptionRule(description: string): string | undefined {
  return [...description].length > DESCRIPTION_MAX_LENGTH ? `a description has at most ${DESCRIPTION_MAX_LENGTH} characters (ZenML's limit)` : undefined;
}

export function brokenLabelKeyRule(key: string): string | undefined {
  if (key.trim() === '') { return 'the key of a label must not be empty'; }
  return CONTROL.test(key) ? 'the key of a label must not contain control characters such as tabs or line breaks' : undefined;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;
const CONTROL_PLANES = /^(cloud\.zenml\.io|cloudapi\.zenml\.io|(www\.)?zenml\.io)\.?$/;
/** What people copy along with the URL: the API's own prefix, or the page that the dashboard begins with. */
const PAGES = /\/(api(\/v\d+)?|login)\/?$/;

/** The rule for a server's URL. `allowHttp` permits plain http to hosts other than this machine. */
export function brokenServerUrlRule(url: string, allowHttp: boolean = false): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'it must be a URL such as https://zenml.example.com';
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') { return 'it must start with https://'; }
  if (parsed.username || parsed.password) { return 'it must not contain a user name or password'; }
  if (parsed.search || parsed.hash || url.includes('?') || url.includes('#')) { return 'it must be the server\'s base URL, without ? or #'; }
  if (PAGES.test(parsed.pathname)) { return 'it must be the server\'s base URL, without /api/v1 or /login'; }
  if (isLinkLocal(parsed.hostname)) { return 'a link-local address is no ZenML server'; }
  if (CONTROL_PLANES.test(parsed.hostname)) { return 'this is ZenML Pro\'s control plane: give the workspace\'s own URL (dashboard > workspace > settings)'; }
  if (parsed.protocol === 'http:' && !allowHttp && !LOOPBACK.test(parsed.hostname)) {
    return 'plain http would send the API key in clear: use https (or allow it on purpose with allowInsecureHttp)';
  }
  return undefined;
}

/** The URL as it is stored and compared: no trailing slash, no surrounding space. */
export function normalizeServerUrl(url: string): string {
  return url.trim().replace(/\/+$/, '');
}

/** Same message for both sides: CloudFormation does not resolve these in custom resources, and if it did, the secret would be in the event. */
export function containsDynamicReference(value: unknown): boolean {
  return /\{\{\s*resolve:/.test(typeof value === 'string' ? value : JSON.stringify(value) ?? '');
}
