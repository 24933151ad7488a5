import { createHash, createHmac } from 'node:crypto';
import { Answer, Credentials, LocalAws } from './aws';

interface ServiceCall {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON services: the operation, `Logs_20140328.DescribeLogGroups`. */
  readonly target?: string;
  readonly body?: string;
}

interface Signable {
  readonly method: string;
  readonly path: string;
  /** Sorted and encoded. */
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly payload: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
const namesOf = (headers: Record<string, string>) => Object.keys(headers).sort().join(';');
const timestamp = () => new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');

/** One call to a service for which the project has no SDK client, signed as AWS asks (Signature Version 4). */
export async function signedCall(aws: LocalAws, credentials: Credentials, call: ServiceCall): Promise<Answer> {
  const { service, method = 'POST', path = '/', target, body = '' } = call;
  const query = encoded(call.query ?? {});
  const now = timestamp();
  const payload = sha256(body);
  const headers: Record<string, string> = {
    'host': new URL(aws.endpoint).host,
    'x-amz-content-sha256': payload,
    'x-amz-date': now,
    ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
    ...(target && { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }),
  };
  const signature = signatureOf(
    { method, path, query, headers, payload },
    now,
    scopeOf(aws, service, now),
    credentials,
  );
  const authorization = `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeOf(aws, service, now)}, SignedHeaders=${namesOf(headers)}, Signature=${signature}`;
  const resource = query === '' ? path : `${path}?${query}`;
  return aws.call(method, resource, { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) }, body);
}

/** The same; an HTTP error is an Error whose name is AWS's code. */
export async function mustCall(aws: LocalAws, credentials: Credentials, call: ServiceCall): Promise<Buffer> {
  const answer = await signedCall(aws, credentials, call);
  if (answer.status < 400) { return answer.body; }
  const text = answer.body.toString();
  const code = /"(?:__type|Code|code)":\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(text);
  throw Object.assign(new Error(`${call.service} answered HTTP ${answer.status}: ${text.slice(0, 500)}`), {
    name: code?.[1] ?? code?.[2] ?? 'Unknown',
  });
}

/** An address to which anybody may PUT one object, such as CloudFormation gives to custom resources. */
export function presignedPut(aws: LocalAws, credentials: Credentials, path: string): string {
  const now = timestamp();
  const scope = scopeOf(aws, 's3', now);
  const query = Object.entries({
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': now,
    'X-Amz-Expires': '7200',
    'X-Amz-SignedHeaders': 'host',
  }).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  const headers = { host: new URL(aws.endpoint).host };
  const signature = signatureOf(
    { method: 'PUT', path, query, headers, payload: 'UNSIGNED-PAYLOAD' },
    now,
    scope,
    credentials,
  );
  return `${aws.endpoint}${path}?${query}&X-Amz-Signature=${signature}`;
}

/** Sorted, as the signature asks. */
function encoded(query: Readonly<Record<string, string>>): string {
  return Object.keys(query).sort().map((key) => `${key}=${encodeURIComponent(query[key]!)}`).join('&');
}

function scopeOf(aws: LocalAws, service: string, now: string): string {
  return `${now.slice(0, 8)}/${aws.region}/${service}/aws4_request`;
}

function signatureOf(
  { method, path, query, headers, payload }: Signable,
  now: string,
  scope: string,
  credentials: Credentials,
): string {
  const lines = Object.keys(headers)
    .sort()
    .map((name) => `${name}:${headers[name]}`);
  const canonical = [method, path, query, ...lines, '', namesOf(headers), payload].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
  return createHmac('sha256', key)
    .update([ALGORITHM, now, scope, sha256(canonical)].join('\n'))
    .digest('hex');
}
