/**
 * All of the outside that the handler touches. The Lambda gets the real ones (`outside/`); tests and the CloudFormation
 * simulator run the same handler in process with their own, and with a clock of their own.
 */
export interface Ports {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly aws: AwsLookups;
  /** The process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** One PUT of an answer to CloudFormation: the HTTP status, or a rejection when there was none. */
  putAnswer(url: URL, body: string, signal: AbortSignal): Promise<number>;
  /** One line of the log. Never given properties, bodies or URL queries. */
  log(entry: Record<string, string | number | boolean | undefined>): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the time; rejects with the signal's reason when that is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after the time; the result cancels. */
  alarm(milliseconds: number, ring: () => void): () => void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Requests of the same object share one connection where they come within two seconds of each other. */
  readonly connectionOf?: object;
  /** PEM of certificate authorities to trust beside the public ones. */
  readonly ca?: string;
  readonly proxyUrl?: string;
  /** Aborts the exchange; the rejection is then the signal's reason. */
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Rejects with `TransportError` (or the signal's reason); any HTTP status resolves. Redirects are not followed. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * How a failed exchange ended: `refused` = the server cannot have seen the request, `lost` = it may have acted on it,
 * `permanent` = trying again is pointless (a bad certificate, an unknown host, an answer that is too large).
 */
type TransportFailure = 'refused' | 'lost' | 'permanent';

export class TransportError extends Error {
  public constructor(public readonly failure: TransportFailure, public readonly code: string, message: string) {
    super(message);
    this.name = 'TransportError';
  }
}

/** Each rejects with `AwsError` when AWS refuses. */
export interface AwsLookups {
  /** The text of an SSM parameter. */
  getParameter(name: string, signal: AbortSignal): Promise<string>;
  /** The text of a secret: its current version, or the one given. */
  getSecret(arn: string, versionId: string | undefined, signal: AbortSignal): Promise<string>;
  /** The `repositoryUri` of one repository. */
  getRepositoryUri(
    repository: { name: string; registryId: string; region: string },
    signal: AbortSignal,
  ): Promise<string>;
  /** One page of a CloudFormation stack's events, newest first (`DescribeStackEvents`). */
  getStackEvents(stackId: string, page: string | undefined, signal: AbortSignal): Promise<StackEventPage>;
}

interface StackEventPage {
  readonly events: readonly StackEvent[];
  /** Token of the next (older) page; absent on the last one. */
  readonly nextPage?: string;
}

/** What CloudFormation recorded of one resource, or of the stack itself (then `physicalId` is the stack's id). */
export interface StackEvent {
  readonly logicalId: string;
  readonly physicalId: string;
  /** `UPDATE_FAILED`, `UPDATE_ROLLBACK_IN_PROGRESS`, ... */
  readonly status: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What AWS said; `code` is the exception's name, `AccessDeniedException` for instance. */
export class AwsError extends Error {
  public constructor(
    public readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'AwsError';
  }

  public get denied(): boolean {
    return /AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientTokenId/.test(this.code);
  }
  public get missing(): boolean {
    return /ParameterNotFound|ResourceNotFound|RepositoryNotFound/.test(this.code);
  }
}
