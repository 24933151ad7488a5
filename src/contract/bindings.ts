/**
 * A binding ties one secret to the one ZenML server that may get it. It is an SSM parameter written by the template; the handler may read
 * only the parameters of its own stack and takes server, secret and trust settings from them alone, never from an event. So whoever may
 * invoke the function cannot have a key sent elsewhere. A registration depends on its bindings, and a changed one is a new parameter: a
 * cleanup Delete therefore still finds the binding (and the right to read the secret) of its own generation.
 */

/** Ties an API key to its server. JSON value of the parameter that `ServerBinding` names. */
export interface ServerBinding {
  readonly kind: 'server';
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** The Secrets Manager secret that holds the API key: ARN, or name where the whole ARN is not known. */
  readonly secretId: string;
  /** JSON field of the secret; absent when the secret's whole text is the key. */
  readonly field?: string;
  /** `true` permits plain http to a host that is not this machine. */
  readonly allowHttp?: boolean;
  /** ZenML Pro: the workspace that the server must be, compared before any write. */
  readonly workspaceId?: string;
  /** Certificate authorities to trust beside the public ones. */
  readonly ca?: CertificateSource;
  /** Outbound proxy, `http://host:port`. */
  readonly proxyUrl?: string;
}

/** Where the PEM text of a private certificate authority comes from: exactly one of these. */
export interface CertificateSource {
  readonly pem?: string;
  readonly secretId?: string;
  readonly secretField?: string;
  readonly parameterName?: string;
}

/** Ties AWS keys to the server that may store them. JSON value of the parameter that `KeysBinding` names. */
export interface KeysBinding {
  readonly kind: 'keys';
  /** Base URL of the server, equal to the one of the `ServerBinding` used with it. */
  readonly url: string;
  /** The secret, a JSON object: ARN, or name where the whole ARN is not known. */
  readonly secretId: string;
  readonly accessKeyIdField: string;
  readonly secretAccessKeyField: string;
  /** Only for methods with temporary keys. */
  readonly sessionTokenField?: string;
  /** Version id of the secret to read; absent: the current one. */
  readonly versionId?: string;
}
