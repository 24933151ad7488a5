import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { LocalAws } from './aws';

export interface DockerCredentials {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function digest(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/**
 * Push a small image as a Docker client does (OCI distribution v2) and give its digest. The registry's real host is not reachable here,
 * so the calls go to the local AWS with that host in the Host header, from which it takes account and Region.
 */
export async function pushImage(aws: LocalAws, credentials: DockerCredentials, repository: string, tag: string): Promise<string> {
  const host = credentials.registry.replace(/^https:\/\//, '');
  const authorization = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  const send = async (method: string, path: string, headers: Record<string, string>, body: Buffer, expected: number) => {
    const answer = await aws.call(method, path, { host, authorization, 'content-length': String(body.length), ...headers }, body);
    if (answer.status !== expected) {
      throw new Error(`push to ${host}/${repository}: ${method} ${path.split('?')[0]} answered HTTP ${answer.status} ${answer.body.toString().slice(0, 300)}`);
    }
    return answer;
  };
  const upload = async (content: Buffer) => {
    const begun = await send('POST', `/v2/${repository}/blobs/uploads/`, {}, Buffer.alloc(0), 202);
    const location = new URL(String(begun.headers.location), aws.endpoint);
    location.searchParams.set('digest', digest(content));
    await send('PUT', location.pathname + location.search, { 'content-type': 'application/octet-stream' }, content, 201);
    return { digest: digest(content), size: content.length };
  };

  // An empty tar archive (two zero blocks) is the one layer.
  const tar = Buffer.alloc(1024);
  const layer = await upload(gzipSync(tar));
  const config = await upload(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digest(tar)] } })));
  const manifest = Buffer.from(JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
  }));
  await send('PUT', `/v2/${repository}/manifests/${tag}`, { 'content-type': MANIFEST }, manifest, 201);
  return digest(manifest);
}
