import { Annotations, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { digest } from '../private/digest';
import { isKept, shareFate } from '../private/fate';

export const ACCESS_KEY_ID_FIELD = 'aws_access_key_id';
export const SECRET_ACCESS_KEY_FIELD = 'aws_secret_access_key';
export const SESSION_TOKEN_FIELD = 'aws_session_token';

export interface ConnectorUserSettings {
  readonly accessKeySerial: number;
  readonly path?: string;
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /** The connector's. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * The IAM user whose access key a connector holds, and that may do nothing but assume one role. On an open-source server every ZenML
 * user can read a connector's keys: a key that opens one ECR-only role is the most that may be stored there.
 *
 * Key and secret are one pair per serial and neither is ever edited: a rotation makes a new pair, the connector moves to it, and
 * CloudFormation then removes the old one; a rollback finds the old pair whole. IAM's limit of two keys for a user fits that exactly.
 */
export class ConnectorUser extends Construct {
  public readonly user: iam.User;
  /** JSON object with the two fields above. */
  public readonly secret: secretsmanager.ISecret;
  /** Not secret; tells CloudFormation that the pair changed. */
  public readonly accessKeyId: string;

  private readonly removalPolicy?: RemovalPolicy;

  public constructor(scope: Construct, id: string, settings: ConnectorUserSettings) {
    super(scope, id);
    this.removalPolicy = settings.removalPolicy;
    this.user = new iam.User(this, 'Resource', { path: settings.path, permissionsBoundary: settings.permissionsBoundary });
    const key = new iam.AccessKey(this, `AccessKey${settings.accessKeySerial}`, { user: this.user });
    this.accessKeyId = key.accessKeyId;
    const secret = new secretsmanager.Secret(this, `AccessKeySecret${settings.accessKeySerial}`, {
      description: 'Access key of a ZenML service connector; it may only assume the connector\'s role',
      secretObjectValue: {
        // The id of an access key is no secret.
        [ACCESS_KEY_ID_FIELD]: SecretValue.unsafePlainText(key.accessKeyId),
        [SECRET_ACCESS_KEY_FIELD]: key.secretAccessKey,
      },
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4': 'The key rotates by `accessKeySerial`: ZenML must get the new key before the old one goes, which a scheduled rotation cannot do',
    });
    this.secret = secret;
    shareFate(this.removalPolicy, this.user, key, secret);
    if (isKept(this.removalPolicy) && settings.accessKeySerial > 0) { this.warnOfKeptKey(); }
  }

  /** The one right of the user. */
  public allowToAssume(role: iam.IRole): void {
    // One policy for each role: when the role changes, the connector can assume the old one until it has moved.
    const policy = new iam.Policy(this, `Assume${digest(this, [role.roleArn])}`, {
      users: [this.user],
      statements: [new iam.PolicyStatement({ actions: ['sts:AssumeRole'], resources: [role.roleArn] })],
    });
    shareFate(this.removalPolicy, policy);
  }

  /** CloudFormation cannot tell a key that was rotated out from one that a kept connector needs. */
  private warnOfKeptKey(): void {
    Annotations.of(this).addWarningV2('cdk-zenml:keptAccessKey', '`removalPolicy` keeps the former access key of the connector\'s user as well when `accessKeySerial` increases: '
      + 'delete it after the deploy (aws iam delete-access-key, and its secret). IAM takes at most two keys for a user, so the next rotation fails before that');
  }
}
