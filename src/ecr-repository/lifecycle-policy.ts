import { Duration, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
import { isUnknown } from '../private/known';

/** Limits of ECR (service quotas and the schema of AWS::ECR::Repository). */
const MAX_RULES = 50;
const MAX_TEXT = 30720;
const MAX_WILDCARDS = 4;
const MIN_DAYS_IN_ARCHIVE = 90;

/** A rule as ECR's JSON has it. */
interface RuleJson {
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: Record<string, unknown>;
  readonly action: Record<string, string>;
}

/**
 * A set of lifecycle rules: checked against ECR's limits when it is made, and exported as the JSON text that ECR, repository creation
 * templates and other tools take.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export class ImageLifecyclePolicy {
  /**
   * A policy of these rules.
   *
   * @param rules in any order: rules without `rulePriority` come after those with one, rules for any image come last
   * @throws when a rule breaks one of ECR's limits or two rules contradict each other
   */
  public static fromRules(rules: ImageLifecycleRule[]): ImageLifecyclePolicy {
    return new ImageLifecyclePolicy(rules);
  }

  private readonly ordered: RuleJson[];

  private constructor(rules: ImageLifecycleRule[]) {
    rules.forEach(assertRule);
    this.ordered = order(rules).map(render);
    assertTogether(rules, this.ordered);
  }

  /**
   * The JSON text of the policy. Values that only CloudFormation knows stay references in it.
   *
   * @param scope any construct of the stack that uses the text
   * @throws when the text exceeds ECR's 30,720 characters
   */
  public toJson(scope: IConstruct): string {
    const policy = { rules: this.ordered };
    if (containsToken(policy)) { return Stack.of(scope).toJsonString(policy); }
    const text = JSON.stringify(policy);
    if (text.length > MAX_TEXT) {
      throw new Error(`lifecycle rules: ECR takes at most ${MAX_TEXT} characters of policy text, got ${text.length}; shorten descriptions or tag lists`);
    }
    return text;
  }
}

function containsToken(value: unknown): boolean {
  if (isUnknown(value)) { return true; }
  return typeof value === 'object' && value !== null && Object.values(value).some(containsToken);
}

function statusOf(rule: ImageLifecycleRule): ecr.TagStatus {
  return rule.tagStatus ?? (rule.tagPrefixList || rule.tagPatternList ? ecr.TagStatus.TAGGED : ecr.TagStatus.ANY);
}

function actionOf(rule: ImageLifecycleRule): LifecycleAction {
  return rule.action ?? (rule.maxAgeSincePull ? LifecycleAction.ARCHIVE : LifecycleAction.EXPIRE);
}

/** Checks what one rule says by itself. */
function assertRule(rule: ImageLifecycleRule): void {
  const fail = (text: string): never => { throw new Error(`lifecycle rule ${rule.description ? JSON.stringify(rule.description) : describe(rule)}: ${text}`); };
  const conditions = ['maxImageCount', 'maxImageAge', 'maxAgeSincePull', 'maxAgeInArchive'].filter((key) => rule[key as keyof ImageLifecycleRule] !== undefined);
  if (conditions.length !== 1) {
    fail(`exactly one of maxImageCount, maxImageAge, maxAgeSincePull and maxAgeInArchive is needed, got ${conditions.join(' and ') || 'none'}`);
  }
  assertWhole(rule.rulePriority, 'rulePriority', fail);
  assertWhole(rule.maxImageCount, 'maxImageCount', fail);
  for (const key of ['maxImageAge', 'maxAgeSincePull', 'maxAgeInArchive'] as const) { assertDays(rule[key], key, fail); }

  const action = actionOf(rule);
  if (rule.maxAgeSincePull && action === LifecycleAction.EXPIRE) {
    fail('ECR cannot delete by the age of the last pull; archive (LifecycleAction.ARCHIVE) and add a rule with maxAgeInArchive to delete from the archive');
  }
  if (rule.maxAgeInArchive && action === LifecycleAction.ARCHIVE) { fail('maxAgeInArchive selects archived images, which can only expire; drop the action'); }
  if (rule.maxAgeInArchive && days(rule.maxAgeInArchive) < MIN_DAYS_IN_ARCHIVE) {
    fail(`ECR deletes no image before ${MIN_DAYS_IN_ARCHIVE} days in the archive, got ${days(rule.maxAgeInArchive)}`);
  }
  assertTags(rule, fail);
}

function assertTags(rule: ImageLifecycleRule, fail: (text: string) => never): void {
  const status = statusOf(rule);
  const lists = [['tagPrefixList', rule.tagPrefixList], ['tagPatternList', rule.tagPatternList]] as const;
  const given = lists.filter(([, list]) => list !== undefined);
  if (given.length === 2) { fail('give tagPrefixList or tagPatternList, not both'); }
  if (status === ecr.TagStatus.TAGGED && given.length === 0) { fail('TagStatus.TAGGED needs a tagPrefixList or a tagPatternList; for every tagged image use tagPatternList ["*"]'); }
  if (status !== ecr.TagStatus.TAGGED && given.length > 0) { fail(`${given[0]![0]} goes with TagStatus.TAGGED, got ${status}`); }
  for (const [name, list] of given) {
    if (isUnknown(list)) { fail(`${name} must be a list that is known at synth, though its elements may be tokens`); }
    if (list!.length === 0) { fail(`${name} must not be empty`); }
    if (new Set(list).size !== list!.length) { fail(`${name} names a tag twice`); }
    for (const text of list!) { assertTag(name, text, fail); }
  }
}

function assertTag(list: string, text: string, fail: (text: string) => never): void {
  if (isUnknown(text)) { return; }
  const shown = JSON.stringify(text);
  if (list === 'tagPrefixList' && text.includes('*')) { fail(`a prefix has no wildcards, got ${shown}; use tagPatternList`); }
  if (!/^[A-Za-z0-9._*-]{1,128}$/.test(text)) { fail(`a tag has 1 to 128 characters of A-Z, a-z, 0-9, ".", "_" and "-", got ${shown} in ${list}`); }
  const wildcards = text.split('*').length - 1;
  if (wildcards > MAX_WILDCARDS) { fail(`a pattern has at most ${MAX_WILDCARDS} wildcards, got ${wildcards} in ${shown}`); }
}

/** Checks what only shows among several rules. */
function assertTogether(rules: ImageLifecycleRule[], ordered: RuleJson[]): void {
  if (rules.length > MAX_RULES) { throw new Error(`lifecycle rules: ECR takes at most ${MAX_RULES} per repository, got ${rules.length}`); }
  const priorities = ordered.map((rule) => rule.rulePriority).filter((priority) => !isUnknown(priority));
  const double = priorities.find((priority, index) => priorities.indexOf(priority) !== index);
  if (double !== undefined) { throw new Error(`lifecycle rules: each rulePriority may be given once, got ${double} twice`); }
  assertSelections(rules);
  const anyPriorities = ordered.filter((rule) => rule.selection.tagStatus === ecr.TagStatus.ANY).map((rule) => rule.rulePriority);
  const others = ordered.filter((rule) => rule.selection.tagStatus !== ecr.TagStatus.ANY).map((rule) => rule.rulePriority);
  const known = [...anyPriorities, ...others].every((priority) => !isUnknown(priority));
  if (known && anyPriorities.length > 0 && others.length > 0 && Math.min(...anyPriorities) < Math.max(...others)) {
    throw new Error(`lifecycle rules: a rule for any image must have the highest rulePriority, got ${Math.min(...anyPriorities)} below ${Math.max(...others)}`);
  }
}

/** ECR: one rule for untagged images, one for any image and one for each set of tags, in each storage class. */
function assertSelections(rules: ImageLifecycleRule[]): void {
  const seen = new Set<string>();
  for (const rule of rules) {
    const tags = rule.tagPrefixList ?? rule.tagPatternList ?? [];
    if (tags.some((tag) => isUnknown(tag))) { continue; }
    const kind = rule.tagPatternList ? 'patterns' : 'prefixes';
    const key = [rule.maxAgeInArchive ? 'archive' : 'standard', statusOf(rule), kind, ...[...tags].sort()].join('/');
    if (seen.has(key)) {
      throw new Error(`lifecycle rules: there can be one rule ${describe(rule)}${rule.maxAgeInArchive ? ' in the archive' : ''}, got a second one; merge them`);
    }
    seen.add(key);
  }
}

/** Rules with a priority first, in that order; then those without; rules for any image last, as ECR demands. */
function order(rules: ImageLifecycleRule[]): ImageLifecycleRule[] {
  const isAny = (rule: ImageLifecycleRule) => statusOf(rule) === ecr.TagStatus.ANY;
  const numbered = rules.filter((rule) => rule.rulePriority !== undefined).sort((a, b) => a.rulePriority! - b.rulePriority!);
  const free = rules.filter((rule) => rule.rulePriority === undefined);
  let next = Math.max(0, ...numbered.map((rule) => rule.rulePriority!).filter((priority) => !isUnknown(priority))) + 1;
  const placed = [...free.filter((rule) => !isAny(rule)), ...free.filter(isAny)].map((rule) => ({ ...rule, rulePriority: next++ }));
  return [...numbered, ...placed];
}

function render(rule: ImageLifecycleRule): RuleJson {
  const age = rule.maxImageAge ?? rule.maxAgeSincePull ?? rule.maxAgeInArchive;
  return {
    rulePriority: rule.rulePriority!,
    description: rule.description,
    selection: {
      tagStatus: statusOf(rule),
      tagPrefixList: rule.tagPrefixList,
      tagPatternList: rule.tagPatternList,
      storageClass: rule.maxAgeInArchive ? 'archive' : undefined,
      countType: countType(rule),
      countUnit: age ? 'days' : undefined,
      countNumber: age ? days(age) : rule.maxImageCount,
    },
    action: actionOf(rule) === LifecycleAction.ARCHIVE ? { type: 'transition', targetStorageClass: 'archive' } : { type: 'expire' },
  };
}

function countType(rule: ImageLifecycleRule): string {
  if (rule.maxImageAge) { return 'sinceImagePushed'; }
  if (rule.maxAgeSincePull) { return 'sinceImagePulled'; }
  return rule.maxAgeInArchive ? 'sinceImageTransitioned' : 'imageCountMoreThan';
}

function days(age: Duration): number {
  return age.toDays({ integral: false });
}

function assertDays(age: Duration | undefined, prop: string, fail: (text: string) => never): void {
  if (age === undefined || age.isUnresolved()) { return; }
  if (!Number.isInteger(days(age)) || days(age) < 1) { fail(`${prop} must be a whole number of days, 1 or more, got ${age.toHumanString()}`); }
}

function assertWhole(value: number | undefined, prop: string, fail: (text: string) => never): void {
  if (value === undefined || isUnknown(value)) { return; }
  if (!Number.isInteger(value) || value < 1) { fail(`${prop} must be a whole number, 1 or more, got ${value}`); }
}

function describe(rule: ImageLifecycleRule): string {
  return rule.tagPatternList ?? rule.tagPrefixList ? `for ${(rule.tagPatternList ?? rule.tagPrefixList)!.join(', ')}` : `for ${statusOf(rule)} images`;
}
