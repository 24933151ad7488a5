import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { brokenRepositoryNameRule } from '../ecr-repository/repository-name';
import { isUnknown } from '../private/known';

/** ECR's word for "every repository that no other prefix covers". */
export const ROOT = 'ROOT';

/** Throws when a prefix that is known at synth is none. ECR puts the slash behind it, so one there is dropped by the caller. */
export function assertPrefix(prop: string, prefix: string, minLength: number, maxLength: number): void {
  if (isUnknown(prefix) || prefix === ROOT) { return; }
  if (prefix.length < minLength || prefix.length > maxLength) {
    throw new Error(`\`${prop}\`: a prefix has ${minLength} to ${maxLength} characters, got ${JSON.stringify(prefix)}`);
  }
  // A single character is a legal prefix of templates and no legal name.
  const rule = brokenRepositoryNameRule(prefix.length === 1 ? `${prefix}${prefix}` : prefix);
  if (rule) { throw new Error(`\`${prop}\` must be the start of a repository name, or "${ROOT}" (${rule}), got ${JSON.stringify(prefix)}`); }
}

/** What ECR takes as the same prefix: without the slash at the end. */
export function withoutSlash(prefix: string): string {
  return prefix.replace(/\/$/, '');
}

/** ARN pattern of the repositories under the prefix, in the scope's own account and Region. */
export function repositoriesUnder(scope: IConstruct, prefix: string): string {
  return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName: prefix === ROOT ? '*' : `${prefix}/*` });
}
