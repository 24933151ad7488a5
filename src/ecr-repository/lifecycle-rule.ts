import { Duration } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';

/** What a lifecycle rule does with the images that it selects. */
export enum LifecycleAction {
  /** Delete the image. */
  EXPIRE = 'EXPIRE',

  /**
   * Move the image to the archive: cheaper to keep, charged for at least 90 days, and not pullable (ECR answers "not found") until it is
   * restored or pushed again.
   */
  ARCHIVE = 'ARCHIVE',
}

/**
 * A lifecycle rule with everything that ECR offers.
 *
 * The rule adds to aws-cdk's `ecr.LifecycleRule` the age since the last pull, the age in the archive and the action that archives. Exactly one
 * of `maxImageCount`, `maxImageAge`, `maxAgeSincePull` and `maxAgeInArchive` says which images are too many or too old.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export interface ImageLifecycleRule extends ecr.LifecycleRule {
  /**
   * Select images whose last pull (or push, when never pulled) is at least so long ago; in whole days. Goes with
   * `LifecycleAction.ARCHIVE`, the only action that ECR takes here.
   *
   * @default - the last pull does not matter
   */
  readonly maxAgeSincePull?: Duration;

  /**
   * Select archived images that have been in the archive for at least so long; in whole days, 90 or more as ECR deletes none sooner.
   * Goes with `LifecycleAction.EXPIRE`.
   *
   * @default - archived images are left alone
   */
  readonly maxAgeInArchive?: Duration;

  /**
   * The action on the images that the rule selects.
   *
   * @default LifecycleAction.EXPIRE, or LifecycleAction.ARCHIVE with `maxAgeSincePull`
   */
  readonly action?: LifecycleAction;
}
