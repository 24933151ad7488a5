import { Duration } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';

/** What a lifecycle rule does with the images that it selects. */
export enum LifecycleAction {
  /** Delete the image. */
  EXPIRE = 'EXPIRE',

  /**
   * Move the image to the archive. Archive storage costs less, but ECR charges for at least 90 days. An archived image
   * cannot be pulled (ECR reports "not found") until it is restored or pushed again.
   */
  ARCHIVE = 'ARCHIVE',
}

/**
 * A lifecycle rule with all features of ECR.
 *
 * In addition to aws-cdk's `ecr.LifecycleRule` it has the age since the last pull, the age in the archive, and the
 * action that archives. Exactly one of `maxImageCount`, `maxImageAge`, `maxAgeSincePull` and `maxAgeInArchive` is
 * needed.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export interface ImageLifecycleRule extends ecr.LifecycleRule {
  /**
   * Select images whose last pull is at least this long ago, in whole days. For an image that was never pulled, its
   * push counts. Needs `LifecycleAction.ARCHIVE`, the only action that ECR accepts here.
   *
   * @default - the rule ignores the last pull
   */
  readonly maxAgeSincePull?: Duration;

  /**
   * Select archived images that have been in the archive for at least this long, in whole days, at least 90 (ECR's
   * limit). Needs `LifecycleAction.EXPIRE`.
   *
   * @default - the rule does not select archived images
   */
  readonly maxAgeInArchive?: Duration;

  /**
   * What the rule does with the images that it selects.
   *
   * @default LifecycleAction.EXPIRE, or LifecycleAction.ARCHIVE with `maxAgeSincePull`
   */
  readonly action?: LifecycleAction;
}
