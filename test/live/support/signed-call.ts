import { createHash, createHmac } from 'node:crypto';
import { Answer, Credentials, LocalAws } from '../../../local/services/aws';

export interface ServiceCall {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  /** JSON services: the operation, `Logs_20140328.DescribeLogGroups`. */
  readonly target?: string;
  readonly body?: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();

/** One call to a service for which the project has no SDK client, signed as AWS asks (Signature Version 4). */
export async function signedCall(aws: LocalAws, credentials: Credentials, call: ServiceCall): Promise<Answer> {
  const { service, method = 'POST', path = '/', target, body = '' } = call;
  const now = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${now.slice(0, 8)}/${aws.region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    'host': new URL(aws.endpoint).host,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': now,
    ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
    ...(target && { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }),
  };
  const names = Object.keys(headers).sort();
  const [folder, query = ''] = path.split('?') as [string, string | undefined];
  const parameters = query.split('&').filter((one) => one !== '').map((one) => (one.includes('=') ? one : `${one}=`)).sort().join('&');
  const canonical = [method, folder, parameters, ...names.map((name) => `${name}:${headers[name]}`), '', names.join(';'), sha256(body)].join('\n');
  const key = [now.slice(0, 8), aws.region, service, 'aws4_request'].reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
  const signature = createHmac('sha256', key).update(['AWS4-HMAC-SHA256', now, scope, sha256(canonical)].join('\n')).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return aws.call(method, path, { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) }, body);
}

/** The same; an HTTP error is an Error whose name is AWS's code. */
export async function mustCall(aws: LocalAws, credentials: Credentials, call: ServiceCall): Promise<Buffer> {
  const answer = await signedCall(aws, credentials, call);
  if (answer.status < 400) { return answer.body; }
  const text = answer.body.toString();
  const code = /"(?:__type|Code|code)":\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)<\/Code>/.exec(text);
  throw Object.assign(new Error(`${call.service} answered HTTP ${answer.status}: ${text.slice(0, 200)}`), { name: code?.[1] ?? code?.[2] ?? 'Unknown' });
}
