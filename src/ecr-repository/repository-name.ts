import { Token } from 'aws-cdk-lib';
import { isKnown } from '../private/known';

/**
 * CloudFormation's own rule (pattern of `RepositoryName` in the schema of AWS::ECR::Repository), without its length part. aws-cdk checks
 * a narrower one, which refuses legal names such as `a--b` and `a__b`.
 */
const PATTERN = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** What aws-cdk's `ecr.Repository` lets pass. */
const CDK_PATTERN = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

const MIN_LENGTH = 2;
const MAX_LENGTH = 256;

/** The rule that the name breaks, or undefined when ECR takes it. */
export function brokenRepositoryNameRule(name: string): string | undefined {
  if (name.length < MIN_LENGTH || name.length > MAX_LENGTH) { return `a repository name has ${MIN_LENGTH} to ${MAX_LENGTH} characters`; }
  if (PATTERN.test(name)) { return undefined; }
  if (/[A-Z]/.test(name)) { return 'a repository name is lower case'; }
  if (/^https?:\/\//.test(name)) { return 'a repository name has no registry host in front'; }
  if (/[:@]/.test(name)) { return 'a repository name has no tag or digest behind'; }
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) { return 'a repository name has no empty part between slashes'; }
  if (/[^a-z0-9._/-]/.test(name)) { return 'a repository name has only a-z, 0-9, ".", "_", "-" and "/"'; }
  return 'each part of a repository name starts and ends with a letter or digit, with single ".", "_", "__" or any number of "-" between';
}

/** A legal name that is close to the given one, or undefined when nothing is left of it. */
export function suggestRepositoryName(name: string): string | undefined {
  const parts = name
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^\d{12}\.dkr[.-]ecr[^/]*\//, '')
    .replace(/(?:@sha256)?[:@][^/]*$/, '')
    .split('/')
    .map((part) => part
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/[._-]{2,}/g, (run) => (/^(?:__|-+)$/.test(run) ? run : run.includes('-') ? '-' : run[0]!))
      .replace(/^[._-]+|[._-]+$/g, ''))
    .filter((part) => part !== '');
  const candidate = parts.join('/').slice(0, MAX_LENGTH).replace(/[._/-]+$/, '');
  return candidate.length >= MIN_LENGTH && PATTERN.test(candidate) ? candidate : undefined;
}

/** Throws when a name that is known at synth is none. `prop` is what the user wrote, such as `repositoryName`. */
export function assertRepositoryName(name: string | undefined, prop: string = 'repositoryName'): void {
  if (!isKnown(name)) { return; }
  const rule = brokenRepositoryNameRule(name);
  if (!rule) { return; }
  const fixed = suggestRepositoryName(name);
  throw new Error(`\`${prop}\`: ${rule}, got ${JSON.stringify(shorten(name))}${fixed ? `; use ${JSON.stringify(shorten(fixed))}, for example` : ''}`);
}

/** Whether aws-cdk's narrower check would refuse this (legal) name, or the stand-in of one that is being looked up. */
export function refusedByCdk(name: string | undefined): boolean {
  return name !== undefined && !Token.isUnresolved(name) && !CDK_PATTERN.test(name);
}

function shorten(name: string): string {
  return name.length > 80 ? `${name.slice(0, 77)}...` : name;
}
