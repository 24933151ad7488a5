/**
 * Rules that both the constructs (at synth, where a value is known) and the handler (always) apply. Each returns undefined when the value
 * is fine, else the rule that it breaks, as a clause that fits behind "got ...".
 */

/** ZenML: a name has at most 255 characters. */
export const NAME_MAX_LENGTH = 255;

/** The registry hosts that ZenML's AWS connector and container-registry flavor accept; group 1 is the account, group 2 the Region. */
export const REGISTRY_HOST = /^(\d{12})\.dkr\.ecr\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.amazonaws\.com$/;

/** ZenML parses `contains:`, `equals:`, ... in name filters: an object of such a name could never be found again. */
const FILTER_NAME = /^(contains|startswith|endswith|equals|notequals|notcontains|gte|gt|lte|lt|in|oneof):/i;

export function brokenNameRule(name: string): string | undefined {
  if (name.trim() === '' || name !== name.trim()) { return 'a name must not be blank or start or end with white space'; }
  if (name.length > NAME_MAX_LENGTH) { return `a name has at most ${NAME_MAX_LENGTH} characters (ZenML's limit)`; }
  if (FILTER_NAME.test(name)) { return 'a name must not start with a filter operator such as "contains:" (ZenML could not look it up)'; }
  if (name === 'default') { return 'the objects named "default" belong to ZenML and cannot be changed'; }
  return undefined;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;
const LINK_LOCAL = /^(169\.254(\.\d{1,3}){2}|\[fe[89ab][0-9a-f]:.*\]|\[::ffff:a9fe:.*\]|\[fd00:ec2::254\])$/i;
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
  if (LINK_LOCAL.test(parsed.hostname)) { return 'a link-local address is no ZenML server'; }
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
