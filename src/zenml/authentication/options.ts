import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** AWS keys of a service connector, in a secret that holds a JSON object. The keys are read when the registration runs; only the secret's ARN is in the template. */
export interface ConnectorKeys {
  /** The secret that holds the keys. */
  readonly secret: secretsmanager.ISecret;
  /**
   * JSON field of the secret that holds the access key id.
   *
   * @default 'aws_access_key_id'
   */
  readonly accessKeyIdField?: string;
  /**
   * JSON field of the secret that holds the secret access key.
   *
   * @default 'aws_secret_access_key'
   */
  readonly secretAccessKeyField?: string;
  /**
   * JSON field of the secret that holds the session token, for temporary keys (`stsToken`).
   *
   * @default 'aws_session_token'
   */
  readonly sessionTokenField?: string;
  /**
   * Version id of the secret to read. A key that was rotated outside of the stack reaches ZenML when this changes, or `refreshToken`.
   *
   * @default - the current version at the time of the deploy
   */
  readonly version?: string;
}

/** Options of the methods that assume a role. */
export interface AssumedRoleOptions {
  /**
   * The role to assume. A role made in this app is told to trust the server's identity (or the user that is made for it); a referenced
   * one must do so already, without demanding an external id (ZenML sends none).
   *
   * @default - a new one that is trusted to this connector only
   */
  readonly role?: iam.IRole;
  /**
   * Session policy: narrows what the connector hands out. At most 2048 characters (AWS's limit). It is no boundary: whoever holds the
   * connector's keys can assume the role without it.
   *
   * @default - ZenML's own, which permits ECR; outside of the partition `aws` one that says the same for that partition
   */
  readonly sessionPolicy?: iam.PolicyDocument;
  /**
   * How long the credentials live that the connector hands out: 15 minutes to 12 hours (`implicit`: to one hour, AWS's limit where a role
   * assumes a role), and at most the role's own maximum.
   *
   * @default Duration.hours(1)
   */
  readonly sessionDuration?: Duration;
  /**
   * IAM path of what is made.
   *
   * @default '/'
   */
  readonly path?: string;
  /**
   * Permissions boundary of what is made.
   *
   * @default - none (or the one that `iam.PermissionsBoundary.of(scope)` applies)
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/** Options of `ConnectorAuthentication.implicit`. */
export interface ImplicitOptions extends AssumedRoleOptions {}

/** Options of `ConnectorAuthentication.iamRole`. */
export interface IamRoleOptions extends AssumedRoleOptions {
  /**
   * Keys of an identity of your own that may assume the role; `role` is then required.
   *
   * @default - a new IAM user that may do nothing but assume the role, with a key in Secrets Manager
   */
  readonly keys?: ConnectorKeys;
  /**
   * Increase it to rotate the access key of the user that is made: a new key is made, the connector is verified with it and moved to
   * it, then the old one is removed, in one deploy.
   *
   * @default 0
   */
  readonly accessKeySerial?: number;
}

/** Options of `ConnectorAuthentication.sessionToken`. */
export interface SessionTokenOptions {
  /**
   * How long the credentials live that the connector hands out: 15 minutes to 36 hours (AWS's limit).
   *
   * @default Duration.hours(12)
   */
  readonly sessionDuration?: Duration;
}

/** Options of `ConnectorAuthentication.federationToken`. */
export interface FederationTokenOptions extends SessionTokenOptions {
  /**
   * Session policy: narrows what the connector hands out. At most 2048 characters (AWS's limit).
   *
   * @default - ZenML's own, which permits ECR
   */
  readonly sessionPolicy?: iam.PolicyDocument;
}

/** Options of `ConnectorAuthentication.stsToken`. */
export interface StsTokenOptions {
  /** When the temporary keys end, ISO 8601 (`2026-12-31T18:00:00Z`). ZenML then refuses to hand them out. */
  readonly expiresAt: string;
}
