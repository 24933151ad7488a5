/** S3's suffix by the beginning of a Region's name; other Regions are in the partition `aws` (or `aws-us-gov`, with the same suffix). */
const SUFFIXES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
];

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * The URL to answer to, or undefined when that is not CloudFormation: whoever may invoke the function must not be able to have answers sent
 * elsewhere. A local AWS emulator sets `AWS_ENDPOINT_URL` to an address of this machine: then exactly that host and port is right, too.
 */
export function answerUrl(text: string, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const url = parse(text);
  if (!url || url.username || url.password) { return undefined; }
  if (url.protocol === 'https:' && !url.port && responseHosts(env.AWS_REGION).includes(url.hostname)) { return url; }
  const emulator = parse(env.AWS_ENDPOINT_URL ?? '');
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && emulator && LOOPBACK.test(emulator.hostname) && url.host === emulator.host ? url : undefined;
}

/**
 * CloudFormation's bucket by the names that S3 gives it. A stack's function is in the stack's own Region, and Lambda always tells which; a
 * bucket's name is unique in one partition only, so in another partition it can belong to anybody.
 */
function responseHosts(region: string | undefined): string[] {
  if (!region) { return []; }
  const bucket = `cloudformation-custom-resource-response-${region.replace(/-/g, '')}`;
  const suffix = SUFFIXES.find(([pattern]) => pattern.test(region))?.[1] ?? 'amazonaws.com';
  return ['s3', `s3.${region}`, `s3-${region}`, `s3.dualstack.${region}`].map((service) => `${bucket}.${service}.${suffix}`);
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
