import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { renderExclusionFilters } from './exclusion-filters';
import { cfnRepositoryBehind, describeRepository } from './registry-host';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';

/** The options of a repository that determine whether its tags are mutable. */
interface TagSettings {
  readonly imageTagMutability?: ecr.TagMutability;
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];
}

/**
 * Throws when ZenML could not push to a repository with the options. ZenML pushes the same tag again for each changed
 * build, and ECR refuses that for immutable tags. Exclusion filters are not checked against the names of pipelines,
 * which are unknown at synth.
 *
 * @param subject the options, as the message begins
 */
export function validateZenmlCanPush(options: TagSettings, subject: string): void {
  const filters = renderExclusionFilters(options.imageTagMutabilityExclusionFilters ?? [])
    .map((filter) => filter.imageTagMutabilityExclusionFilterValue);
  const problem = pushProblem(options.imageTagMutability ?? ecr.TagMutability.MUTABLE, filters);
  if (problem) { throw synthError('CZ171', `${subject} ${problem}`); }
}

/**
 * Throws when ZenML could not push to a repository that this app defines. The settings of an existing repository are
 * unknown at synth.
 */
export function requireZenmlCanPushTo(repository: ecr.IRepository): void {
  const cfn = cfnRepositoryBehind(repository);
  if (!cfn?.imageTagMutability) { return; }
  const stack = Stack.of(repository);
  const filters: unknown = stack.resolve(cfn.imageTagMutabilityExclusionFilters ?? []);
  const values = Array.isArray(filters) ? filters.map(filterValue) : ['(unknown)'];
  const problem = pushProblem(cfn.imageTagMutability, values);
  if (problem) { throw synthError('CZ171', `repository ${describeRepository(repository)} ${problem}`); }
}

/**
 * Warnings about lifecycle rules that can delete or archive images that ZenML still uses. The rules are those that the
 * repository renders, including rules of `addLifecycleRule`, so call this function at synth or after the last rule was
 * added.
 */
export function zenmlLifecycleWarnings(repository: ecr.IRepository): string[] {
  const cfn = cfnRepositoryBehind(repository);
  if (!cfn?.lifecyclePolicy) { return []; }
  const policy: { lifecyclePolicyText?: unknown } | undefined = Stack.of(repository).resolve(cfn.lifecyclePolicy);
  return lifecycleWarnings(policy?.lifecyclePolicyText, `repository ${describeRepository(repository)}`);
}

/**
 * Warnings about the rules in the text of a lifecycle policy.
 *
 * @param subject the repositories, as the message begins
 */
export function lifecycleWarnings(policyText: unknown, subject: string): string[] {
  // The placeholder of a context look-up contains no rules.
  if (typeof policyText !== 'string' || isUnknown(policyText)) { return []; }
  let rules: RenderedRule[];
  try {
    rules = (JSON.parse(policyText) as { rules?: RenderedRule[] }).rules ?? [];
  } catch {
    return []; // CloudFormation reports an invalid text.
  }
  return rules.flatMap((rule) => {
    const effect = warningFor(rule);
    return effect ? [`${subject}: lifecycle rule ${rule.rulePriority ?? ''} ${effect}`.replace('  ', ' ')] : [];
  });
}

function filterValue(filter: { imageTagMutabilityExclusionFilterValue?: unknown }): string {
  return String(filter.imageTagMutabilityExclusionFilterValue);
}

/** A lifecycle rule in ECR's JSON format, as far as the warnings read it. */
interface RenderedRule {
  readonly rulePriority?: number;
  readonly selection?: {
    readonly tagStatus?: string;
    readonly tagPatternList?: unknown[];
    readonly countType?: string;
  };
  readonly action?: { readonly type?: string };
}

function warningFor(rule: RenderedRule): string | undefined {
  // A pattern of wildcards alone selects every image with a tag.
  const everyTag = rule.selection?.tagPatternList?.every((pattern) => /^\*+$/.test(String(pattern))) ?? false;
  const status = everyTag ? 'any' : rule.selection?.tagStatus;
  if (rule.action?.type === 'transition') {
    return status === 'tagged'
      ? undefined
      : 'archives images that ZenML may still use by digest. A pull of an archived image fails until the image is restored or pushed again';
  }
  // An archived image could not be pulled anyway.
  if (rule.selection?.countType === 'sinceImageTransitioned') { return undefined; }
  if (status === 'untagged') {
    return 'expires untagged images. ZenML refers to builds of the local Docker builder by digest, and they lose their '
      + 'tag at the next push, so the rule can delete images in use. Remove the rule, or set prevent_build_reuse in '
      + 'the pipelines';
  }
  if (status === 'any') {
    return 'expires images by count or age regardless of their tags, so the rule can delete builds that ZenML reuses. '
      + 'Limit the rule to tag patterns, or set prevent_build_reuse in the pipelines';
  }
  return undefined;
}

/** Why ZenML cannot push, as the rest of a sentence that starts with the subject. */
function pushProblem(mutability: string, filters: string[]): string | undefined {
  if (isUnknown(mutability)) { return undefined; }
  if (mutability === ecr.TagMutability.IMMUTABLE) {
    return 'must not have immutable tags, because ZenML pushes the same tags again: use TagMutability.MUTABLE, or '
      + 'IMMUTABLE_WITH_EXCLUSION with filters for the tags of the pipelines (MutableTags.ofPipelines(...))';
  }
  if (mutability === ecr.TagMutability.MUTABLE_WITH_EXCLUSION && filters.includes('*')) {
    return 'must not make every tag immutable by the exclusion filter "*", because ZenML pushes the same tags again: '
      + 'exclude only tags that must be immutable, such as "v*"';
  }
  return undefined;
}
