import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ConnectorUser } from '../../iam/connector-user';

/**
 * AWS keys of a service connector, in a secret that holds a JSON object. Only the secret's ARN is in the template. The
 * registration function reads the keys in each registration.
 */
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
   * Version id of the secret to read. After a rotation outside of the CloudFormation stack, change this value or
   * `repairTrigger` to send the new key to ZenML.
   *
   * @default - the version that is current at the time of the deploy
   */
  readonly version?: string;
}

/** Options of the authentication methods that assume a role. */
export interface AssumedRoleOptions {
  /**
   * The role to assume. For a role that this app defines, the construct adds the server's identity, or the user that it
   * creates, to the trust policy. The trust policy of an imported role must trust that identity already, and must not
   * require an external id, because ZenML sends none.
   *
   * @default - a new role for this connector
   */
  readonly role?: iam.IRole;
  /**
   * Session policy that limits the credentials that the connector issues, at most 2048 characters (AWS's limit). It is
   * not a security boundary: everyone with the connector's keys can assume the role without it.
   *
   * @default - ZenML's session policy, which permits ECR; in other partitions than `aws`, an equivalent policy for that
   * partition
   */
  readonly sessionPolicy?: iam.PolicyDocument;
  /**
   * Lifetime of the credentials that the connector issues: 15 minutes to 12 hours (AWS's limits), and at most the
   * maximum session duration of the role. For `implicit` at most one hour, AWS's limit where a role assumes a role.
   *
   * @default Duration.hours(1)
   */
  readonly sessionDuration?: Duration;
  /**
   * IAM path of the role and user that the construct creates.
   *
   * @default '/'
   */
  readonly path?: string;
  /**
   * Permissions boundary of the role and user that the construct creates.
   *
   * @default - none, or the one that `iam.PermissionsBoundary.of(scope)` applies
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}

/** Options of `ConnectorAuthentication.implicit`. */
export interface ImplicitOptions extends AssumedRoleOptions {}

/** Options of `ConnectorAuthentication.iamRole`. */
export interface IamRoleOptions extends AssumedRoleOptions {
  /**
   * Keys of an existing identity that may assume the role. `role` is then required.
   *
   * @default - a new IAM user that may only assume the role, with a key in Secrets Manager
   */
  readonly keys?: ConnectorKeys;
  /**
   * Serial number of the access key of the new IAM user. Increase it to rotate the key: in one deploy the new key is
   * created, the connector is verified with it and changes to it, and then the old key is deleted.
   *
   * @default 0
   */
  readonly accessKeySerial?: number;
  /**
   * A user of this CloudFormation stack that several connectors share. The construct lets the user assume the role.
   *
   * @default - a new IAM user for this connector
   */
  readonly user?: ConnectorUser;
}

/** Options of `ConnectorAuthentication.sessionToken`. */
export interface SessionTokenOptions {
  /**
   * Lifetime of the credentials that the connector issues: 15 minutes to 36 hours (AWS's limits).
   *
   * @default Duration.hours(12)
   */
  readonly sessionDuration?: Duration;
}

/** Options of `ConnectorAuthentication.federationToken`. */
export interface FederationTokenOptions extends SessionTokenOptions {
  /**
   * Session policy that limits the credentials that the connector issues, at most 2048 characters (AWS's limit).
   *
   * @default - ZenML's session policy, which permits ECR
   */
  readonly sessionPolicy?: iam.PolicyDocument;
}

/** Options of `ConnectorAuthentication.stsToken`. */
export interface StsTokenOptions {
  /**
   * When the temporary keys expire, in ISO 8601 with time zone (`2026-12-31T18:00:00Z`). ZenML then refuses to issue
   * them.
   */
  readonly expiresAt: string;
}
