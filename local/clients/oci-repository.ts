import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { LocalAws } from '../services/aws';

export interface DockerCredentials {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A manifest as a registry keeps it. */
interface Pushed {
  readonly digest: string;
  readonly size: number;
}

function digest(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/**
 * A repository as a Docker client uses it (OCI distribution v2). The registry's real host is not reachable here, so the
 * calls go to the local AWS with that host in the Host header, from which it takes account and Region.
 */
export class OciRepository {
  private readonly host: string;
  private readonly authorization: string;

  public constructor(
    private readonly aws: LocalAws,
    credentials: DockerCredentials,
    private readonly repository: string,
  ) {
    this.host = credentials.registry.replace(/^https:\/\//, '');
    this.authorization = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  }

  /** Push a small image; another `content` is another image. `environment`: variables of its processes. */
  public async push(tag: string, content: string = '', environment: Record<string, string> = {}): Promise<Pushed> {
    // An empty tar archive (two zero blocks) is the one layer.
    const tar = Buffer.alloc(1024);
    const layer = await this.upload(gzipSync(tar));
    const config = await this.upload(
      Buffer.from(
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          config: {
            Labels: { content }, Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
          },
          rootfs: { type: 'layers', diff_ids: [digest(tar)] },
        }),
      ),
    );
    return this.putManifest(tag, MANIFEST, {
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...layer }],
    });
  }

  /** Push an index of images for several architectures. */
  public async pushIndex(tag: string, images: Record<string, Pushed>): Promise<Pushed> {
    const manifests = Object.entries(images).map(([architecture, image]) => ({
      mediaType: MANIFEST,
      ...image,
      platform: { os: 'linux', architecture },
    }));
    return this.putManifest(tag, INDEX, { manifests });
  }

  /** Pull a manifest by tag or digest. */
  public async pull(reference: string): Promise<{ digest: string; manifest: Record<string, unknown> }> {
    const answer = await this.send(
      'GET',
      `/v2/${this.repository}/manifests/${reference}`,
      { accept: `${MANIFEST}, ${INDEX}` },
      Buffer.alloc(0),
      200,
    );
    return { digest: digest(answer.body), manifest: JSON.parse(answer.body.toString()) as Record<string, unknown> };
  }

  private async putManifest(tag: string, mediaType: string, content: object): Promise<Pushed> {
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    await this.send('PUT', `/v2/${this.repository}/manifests/${tag}`, { 'content-type': mediaType }, manifest, 201);
    return { digest: digest(manifest), size: manifest.length };
  }

  private async upload(content: Buffer): Promise<Pushed> {
    const begun = await this.send('POST', `/v2/${this.repository}/blobs/uploads/`, {}, Buffer.alloc(0), 202);
    const location = new URL(String(begun.headers.location), this.aws.endpoint);
    location.searchParams.set('digest', digest(content));
    await this.send(
      'PUT',
      location.pathname + location.search,
      { 'content-type': 'application/octet-stream' },
      content,
      201,
    );
    return { digest: digest(content), size: content.length };
  }

  private async send(method: string, path: string, headers: Record<string, string>, body: Buffer, expected: number) {
    const always = { 'host': this.host, 'authorization': this.authorization, 'content-length': String(body.length) };
    const answer = await this.aws.call(method, path, { ...always, ...headers }, body);
    if (answer.status !== expected) {
      throw new Error(
        `${this.host}/${this.repository}: ${method} ${path.split('?')[0]} answered HTTP ${answer.status} ${answer.body.toString().slice(0, 300)}`,
      );
    }
    return answer;
  }
}

/** Push a small image and give its digest. */
export async function pushImage(
  aws: LocalAws,
  credentials: DockerCredentials,
  repository: string,
  tag: string,
  environment?: Record<string, string>,
): Promise<string> {
  return (await new OciRepository(aws, credentials, repository).push(tag, '', environment)).digest;
}
