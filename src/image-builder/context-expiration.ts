import { Duration } from 'aws-cdk-lib';
import { CodeBuildImageBuilderProps } from './codebuild-props';
import { contextPrefix } from '../iam/codebuild-rights';
import { expireBelow, isPrivateBucket } from '../private/private-bucket';
import { synthError } from '../private/synth-error';
import { validateDuration } from '../private/validation';

/** As long as the log of a build: whoever reads the log finds what was built. */
const DEFAULT_DAYS = 30;
const DAY = 24 * 60 * 60;
const MAX_DAYS = 36_500;

/** Throws when build contexts cannot expire as the option says. */
export function validateContextExpiration({ bucket, contextExpiration }: CodeBuildImageBuilderProps): void {
  if (contextExpiration === undefined) { return; }
  if (!isPrivateBucket(bucket)) {
    throw synthError('CZ101', '`contextExpiration` must not be set together with a bucket that this library has not '
      + `created, got: ${bucket.node.path}: add a lifecycle rule to that bucket`);
  }
  validateDuration('contextExpiration', contextExpiration, [DAY, MAX_DAYS * DAY], 'S3 counts in days');
  if (!contextExpiration.isUnresolved() && !Number.isInteger(contextExpiration.toDays({ integral: false }))) {
    throw synthError('CZ100', '`contextExpiration` must be a whole number of days (S3 counts in days), got: '
      + `${contextExpiration.toHours({ integral: false })} hours`);
  }
}

/** Lets build contexts expire in a bucket that this library has created. */
export function expireContexts({ bucket, prefix, contextExpiration }: CodeBuildImageBuilderProps): void {
  if (!isPrivateBucket(bucket)) { return; }
  const age = contextExpiration ?? Duration.days(DEFAULT_DAYS);
  const earlier = expireBelow(bucket, contextPrefix(prefix), age);
  if (earlier && daysOf(earlier) !== daysOf(age)) {
    throw synthError('CZ101', '`contextExpiration` must be the same for all image builders of an artifact store, got: '
      + `${daysOf(age)} days, and ${daysOf(earlier)} days of another one: set the same value`);
  }
}

/** A number, or a token. */
function daysOf(age: Duration): number | string {
  return age.isUnresolved() ? age.toString() : age.toDays();
}
