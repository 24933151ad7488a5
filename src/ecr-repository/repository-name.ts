import { Token } from 'aws-cdk-lib';
import { isKnown } from '../private/known';
import { synthError } from '../private/synth-error';
import { quoted } from '../private/validation';

/**
 * CloudFormation's pattern of `RepositoryName` (schema of AWS::ECR::Repository), without its length part. The pattern
 * of aws-cdk is narrower and refuses valid names such as `a--b` and `a__b`.
 */
const PATTERN = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** Pattern of the names that aws-cdk's `ecr.Repository` accepts. */
const CDK_PATTERN = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

const MIN_LENGTH = 2;
const MAX_LENGTH = 256;

/** The rule that the name breaks, as a clause with its own subject; undefined when ECR accepts the name. */
export function brokenRepositoryNameRule(name: string): string | undefined {
  if (name.length < MIN_LENGTH || name.length > MAX_LENGTH) {
    return `a repository name must have ${MIN_LENGTH} to ${MAX_LENGTH} characters`;
  }
  if (PATTERN.test(name)) { return undefined; }
  if (/[A-Z]/.test(name)) { return 'a repository name must be lower case'; }
  if (/^https?:\/\//.test(name)) { return 'a repository name must not start with a URL scheme or registry host'; }
  if (/[:@]/.test(name)) { return 'a repository name must not contain a tag or digest'; }
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) {
    return 'a repository name must not have an empty part between slashes';
  }
  if (/[^a-z0-9._/-]/.test(name)) { return 'a repository name must only contain a-z, 0-9, ".", "_", "-" and "/"'; }
  return 'each part of a repository name must start and end with a letter or digit, with a single ".", "_", "__" or '
    + 'any number of "-" between them';
}

/** A valid name that is similar to the given one; undefined when the name has no usable characters. */
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

/** Throws when ECR does not accept the name. */
export function validateRepositoryName(prop: string, name: string | undefined): void {
  if (!isKnown(name)) { return; }
  const rule = brokenRepositoryNameRule(name);
  if (!rule) { return; }
  const suggestion = suggestRepositoryName(name);
  throw synthError('CZ100', `\`${prop}\`: ${rule}, got: ${quoted(name)}: `
    + `${suggestion ? `use for example ${quoted(suggestion)}` : 'choose another name'}`);
}

/** Whether aws-cdk refuses this name, which is valid or the placeholder of a context look-up. */
export function isRefusedByCdk(name: string | undefined): boolean {
  return name !== undefined && !Token.isUnresolved(name) && !CDK_PATTERN.test(name);
}
