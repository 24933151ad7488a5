import { CfnResource, Resource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { isUnknown } from '../private/known';

const PRINCIPAL = /^arn:aws(-[a-z]+)*:iam::[0-9]{12}:(role|user)\/[\w+=,.@-]+(\/[\w+=,.@-]+)*$/;

/** Properties of `PullTimeExclusion`. */
export interface PullTimeExclusionProps {
  /** ARN of the role or user, at most 200 characters. */
  readonly principalArn: string;
}

/**
 * Pulls of this role or user do not count as use of an image: a scanner that reads everything would otherwise keep all images from being
 * archived by `maxAgeSincePull`. It holds for the account's registry in this Region. Deleting it makes the pulls count again.
 */
export class PullTimeExclusion extends Resource {
  /**
   * @throws when the ARN is not one of a role or user, or the app excludes it twice
   */
  public constructor(scope: Construct, id: string, props: PullTimeExclusionProps) {
    super(scope, id);
    const arn = props.principalArn;
    if (!isUnknown(arn) && (arn.length > 200 || !PRINCIPAL.test(arn))) {
      throw new Error(`\`principalArn\` is the ARN of a role or user, arn:aws:iam::<account>:role/<name>, got ${JSON.stringify(arn)}`);
    }
    // The L1 class is younger than the oldest aws-cdk-lib that this library works with.
    const resource = new CfnResource(this, 'Resource', { type: 'AWS::ECR::PullTimeUpdateExclusion', properties: { PrincipalArn: arn } });
    assertSingleOwner(resource, 'PrincipalArn');
  }
}
