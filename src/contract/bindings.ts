/**
 * A binding ties one secret to the one ZenML server that may receive it. The template writes each binding to an SSM
 * parameter. The handler may read only the parameters of its own CloudFormation stack. The handler takes the server,
 * the secret and the trust settings from the binding and never from an event, so that a caller who can invoke the
 * function cannot have a key sent to another server.
 *
 * A registration depends on its bindings, and a changed binding is a new parameter. A cleanup Delete therefore still
 * finds the binding, and the right to read the secret, of its own generation.
 */

/** Ties an API key to its server. JSON value of the parameter that the property `ServerBinding` names. */
export interface ServerBinding {
  readonly kind: 'server';
  /** Base URL of the server, without a trailing slash. */
  readonly url: string;
  /** The Secrets Manager secret that holds the API key: its ARN, or its name where the complete ARN is unknown. */
  readonly secretId: string;
  /** JSON field of the secret; absent when the whole text of the secret is the key. */
  readonly field?: string;
  /** `true` permits plain http to hosts other than the local machine. */
  readonly allowHttp?: boolean;
  /** ZenML Pro: id of the workspace. The handler compares it with the server's id before any write. */
  readonly workspaceId?: string;
  /** Certificate authorities to trust in addition to the public ones. */
  readonly ca?: CertificateSource;
  /** Outbound proxy, `http://host:port`. */
  readonly proxyUrl?: string;
}

/**
 * Where the handler reads the PEM text of a private certificate authority: exactly one of `secretId` and
 * `parameterName` is set.
 */
export interface CertificateSource {
  readonly secretId?: string;
  /** JSON field of the secret; absent when the whole text of the secret is the PEM text. */
  readonly secretField?: string;
  readonly parameterName?: string;
}

/**
 * Ties AWS keys to the server that may store them. JSON value of the parameter that the property `KeysBinding` names.
 */
export interface KeysBinding {
  readonly kind: 'keys';
  /** Base URL of the server, equal to the URL of the `ServerBinding` of the same registration. */
  readonly url: string;
  /** The secret, which holds a JSON object: its ARN, or its name where the complete ARN is unknown. */
  readonly secretId: string;
  readonly accessKeyIdField: string;
  readonly secretAccessKeyField: string;
  /** Only for methods with temporary keys. */
  readonly sessionTokenField?: string;
  /** Version id of the secret to read; absent: the current version. */
  readonly versionId?: string;
}
