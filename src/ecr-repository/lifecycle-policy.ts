import { Duration, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { quoted, validateCount } from '../private/validation';

/** Limits of ECR (service quotas and the schema of AWS::ECR::Repository). */
const MAX_RULES = 50;
const MAX_TEXT = 30720;
const MAX_WILDCARDS = 4;
const MIN_DAYS_IN_ARCHIVE = 90;

/** A rule in ECR's JSON format. */
interface RuleJson {
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: Record<string, unknown>;
  readonly action: Record<string, string>;
}

/**
 * A set of lifecycle rules. The policy checks the rules against ECR's limits and renders the JSON text that ECR,
 * repository creation templates and other tools accept.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export class ImageLifecyclePolicy {
  /**
   * A policy with the rules.
   *
   * @param rules in any order: rules without `rulePriority` come after the rules with one, and rules for any image come
   * last
   * @throws when a rule breaks a limit of ECR, or two rules contradict each other
   */
  public static fromRules(rules: ImageLifecycleRule[]): ImageLifecyclePolicy {
    return new ImageLifecyclePolicy(rules);
  }

  private readonly ordered: RuleJson[];

  private constructor(rules: ImageLifecycleRule[]) {
    rules.forEach(validateRule);
    this.ordered = order(rules).map(render);
    validateTogether(rules, this.ordered);
  }

  /**
   * The JSON text of the policy. Values that are unknown at synth stay references in the text.
   *
   * @param scope any construct of the stack that uses the text
   * @throws when the text has more than 30,720 characters (ECR's limit)
   */
  public toJson(scope: IConstruct): string {
    const policy = { rules: this.ordered };
    if (containsToken(policy)) { return Stack.of(scope).toJsonString(policy); }
    const text = JSON.stringify(policy);
    if (text.length > MAX_TEXT) {
      throw synthError(
        'CZ105',
        `\`lifecycleRules\` must have at most ${MAX_TEXT} characters as policy text (ECR's limit), got: `
          + `${text.length} characters: shorten descriptions or tag lists`,
      );
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

/** Throws an error about one rule: `lifecycle rule ... must ..., got: ...: what to do`. */
type Fail = (text: string) => never;

const CONDITIONS = ['maxImageCount', 'maxImageAge', 'maxAgeSincePull', 'maxAgeInArchive'] as const;

/** Throws when a rule breaks a limit of ECR by itself. */
function validateRule(rule: ImageLifecycleRule): void {
  const fail: Fail = (text) => {
    throw synthError('CZ170', 'lifecycle rule '
    + `${rule.description ? quoted(rule.description) : describe(rule)} ${text}`);
  };
  const conditions = CONDITIONS.filter((key) => rule[key] !== undefined);
  if (conditions.length !== 1) {
    fail('must have exactly one of maxImageCount, maxImageAge, maxAgeSincePull and maxAgeInArchive, got: '
      + `${conditions.join(' and ') || 'none'}`);
  }
  validateWhole(rule.rulePriority, 'rulePriority', fail);
  validateWhole(rule.maxImageCount, 'maxImageCount', fail);
  for (const key of ['maxImageAge', 'maxAgeSincePull', 'maxAgeInArchive'] as const) {
    validateDays(rule[key], key, fail);
  }
  validateAction(rule, fail);
  validateTags(rule, fail);
}

function validateAction(rule: ImageLifecycleRule, fail: Fail): void {
  const action = actionOf(rule);
  if (rule.maxAgeSincePull && action === LifecycleAction.EXPIRE) {
    fail('must not delete by the age of the last pull (ECR\'s limit): archive with LifecycleAction.ARCHIVE, and add a '
      + 'rule with maxAgeInArchive to delete from the archive');
  }
  if (rule.maxAgeInArchive && action === LifecycleAction.ARCHIVE) {
    fail(
      'must not archive the images that maxAgeInArchive selects, because they are archived already: remove the action',
    );
  }
  if (rule.maxAgeInArchive && days(rule.maxAgeInArchive) < MIN_DAYS_IN_ARCHIVE) {
    fail(
      `must have a maxAgeInArchive of at least ${MIN_DAYS_IN_ARCHIVE} days (ECR's limit), got: ${days(rule.maxAgeInArchive)} days`,
    );
  }
}

function validateTags(rule: ImageLifecycleRule, fail: Fail): void {
  const status = statusOf(rule);
  const lists = [['tagPrefixList', rule.tagPrefixList], ['tagPatternList', rule.tagPatternList]] as const;
  const given = lists.filter(([, list]) => list !== undefined);
  if (given.length === 2) { fail('must not have both tagPrefixList and tagPatternList: remove one of the two'); }
  if (status === ecr.TagStatus.TAGGED && given.length === 0) {
    fail(
      'must have a tagPrefixList or a tagPatternList with TagStatus.TAGGED: use tagPatternList ["*"] for every tagged image',
    );
  }
  if (status !== ecr.TagStatus.TAGGED && given.length > 0) {
    fail(`must have TagStatus.TAGGED to use ${given[0]![0]}, got: ${status}: change or remove tagStatus`);
  }
  for (const [name, list] of given) {
    if (isUnknown(list)) {
      fail(`must have a ${name} that is known at synth: pass an array, whose entries may be tokens`);
    }
    if (list!.length === 0) { fail(`must not have an empty ${name}: add a tag or remove the list`); }
    if (new Set(list).size !== list!.length) { fail(`must not have a tag twice in ${name}: remove one`); }
    for (const text of list!) { validateTag(name, text, fail); }
  }
}

function validateTag(list: string, text: string, fail: Fail): void {
  if (isUnknown(text)) { return; }
  const got = `got: ${quoted(text)} in ${list}`;
  if (list === 'tagPrefixList' && text.includes('*')) {
    fail(`must not have wildcards in a prefix, ${got}: use tagPatternList`);
  }
  if (!/^[A-Za-z0-9._*-]{1,128}$/.test(text)) {
    fail(`must have tags of 1 to 128 characters of A-Z, a-z, 0-9, ".", "_" and "-", ${got}`);
  }
  const wildcards = text.split('*').length - 1;
  if (wildcards > MAX_WILDCARDS) {
    fail(`must have at most ${MAX_WILDCARDS} wildcards in a pattern (ECR's limit), ${got}`);
  }
}

/** Throws when the rules together break a limit of ECR. */
function validateTogether(rules: ImageLifecycleRule[], ordered: RuleJson[]): void {
  validateCount('lifecycleRules', rules, [0, MAX_RULES], 'ECR\'s limit', 'combine rules');
  const priorities = ordered.map((rule) => rule.rulePriority).filter((priority) => !isUnknown(priority));
  const double = priorities.find((priority, index) => priorities.indexOf(priority) !== index);
  if (double !== undefined) {
    throw synthError(
      'CZ170',
      `\`lifecycleRules\` must not use a rulePriority twice, got: ${double}: change one of the priorities`,
    );
  }
  validateSelections(rules);
  const prioritiesOf = (any: boolean) => ordered
    .filter((rule) => (rule.selection.tagStatus === ecr.TagStatus.ANY) === any)
    .map((rule) => rule.rulePriority);
  const [anyPriorities, others] = [prioritiesOf(true), prioritiesOf(false)];
  const known = [...anyPriorities, ...others].every((priority) => !isUnknown(priority));
  if (known && anyPriorities.length > 0 && others.length > 0 && Math.min(...anyPriorities) < Math.max(...others)) {
    throw synthError(
      'CZ170',
      "`lifecycleRules` must give a rule for any image the highest rulePriority (ECR's rule), "
        + `got: ${Math.min(...anyPriorities)} below ${Math.max(...others)}: raise the rulePriority of that rule or leave it out`,
    );
  }
}

/** ECR accepts one rule for untagged images, one for any image and one for each set of tags, in each storage class. */
function validateSelections(rules: ImageLifecycleRule[]): void {
  const seen = new Set<string>();
  for (const rule of rules) {
    const tags = rule.tagPrefixList ?? rule.tagPatternList ?? [];
    if (tags.some((tag) => isUnknown(tag))) { continue; }
    const kind = rule.tagPatternList ? 'patterns' : 'prefixes';
    const key = [rule.maxAgeInArchive ? 'archive' : 'standard', statusOf(rule), kind, ...[...tags].sort()].join('/');
    if (seen.has(key)) {
      throw synthError('CZ170', '`lifecycleRules` must not have two rules with the same selection (ECR\'s rule), '
        + `got: two rules ${describe(rule)}${rule.maxAgeInArchive ? ' in the archive' : ''}: merge them`);
    }
    seen.add(key);
  }
}

/**
 * The rules with a priority in that order, then the rules without; among the latter, rules for any image last (ECR's
 * rule).
 */
function order(rules: ImageLifecycleRule[]): ImageLifecycleRule[] {
  const isAny = (rule: ImageLifecycleRule) => statusOf(rule) === ecr.TagStatus.ANY;
  const numbered = rules
    .filter((rule) => rule.rulePriority !== undefined)
    .sort((a, b) => a.rulePriority! - b.rulePriority!);
  const free = rules.filter((rule) => rule.rulePriority === undefined);
  let next = Math.max(0, ...numbered.map((rule) => rule.rulePriority!).filter((priority) => !isUnknown(priority))) + 1;
  const placed = [...free.filter((rule) => !isAny(rule)), ...free.filter(isAny)]
    .map((rule) => ({ ...rule, rulePriority: next++ }));
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
    action:
      actionOf(rule) === LifecycleAction.ARCHIVE
        ? { type: 'transition', targetStorageClass: 'archive' }
        : { type: 'expire' },
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

function validateDays(age: Duration | undefined, prop: string, fail: Fail): void {
  if (age === undefined || age.isUnresolved()) { return; }
  if (!Number.isInteger(days(age)) || days(age) < 1) {
    fail(`must have a ${prop} in whole days, at least 1, got: ${age.toHumanString()}`);
  }
}

function validateWhole(value: number | undefined, prop: string, fail: Fail): void {
  if (value === undefined || isUnknown(value)) { return; }
  if (!Number.isInteger(value) || value < 1) { fail(`must have a whole number as ${prop}, at least 1, got: ${value}`); }
}

function describe(rule: ImageLifecycleRule): string {
  const tags = rule.tagPatternList ?? rule.tagPrefixList;
  return tags ? `for ${tags.join(', ')}` : `for ${statusOf(rule)} images`;
}
