import { Annotations, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { digest } from '../private/digest';
import { applySharedPolicy, isRetained } from '../private/removal';

export const ACCESS_KEY_ID_FIELD = 'aws_access_key_id';
export const SECRET_ACCESS_KEY_FIELD = 'aws_secret_access_key';
export const SESSION_TOKEN_FIELD = 'aws_session_token';

interface ConnectorUserSettings {
  readonly accessKeySerial: number;
  readonly path?: string;
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /** Removal policy of the connector. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The IAM user whose access key a connector stores. The user may only assume one role. On an open-source server every
 * ZenML user can read the keys of a connector, so the stored key gives access to nothing but that role.
 *
 * Key and secret are one pair per serial, and neither is ever edited. A rotation creates a new pair, the connector
 * changes to it, and CloudFormation then deletes the old pair. A rollback finds the old pair unchanged. IAM's limit of
 * two keys per user is enough for that.
 */
export class ConnectorUser extends Construct {
  public readonly user: iam.User;
  /** JSON object with `ACCESS_KEY_ID_FIELD` and `SECRET_ACCESS_KEY_FIELD`. */
  public readonly secret: secretsmanager.ISecret;
  /**
   * Id of the access key. It is not secret, and it changes with the pair, so that CloudFormation detects the change.
   */
  public readonly accessKeyId: string;

  private readonly removalPolicy?: RemovalPolicy;

  public constructor(scope: Construct, id: string, settings: ConnectorUserSettings) {
    super(scope, id);
    this.removalPolicy = settings.removalPolicy;
    this.user = new iam.User(this, 'Resource', {
      path: settings.path,
      permissionsBoundary: settings.permissionsBoundary,
    });
    const key = new iam.AccessKey(this, `AccessKey${settings.accessKeySerial}`, { user: this.user });
    this.accessKeyId = key.accessKeyId;
    const secret = new secretsmanager.Secret(this, `AccessKeySecret${settings.accessKeySerial}`, {
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
    if (isRetained(this.removalPolicy) && settings.accessKeySerial > 0) { this.warnOfRetainedKey(); }
  }

  /** Grants the user's only right: to assume the role. */
  public allowToAssume(role: iam.IRole): void {
    // One policy per role: when the role changes, the connector can assume the old role until it has changed to the new
    // one.
    const policy = new iam.Policy(this, `Assume${digest(this, [role.roleArn])}`, {
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
