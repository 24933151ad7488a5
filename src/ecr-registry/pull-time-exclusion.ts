import { CfnResource, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { invalidProp, validateLength, validatePattern } from '../private/validation';

const PRINCIPAL = /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)\/[\w+=,.@-]+(\/[\w+=,.@-]+)*$/;

/** Properties of `PullTimeExclusion`. */
export interface PullTimeExclusionProps {
  /**
   * The role or user whose pulls do not count. Refer to one that exists by `iam.Role.fromRoleArn()` or
   * `iam.User.fromUserArn()`. Its ARN may have at most 200 characters (ECR's limit).
   */
  readonly principal: iam.IIdentity;
}

/**
 * Excludes the pulls of a role or user from the last pull time of images, in the account's registry in this Region.
 * Without the exclusion a scanner that pulls every image prevents `maxAgeSincePull` from archiving any image. Deleting
 * the construct ends the exclusion.
 *
 * @example
 * declare const scannerRole: iam.IRole;
 *
 * new ecr_registry.PullTimeExclusion(this, 'Scanner', { principal: scannerRole });
 */
export class PullTimeExclusion extends Resource {
  /**
   * @throws when the principal is neither a role nor a user; at synth, when the app excludes it twice
   */
  public constructor(scope: Construct, id: string, props: PullTimeExclusionProps) {
    super(scope, id);
    const arn = arnOf(props.principal);
    validatePattern('principal', arn, PRINCIPAL, '"arn:aws:iam::<account>:role/<name>" (the ARN of a role or user)');
    validateLength('principal', arn, [0, 200], 'ECR\'s limit');
    // The oldest aws-cdk-lib that this library supports does not have the L1 class.
    const resource = new CfnResource(this, 'Resource', {
      type: 'AWS::ECR::PullTimeUpdateExclusion',
      properties: { PrincipalArn: arn },
    });
    claimSetting(resource, 'PrincipalArn');
  }
}

/** `IIdentity` has no ARN, since each kind of identity names its own. */
function arnOf(principal: iam.IIdentity): string {
  const { roleArn, userArn } = principal as Partial<iam.IRole & iam.IUser>;
  const arn = roleArn ?? userArn;
  if (arn === undefined) {
    throw invalidProp('principal', 'must be a role or a user', principal.node.path, 'pass the role or user that pulls');
  }
  return arn;
}
