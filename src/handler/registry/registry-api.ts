import { REGISTRY_HOST } from '../../contract/rules';
import { emulatorUrl } from '../outside/emulator';
import { HttpAnswer, Ports, TransportError } from '../ports';
import { withTimeout } from '../with-timeout';
import { parseJson } from '../zenml/answers';
import { DockerCredentials } from '../zenml/service-connectors';

/** One exchange may take so long, in milliseconds. */
const CALL_TIMEOUT_MS = 5_000;
/** A tag that nobody pushes. */
const ABSENT_TAG = 'cdk-zenml-proof-of-access';

/**
 * What a registry says to a push or pull: `refused` with the registry's text, `missing`: no such repository, `unknown`:
 * no answer that tells.
 */
export type Judgement =
  | { readonly kind: 'allowed' | 'missing' }
  | { readonly kind: 'refused'; readonly action: string; readonly said: string }
  | { readonly kind: 'unknown'; readonly said: string; readonly unreachable: boolean };

/** The rights that one repository is asked for. */
interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The IAM action that the registry asks for first. */
  readonly action: string;
  readonly allowed: (answer: HttpAnswer) => boolean;
}

/**
 * An ECR registry as a Docker client uses it (OCI distribution API v2), as far as a proof of push and pull needs it.
 */
export class RegistryApi {
  private readonly base: string;
  private readonly query: string;
  private readonly authorization: string;

  /** `host` must be an ECR registry: the credentials are sent to it. */
  public constructor(
    private readonly ports: Ports,
    host: string,
    { username, password }: DockerCredentials,
    private readonly signal: AbortSignal,
  ) {
    if (!REGISTRY_HOST.test(host)) {
      throw new Error('not an ECR registry');
    }
    const emulator = emulatorUrl(ports.env)?.origin;
    this.base = emulator ?? `https://${host}`;
    // An emulator takes the registry from the parameter that containerd sends to mirrors.
    this.query = emulator ? `?ns=${host}` : '';
    this.authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** The pull comes first: it creates no repository, but a push to a missing one may. */
  public async judge(repository: string): Promise<Judgement> {
    const pull = await this.ask({
      method: 'GET',
      path: `${repository}/manifests/${ABSENT_TAG}`,
      action: 'ecr:BatchGetImage',
      allowed: (answer) => answer.status === 200 || (answer.status === 404 && codeOf(answer) === 'MANIFEST_UNKNOWN'),
    });
    if (pull.kind !== 'allowed') {
      return pull;
    }
    // The start of an upload stores nothing, and ECR forgets it.
    return this.ask({
      method: 'POST',
      path: `${repository}/blobs/uploads/`,
      action: 'ecr:InitiateLayerUpload',
      allowed: ({ status }) => status === 202,
    });
  }

  private async ask({ method, path, action, allowed }: Question): Promise<Judgement> {
    let answer: HttpAnswer;
    try {
      answer = await this.exchange(method, path);
    } catch (error) {
      if (!(error instanceof TransportError)) {
        throw error;
      }
      return { kind: 'unknown', said: error.message, unreachable: true };
    }
    if (allowed(answer)) {
      return { kind: 'allowed' };
    }
    const said = messageOf(answer);
    if (answer.status === 401 || answer.status === 403) {
      return { kind: 'refused', action: /\becr:[A-Za-z]+/.exec(said)?.[0] ?? action, said };
    }
    if (answer.status === 404 && codeOf(answer) === 'NAME_UNKNOWN') {
      return { kind: 'missing' };
    }
    return { kind: 'unknown', said: `answered HTTP ${answer.status}`, unreachable: false };
  }

  private async exchange(method: 'GET' | 'POST', path: string): Promise<HttpAnswer> {
    const timeout = {
      milliseconds: CALL_TIMEOUT_MS,
      error: new TransportError('lost', 'ETIMEDOUT', `did not answer within ${CALL_TIMEOUT_MS / 1000} s`),
      signal: this.signal,
    };
    return withTimeout(this.ports, timeout, async (signal) =>
      this.ports.transport({
        method,
        url: `${this.base}/v2/${path}${this.query}`,
        headers: {
          'accept': 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
          'accept-encoding': 'identity',
          'user-agent': 'cdk-zenml',
          'authorization': this.authorization,
        },
        ...(method === 'POST' && { body: '' }),
        connectionOf: this,
        signal,
      }),
    );
  }
}

function firstError(answer: HttpAnswer): { code?: unknown; message?: unknown } {
  const body = parseJson(answer.body) as { errors?: { code?: unknown; message?: unknown }[] } | null | undefined;
  const first = Array.isArray(body?.errors) ? body.errors[0] : undefined;
  return first ?? {};
}

function codeOf(answer: HttpAnswer): string {
  const { code } = firstError(answer);
  return typeof code === 'string' ? code : '';
}

function messageOf(answer: HttpAnswer): string {
  const { message } = firstError(answer);
  return typeof message === 'string' ? message : `HTTP ${answer.status}`;
}
