import { Annotations, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ACCESS_KEY_ID_FIELD, SECRET_ACCESS_KEY_FIELD, validateAccessKeySerial } from './access-key';
import { acknowledge } from '../private/acknowledge';
import { digest } from '../private/digest';
import { applySharedPolicy, isRetained } from '../private/removal';

/** Properties of `ConnectorUser`. */
export interface ConnectorUserProps {
  /**
   * Serial number of the access key. Increase it to rotate the key: in one deploy the new key is created, each
   * connector is verified with it and changes to it, and then the old key is deleted.
   *
   * @default 0
   */
  readonly accessKeySerial?: number;
  /**
   * IAM path of the user.
   *
   * @default '/'
   */
  readonly path?: string;
  /**
   * Permissions boundary of the user.
   *
   * @default - none, or the one that `iam.PermissionsBoundary.of(scope)` applies
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /**
   * What happens to the user, its key and its secret when the construct leaves the CloudFormation stack. Use the
   * `removalPolicy` of the connectors.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * An IAM user whose access key service connectors store. The user may only assume the roles of these connectors. On an
 * open-source server every ZenML user can read the keys of a connector, so the stored key gives access to nothing but
 * those roles.
 *
 * `ConnectorAuthentication.iamRole()` creates a user for each connector. With a `ConnectorUser`, several connectors
 * share one user and one key, and each still assumes a role of its own.
 *
 * Key and secret are one pair per serial, and neither is ever edited. A rotation creates a new pair, the connectors
 * change to it, and CloudFormation then deletes the old pair. A rollback finds the old pair unchanged. IAM's limit of
 * two keys per user is enough for that.
 *
 * @example
 * declare const server: ZenMLServer;
 *
 * const user = new ConnectorUser(this, 'User');
 * const authentication = ConnectorAuthentication.iamRole({ user: user });
 * new S3ArtifactStore(this, 'ArtifactStore', { server: server, authentication: authentication });
 * new EcrContainerRegistry(this, 'Registry', {
 *   server: server,
 *   authentication: RegistryAuthentication.connector(authentication),
 * });
 */
export class ConnectorUser extends Construct {
  /** The IAM user. */
  public readonly user: iam.User;
  /** The secret with the key: a JSON object with `aws_access_key_id` and `aws_secret_access_key`. */
  public readonly secret: secretsmanager.ISecret;
  /**
   * Id of the access key. It is not secret, and it changes with the pair, so that CloudFormation detects the change.
   */
  public readonly accessKeyId: string;

  private readonly removalPolicy?: RemovalPolicy;

  /** @throws when `accessKeySerial` is not a whole number of at least 0 */
  public constructor(scope: Construct, id: string, props: ConnectorUserProps = {}) {
    super(scope, id);
    const { accessKeySerial = 0 } = props;
    validateAccessKeySerial(accessKeySerial);
    this.removalPolicy = props.removalPolicy;
    this.user = new iam.User(this, 'Resource', {
      path: props.path,
      permissionsBoundary: props.permissionsBoundary,
    });
    const key = new iam.AccessKey(this, `AccessKey${accessKeySerial}`, { user: this.user });
    this.accessKeyId = key.accessKeyId;
    const secret = new secretsmanager.Secret(this, `AccessKeySecret${accessKeySerial}`, {
      description: 'Access key of a ZenML service connector. The key can only assume the role of the connector',
      secretObjectValue: {
        // The id of an access key is not secret.
        [ACCESS_KEY_ID_FIELD]: SecretValue.unsafePlainText(key.accessKeyId),
        [SECRET_ACCESS_KEY_FIELD]: key.secretAccessKey,
      },
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'The key rotates by `accessKeySerial`: ZenML must get the new key before the old key is deleted, '
        + 'which a scheduled rotation cannot do',
    });
    this.secret = secret;
    applySharedPolicy(this.removalPolicy, this.user, key, secret);
    if (isRetained(this.removalPolicy) && accessKeySerial > 0) { this.warnOfRetainedKey(); }
  }

  /**
   * Grants the user's only right: to assume the role.
   *
   * @internal
   */
  public _allowToAssume(role: iam.IRole): void {
    const id = `Assume${digest(this, [role.roleArn])}`;
    if (this.node.tryFindChild(id)) { return; }
    // One policy per role: when the role changes, the connector can assume the old role until it has changed to the new
    // one.
    const policy = new iam.Policy(this, id, {
      users: [this.user],
      statements: [new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role.roleArn] })],
    });
    applySharedPolicy(this.removalPolicy, policy);
  }

  /**
   * CloudFormation cannot distinguish a key that was replaced by a rotation from a key that a retained connector needs.
   */
  private warnOfRetainedKey(): void {
    Annotations.of(this).addWarningV2('cdk-zenml:keptAccessKey', '`removalPolicy` retains the former access key of the '
      + 'connector\'s user as well when `accessKeySerial` increases. Delete the former key and its secret after the '
      + 'deploy (aws iam delete-access-key): a user has at most two access keys (IAM\'s limit), so the next rotation '
      + 'fails otherwise');
  }
}
