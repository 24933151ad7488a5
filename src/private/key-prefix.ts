import { validatePattern } from './validation';

/**
 * Parts of a prefix. ZenML joins path and key with a slash, so a slash at an end gives keys with two. IAM reads `*`,
 * `?` and `${` in the ARN of the objects as patterns, so a policy would reach the objects of others. URLs and file
 * tools resolve the parts `.` and `..`.
 */
const PREFIX = /^(?=.{1,512}$)(?!\.{1,2}(\/|$))[\w.=+@-]+(\/(?!\.{1,2}(\/|$))[\w.=+@-]+)*$/;
const PREFIX_SHAPE = '"team-a/zenml" (1 to 512 characters: letters, digits and `_ . = + @ -`, in parts that one slash '
  + 'separates, without slashes at the ends, and without the parts `.` and `..`)';

/** Throws when a text cannot be the start of the keys of artifacts. */
export function validateKeyPrefix(prefix: string | undefined): void {
  validatePattern('prefix', prefix, PREFIX, PREFIX_SHAPE);
}
