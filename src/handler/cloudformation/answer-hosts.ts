/** S3's suffixes in AWS's partitions (aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f). */
const SUFFIXES = ['amazonaws.com', 'amazonaws.com.cn', 'amazonaws.eu', 'c2s.ic.gov', 'sc2s.sgov.gov', 'cloud.adc-e.uk', 'csp.hci.ic.gov'];

/** Group 1: the Region without its dashes. Buckets of other names that start alike can be anybody's. */
const RESPONSE_HOST = new RegExp(
  '^cloudformation-custom-resource-response-([a-z0-9]+)' +
  '\\.s3(?:[.-](?:dualstack\\.)?[a-z0-9-]+|\\.dualstack\\.[a-z0-9-]+)?' + // .s3. | .s3.region. | .s3-region. | .s3.dualstack.region.
  `\\.(?:${SUFFIXES.map((suffix) => suffix.replace(/\./g, '\\.')).join('|')})$`,
);

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/**
 * The URL to answer to, or undefined when that is not CloudFormation: whoever may invoke the function must not be able to have answers sent
 * elsewhere. A local AWS emulator sets `AWS_ENDPOINT_URL` to an address of this machine: then exactly that host and port is right, too.
 */
export function answerUrl(text: string, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const url = parse(text);
  if (!url || url.username || url.password) { return undefined; }
  if (url.protocol === 'https:' && !url.port && isOfRegion(RESPONSE_HOST.exec(url.hostname)?.[1], env.AWS_REGION)) { return url; }
  const emulator = parse(env.AWS_ENDPOINT_URL ?? '');
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  return web && emulator && LOOPBACK.test(emulator.hostname) && url.host === emulator.host ? url : undefined;
}

/** A stack's function is in the stack's own Region, and Lambda always tells which. */
function isOfRegion(bucketRegion: string | undefined, region: string | undefined): boolean {
  return bucketRegion !== undefined && (!region || bucketRegion === region.replace(/-/g, ''));
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
