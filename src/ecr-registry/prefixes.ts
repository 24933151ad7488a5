import { IConstruct } from 'constructs';
import { repositoryArn } from '../ecr-repository/repository-arns';
import { brokenRepositoryNameRule } from '../ecr-repository/repository-name';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { quoted, validateLength } from '../private/validation';

/** ECR's prefix for every repository that no other prefix covers. */
export const ROOT = 'ROOT';

/** Throws when a prefix, without the slash at its end, is invalid. */
export function validatePrefix(prop: string, prefix: string, minLength: number, maxLength: number): void {
  if (isUnknown(prefix) || prefix === ROOT) { return; }
  validateLength(prop, prefix, [minLength, maxLength], 'ECR\'s limit');
  // A single character is a valid prefix, but not a valid name.
  const rule = brokenRepositoryNameRule(prefix.length === 1 ? `${prefix}${prefix}` : prefix);
  if (rule) {
    throw synthError(
      'CZ100',
      `\`${prop}\` must be the start of a repository name or "${ROOT}", got: ${quoted(prefix)}: ${rule}`,
    );
  }
}

/** The prefix without a slash at its end, as ECR expects it. */
export function withoutSlash(prefix: string): string {
  return prefix.replace(/\/$/, '');
}

/** ARN pattern of the repositories under the prefix, in the account and Region of the scope's stack. */
export function repositoriesUnder(scope: IConstruct, prefix: string): string {
  return repositoryArn(scope, prefix === ROOT ? '*' : `${prefix}/*`);
}
