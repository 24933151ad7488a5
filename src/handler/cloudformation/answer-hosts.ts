/** S3's suffix by the beginning of a Region's name; other Regions are in the partition `aws` (or `aws-us-gov`, with the same suffix). */
const SUFFIXES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
];
const DEFAULT_SUFFIX = 'amazonaws.com';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * The URL to answer to, or undefined when that is not CloudFormation: whoever may invoke the function must not be able to have answers sent
 * elsewhere. A local AWS emulator sets `AWS_ENDPOINT_URL` to an address of this machine: then exactly that host and port is right, too.
 */
export function answerUrl(text: string, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const url = parse(text);
  if (!url || url.username || url.password) { return undefined; }
  if (url.protocol === 'https:' && !url.port && isResponseHost(url.hostname, env.AWS_REGION)) { return url; }
  const emulator = parse(env.AWS_ENDPOINT_URL ?? '');
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && emulator && LOOPBACK.test(emulator.hostname) && url.host === emulator.host ? url : undefined;
}

/** Without the suffix. Group 1: the bucket's Region without dashes. Groups 2 and 3: the Region that S3's name contains, after a dot or a dash. */
const RESPONSE_HOST = /^cloudformation-custom-resource-response-([a-z0-9]+)\.s3(?:(?:\.dualstack)?\.([a-z0-9-]+)|-([a-z0-9-]+))?$/;

/**
 * Whether this is CloudFormation's bucket in the function's own Region. Lambda always tells that Region, and a stack's function is in the stack's own;
 * without it the name must at least agree with itself. A bucket's name is unique in one partition only, so the suffix must be the Region's, too.
 */
function isResponseHost(host: string, ownRegion: string | undefined): boolean {
  const suffix = [...SUFFIXES.map(([, known]) => known), DEFAULT_SUFFIX].find((known) => host.endsWith(`.${known}`));
  const match = suffix && RESPONSE_HOST.exec(host.slice(0, -suffix.length - 1));
  if (!match) { return false; }
  const [, bucket, afterDot, afterDash] = match;
  const named = afterDot ?? afterDash;
  const region = ownRegion || named;
  if (region === undefined) { return suffix === DEFAULT_SUFFIX; }
  return bucket === region.replace(/-/g, '') && (named === undefined || named === region) && suffix === suffixOf(region);
}

function suffixOf(region: string): string {
  return SUFFIXES.find(([pattern]) => pattern.test(region))?.[1] ?? DEFAULT_SUFFIX;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
