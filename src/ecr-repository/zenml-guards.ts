import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { renderExclusionFilters } from './exclusion-filters';
import { cfnRepositoryBehind, describeRepository } from './registry-host';
import { isUnknown } from '../private/known';

/** What the guards read of a repository's options. */
interface TagSettings {
  readonly imageTagMutability?: ecr.TagMutability;
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];
}

/**
 * Throws when ZenML could not push: it pushes the same tag again for each changed build, which immutable tags refuse.
 * With exclusion filters it is the user who says which tags may move; those are taken at their word.
 */
export function assertZenmlCanPush(options: TagSettings, subject: string = 'this repository'): void {
  const filters = renderExclusionFilters(options.imageTagMutabilityExclusionFilters ?? [])
    .map((filter) => filter.imageTagMutabilityExclusionFilterValue);
  const problem = pushProblem(options.imageTagMutability ?? ecr.TagMutability.MUTABLE, filters);
  if (problem) { throw new Error(`${subject}: ${problem}`); }
}

/** The same for any repository that this app makes; nothing is known of a one that exists (an immutable one fails at the push). */
export function assertZenmlCanPushTo(repository: ecr.IRepository): void {
  const cfn = cfnRepositoryBehind(repository);
  if (!cfn?.imageTagMutability) { return; }
  const stack = Stack.of(repository);
  const filters: unknown = stack.resolve(cfn.imageTagMutabilityExclusionFilters ?? []);
  const values = Array.isArray(filters)
    ? filters.map((filter: { imageTagMutabilityExclusionFilterValue?: unknown }) => String(filter.imageTagMutabilityExclusionFilterValue))
    : ['(unknown)'];
  const problem = pushProblem(cfn.imageTagMutability, values);
  if (problem) { throw new Error(`${describeRepository(repository)}: ${problem}`); }
}

/**
 * Warnings about lifecycle rules that can delete images which ZenML still uses. Reads what the repository renders, so rules that were
 * added by `addLifecycleRule` count as well: call it at synth (from a validation or an aspect), or after the last rule.
 */
export function zenmlLifecycleWarnings(repository: ecr.IRepository): string[] {
  const cfn = cfnRepositoryBehind(repository);
  if (!cfn?.lifecyclePolicy) { return []; }
  const policy: { lifecyclePolicyText?: unknown } | undefined = Stack.of(repository).resolve(cfn.lifecyclePolicy);
  return lifecycleWarnings(policy?.lifecyclePolicyText, describeRepository(repository));
}

/** The same for the text of a policy. */
export function lifecycleWarnings(policyText: unknown, subject: string): string[] {
  // The stand-ins of look-ups say nothing about the rules.
  if (typeof policyText !== 'string' || isUnknown(policyText)) { return []; }
  let rules: RenderedRule[];
  try {
    rules = (JSON.parse(policyText) as { rules?: RenderedRule[] }).rules ?? [];
  } catch {
    return []; // not our text to judge: CloudFormation reports it
  }
  return rules.flatMap((rule) => {
    const what = warningFor(rule);
    return what ? [`${subject}: lifecycle rule ${rule.rulePriority ?? ''} ${what}`.replace('  ', ' ')] : [];
  });
}

interface RenderedRule {
  readonly rulePriority?: number;
  readonly selection?: { readonly tagStatus?: string; readonly tagPatternList?: unknown[]; readonly countType?: string };
  readonly action?: { readonly type?: string };
}

function warningFor(rule: RenderedRule): string | undefined {
  // A pattern of wildcards alone selects every image with a tag, whichever that is.
  const everyTag = rule.selection?.tagPatternList?.every((pattern) => /^\*+$/.test(String(pattern))) ?? false;
  const status = everyTag ? 'any' : rule.selection?.tagStatus;
  if (rule.action?.type === 'transition') {
    return status === 'tagged' ? undefined
      : 'archives images that ZenML may still use by digest; a pull of an archived image fails until it is restored or pushed again';
  }
  // What is gone from the archive was out of reach of a pull already.
  if (rule.selection?.countType === 'sinceImageTransitioned') { return undefined; }
  if (status === 'untagged') {
    return 'expires untagged images; builds by local Docker are stored by digest and lose their tag at the next push, so images in use would be '
      + 'deleted (remove the rule, or set prevent_build_reuse in the pipelines)';
  }
  if (status === 'any') {
    return 'expires images by count or age whatever their tag; builds that ZenML would reuse can disappear (limit it to tag patterns, or set '
      + 'prevent_build_reuse in the pipelines)';
  }
  return undefined;
}

function pushProblem(mutability: string, filters: string[]): string | undefined {
  if (isUnknown(mutability)) { return undefined; }
  if (mutability === ecr.TagMutability.IMMUTABLE) {
    return 'ZenML pushes the same tags again and immutable tags would refuse that; use TagMutability.MUTABLE, or IMMUTABLE_WITH_EXCLUSION with '
      + 'filters for the tags of your pipelines (MutableTags.ofPipelines(...))';
  }
  if (mutability === ecr.TagMutability.MUTABLE_WITH_EXCLUSION && filters.includes('*')) {
    return 'ZenML pushes the same tags again and the exclusion filter "*" makes every tag immutable; name only the tags that must not move, such as "v*"';
  }
  return undefined;
}
