import { CfnResource, Resource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { validateLength, validatePattern } from '../private/validation';

const PRINCIPAL = /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)\/[\w+=,.@-]+(\/[\w+=,.@-]+)*$/;

/** Properties of `PullTimeExclusion`. */
export interface PullTimeExclusionProps {
  /** ARN of the role or user, at most 200 characters (ECR's limit). */
  readonly principalArn: string;
}

/**
 * Excludes the pulls of a role or user from the last pull time of images, in the account's registry in this Region.
 * Without the exclusion a scanner that pulls every image prevents `maxAgeSincePull` from archiving any image. Deleting
 * the construct ends the exclusion.
 */
export class PullTimeExclusion extends Resource {
  /**
   * @throws when the text is not the ARN of a role or user; at synth, when the app excludes the ARN twice
   */
  public constructor(scope: Construct, id: string, props: PullTimeExclusionProps) {
    super(scope, id);
    const arn = props.principalArn;
    validatePattern('principalArn', arn, PRINCIPAL, '"arn:aws:iam::<account>:role/<name>" (the ARN of a role or user)');
    validateLength('principalArn', arn, [0, 200], 'ECR\'s limit');
    // The oldest aws-cdk-lib that this library supports does not have the L1 class.
    const resource = new CfnResource(this, 'Resource', {
      type: 'AWS::ECR::PullTimeUpdateExclusion',
      properties: { PrincipalArn: arn },
    });
    claimSetting(resource, 'PrincipalArn');
  }
}
