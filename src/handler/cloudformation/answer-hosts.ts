import { DEFAULT_PARTITION, partitionOfRegion, URL_SUFFIXES } from '../../contract/partitions';
import { emulatorUrl } from '../outside/emulator';

/**
 * The URL to answer to, or undefined when that is not CloudFormation: whoever may invoke the function must not be able
 * to have answers sent elsewhere. A local AWS emulator sets `AWS_ENDPOINT_URL` to an address of this machine: then
 * exactly that host and port is right, too.
 */
export function answerUrl(text: string, env: Readonly<Record<string, string | undefined>>): URL | undefined {
  const url = parse(text);
  if (!url || url.username || url.password) { return undefined; }
  if (url.protocol === 'https:' && !url.port && isResponseHost(url.hostname, env.AWS_REGION)) { return url; }
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  return isWeb && url.host === emulatorUrl(env)?.host ? url : undefined;
}

/**
 * Without the suffix. Group 1: the bucket's Region without dashes. Groups 2 and 3: the Region that S3's name contains,
 * after a dot or a dash.
 */
const RESPONSE_HOST =
  /^cloudformation-custom-resource-response-([a-z0-9]+)\.s3(?:(?:\.dualstack)?\.([a-z0-9-]+)|-([a-z0-9-]+))?$/;

/**
 * Whether this is CloudFormation's bucket in the function's own Region. Lambda always tells that Region, and a stack's
 * function is in the stack's own; without it the name must at least agree with itself. A bucket's name is unique in one
 * partition only, so the suffix must be the Region's, too.
 */
function isResponseHost(host: string, ownRegion: string | undefined): boolean {
  const suffix = URL_SUFFIXES.find((known) => host.endsWith(`.${known}`));
  const match = suffix && RESPONSE_HOST.exec(host.slice(0, -suffix.length - 1));
  if (!match) { return false; }
  const [, bucket, afterDot, afterDash] = match;
  const named = afterDot ?? afterDash;
  const region = ownRegion || named;
  if (region === undefined) { return suffix === DEFAULT_PARTITION.urlSuffix; }
  return (
    bucket === region.replace(/-/g, '')
    && (named === undefined || named === region)
    && suffix === partitionOfRegion(region).urlSuffix
  );
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
