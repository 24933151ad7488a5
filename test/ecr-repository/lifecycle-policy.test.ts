import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as fc from 'fast-check';
import { ImageLifecyclePolicy, ImageLifecycleRule, LifecycleAction } from '../../src/ecr-repository';

function json(...rules: ImageLifecycleRule[]): any {
  return JSON.parse(ImageLifecyclePolicy.fromRules(rules).toJson(new Stack()));
}

function only(rule: ImageLifecycleRule): any {
  return json(rule).rules[0];
}

describe('a lifecycle rule', () => {
  test.each<[string, ImageLifecycleRule, object, object]>([
    [
      'count',
      { maxImageCount: 5 },
      { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 5 },
      { type: 'expire' },
    ],
    [
      'age',
      { maxImageAge: Duration.hours(48) },
      { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 2 },
      { type: 'expire' },
    ],
    [
      'prefixes',
      { tagPrefixList: ['a', 'b'], maxImageCount: 1 },
      { tagStatus: 'tagged', tagPrefixList: ['a', 'b'], countType: 'imageCountMoreThan', countNumber: 1 },
      { type: 'expire' },
    ],
    [
      'patterns',
      { tagPatternList: ['v*'], maxImageCount: 1 },
      { tagStatus: 'tagged', tagPatternList: ['v*'], countType: 'imageCountMoreThan', countNumber: 1 },
      { type: 'expire' },
    ],
    [
      'untagged',
      { tagStatus: ecr.TagStatus.UNTAGGED, maxImageCount: 1 },
      { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1 },
      { type: 'expire' },
    ],
    [
      'last pull',
      { maxAgeSincePull: Duration.days(9) },
      { tagStatus: 'any', countType: 'sinceImagePulled', countUnit: 'days', countNumber: 9 },
      { type: 'transition', targetStorageClass: 'archive' },
    ],
    [
      'archive by age',
      { maxImageAge: Duration.days(9), action: LifecycleAction.ARCHIVE },
      { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 9 },
      { type: 'transition', targetStorageClass: 'archive' },
    ],
    [
      'archive by count',
      { maxImageCount: 9, action: LifecycleAction.ARCHIVE },
      { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 9 },
      { type: 'transition', targetStorageClass: 'archive' },
    ],
    [
      'in the archive',
      { maxAgeInArchive: Duration.days(90) },
      {
        tagStatus: 'any',
        storageClass: 'archive',
        countType: 'sinceImageTransitioned',
        countUnit: 'days',
        countNumber: 90,
      },
      { type: 'expire' },
    ],
  ])("a lifecycle rule by %s is rendered as ECR's JSON", (_name, rule, selection, action) => {
    expect(only({ ...rule, description: 'why' })).toEqual({ rulePriority: 1, description: 'why', selection, action });
  });

  test.each<[ImageLifecycleRule, string]>([
    [{}, 'exactly one of maxImageCount, maxImageAge, maxAgeSincePull and maxAgeInArchive, got: none'],
    [{ maxImageCount: 1, maxImageAge: Duration.days(1) }, 'got: maxImageCount and maxImageAge'],
    [{ maxImageCount: 0 }, 'must have a whole number as maxImageCount, at least 1, got: 0'],
    [{ maxImageCount: -1 }, 'must have a whole number as maxImageCount'],
    [{ maxImageCount: 1.5 }, 'must have a whole number as maxImageCount'],
    [{ maxImageCount: 1, rulePriority: 0 }, 'must have a whole number as rulePriority, at least 1, got: 0'],
    [{ maxImageAge: Duration.days(0) }, 'must have a maxImageAge in whole days, at least 1'],
    [{ maxImageAge: Duration.hours(30) }, 'must have a maxImageAge in whole days'],
    [{ maxAgeSincePull: Duration.minutes(1) }, 'must have a maxAgeSincePull in whole days'],
    [
      { maxAgeSincePull: Duration.days(9), action: LifecycleAction.EXPIRE },
      'must not delete by the age of the last pull',
    ],
    [
      { maxAgeInArchive: Duration.days(89) },
      "must have a maxAgeInArchive of at least 90 days (ECR's limit), got: 89 days",
    ],
    [{ maxAgeInArchive: Duration.days(90), action: LifecycleAction.ARCHIVE }, 'remove the action'],
    [
      { tagStatus: ecr.TagStatus.TAGGED, maxImageCount: 1 },
      'must have a tagPrefixList or a tagPatternList with TagStatus.TAGGED',
    ],
    [
      { tagStatus: ecr.TagStatus.UNTAGGED, tagPrefixList: ['a'], maxImageCount: 1 },
      'must have TagStatus.TAGGED to use tagPrefixList, got: untagged',
    ],
    [
      { tagStatus: ecr.TagStatus.ANY, tagPatternList: ['a'], maxImageCount: 1 },
      'must have TagStatus.TAGGED to use tagPatternList, got: any',
    ],
    [{ tagPrefixList: ['a'], tagPatternList: ['a'], maxImageCount: 1 }, 'must not have both'],
    [{ tagPrefixList: [], maxImageCount: 1 }, 'must not have an empty tagPrefixList'],
    [{ tagPatternList: ['a', 'a'], maxImageCount: 1 }, 'must not have a tag twice in tagPatternList'],
    [
      { tagPrefixList: ['a*'], maxImageCount: 1 },
      'must not have wildcards in a prefix, got: "a*" in tagPrefixList: use tagPatternList',
    ],
    [{ tagPatternList: ['*a*b*c*d'], maxImageCount: 1 }, undefined as any],
    [
      { tagPatternList: ['*a*b*c*d*'], maxImageCount: 1 },
      'at most 4 wildcards in a pattern (ECR\'s limit), got: "*a*b*c*d*"',
    ],
    [{ tagPatternList: ['a b'], maxImageCount: 1 }, 'got: "a b" in tagPatternList'],
    [{ tagPatternList: ['a'.repeat(129)], maxImageCount: 1 }, 'must have tags of 1 to 128 characters'],
  ])('the lifecycle rule %j is refused: %s', (rule, message) => {
    if (message) {
      expect(() => json(rule)).toThrow(message);
    } else {
      json(rule);
    }
  });

  test('an error names a lifecycle rule by its description, or by what it selects', () => {
    expect(() => json({ description: 'old ones' })).toThrow('lifecycle rule "old ones" must ');
    expect(() => json({ tagPatternList: ['a*', 'b*'] })).toThrow('lifecycle rule for a*, b* must ');
    expect(() => json({ tagStatus: ecr.TagStatus.UNTAGGED })).toThrow('lifecycle rule for untagged images must ');
  });
});

describe('several lifecycle rules', () => {
  test('lifecycle rules are ordered: numbered ones first, then others, then those for any image', () => {
    const { rules } = json(
      { maxImageCount: 1 },
      { tagPrefixList: ['c'], maxImageCount: 1 },
      { tagPrefixList: ['b'], maxImageCount: 1, rulePriority: 20 },
      { tagPrefixList: ['a'], maxImageCount: 1, rulePriority: 10 },
    );
    expect(rules.map((rule: any) => [rule.rulePriority, rule.selection.tagPrefixList?.[0]])).toEqual([
      [10, 'a'],
      [20, 'b'],
      [21, 'c'],
      [22, undefined],
    ]);
  });

  test('rules for the archive are independent of the other rules', () => {
    expect(json({ maxAgeSincePull: Duration.days(90) }, { maxAgeInArchive: Duration.days(365) }).rules).toHaveLength(2);
    const tagged = { tagPatternList: ['v*'] };
    const archive = { ...tagged, maxImageAge: Duration.days(9), action: LifecycleAction.ARCHIVE };
    expect(json(archive, { ...tagged, maxAgeInArchive: Duration.days(90) }).rules).toHaveLength(2);
  });

  test.each<[string, ImageLifecycleRule[]]>([
    ['for any images', [{ maxImageCount: 1 }, { maxImageAge: Duration.days(1) }]],
    ['for any images in the archive', [{ maxAgeInArchive: Duration.days(90) }, { maxAgeInArchive: Duration.days(91) }]],
    [
      'for untagged images',
      [
        { tagStatus: ecr.TagStatus.UNTAGGED, maxImageCount: 1 },
        { tagStatus: ecr.TagStatus.UNTAGGED, maxImageCount: 2 },
      ],
    ],
    [
      'for b, a',
      [
        { tagPrefixList: ['a', 'b'], maxImageCount: 1 },
        { tagPrefixList: ['b', 'a'], maxImageCount: 2 },
      ],
    ],
  ])('more than one rule for %s is refused', (what, rules) => {
    expect(() => json(...rules)).toThrow(`got: two rules ${what}: merge them`);
  });

  test('priorities must be unique, and a rule for any image must come last', () => {
    expect(() =>
      json(
        { tagPrefixList: ['a'], maxImageCount: 1, rulePriority: 5 },
        { tagPrefixList: ['b'], maxImageCount: 1, rulePriority: 5 },
      ),
    ).toThrow('must not use a rulePriority twice, got: 5');
    expect(() => json({ maxImageCount: 1, rulePriority: 1 }, { tagPrefixList: ['b'], maxImageCount: 1 }))
      .toThrow('a rule for any image the highest rulePriority (ECR\'s rule), got: 1 below 2');
  });

  test('a policy has at most 50 rules and 30,720 characters', () => {
    const many = (count: number, description?: string) =>
      Array.from({ length: count }, (_, index) => ({ tagPrefixList: [`t${index}`], maxImageCount: 1, description }));
    expect(json(...many(50)).rules).toHaveLength(50);
    expect(() => json(...many(51))).toThrow('at most 50 entries (ECR\'s limit), got: 51');
    expect(() => json(...many(50, 'd'.repeat(600)))).toThrow(
      "at most 30720 characters as policy text (ECR's limit), got: 3",
    );
  });
});

test('tokens stay references and are not validated', () => {
  const stack = new Stack();
  const count = new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber;
  const days = new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber;
  const tag = new CfnParameter(stack, 'Tag').valueAsString;
  const text = stack.resolve(ImageLifecyclePolicy.fromRules([
    { tagPatternList: [tag], maxImageCount: count },
    { tagPrefixList: [`${tag}-`], maxImageAge: Duration.days(days) },
    { tagPatternList: [tag, 'x'], maxImageCount: count },
  ]).toJson(stack));
  const rendered = JSON.stringify(text);
  for (const name of ['Count', 'Days', 'Tag']) { expect(rendered).toContain(`"Ref":"${name}"`); }
  expect(rendered).not.toMatch(/\\"Ref\\"|Token\[/);
});

test('a list that is a token is refused, because aws-cdk would need a custom resource to render it', () => {
  const tags = new CfnParameter(new Stack(), 'Tags', { type: 'CommaDelimitedList' }).valueAsList;
  expect(() => json({ tagPrefixList: tags, maxImageCount: 1 })).toThrow(
    'must have a tagPrefixList that is known at synth',
  );
});

describe('any accepted set of lifecycle rules', () => {
  const tag = fc.stringMatching(/^[a-z0-9]{1,3}\*?$/);
  const condition = fc.oneof(
    fc.record({ maxImageCount: fc.integer({ min: 1, max: 1000 }) }),
    fc.record({ maxImageAge: fc.integer({ min: 1, max: 1000 }).map(Duration.days) }),
    fc.record({ maxAgeSincePull: fc.integer({ min: 1, max: 1000 }).map(Duration.days) }),
    fc.record({ maxAgeInArchive: fc.integer({ min: 90, max: 1000 }).map(Duration.days) }),
  );
  const selection = fc.oneof(
    fc.constant({}),
    fc.constant({ tagStatus: ecr.TagStatus.UNTAGGED }),
    fc.record({ tagPatternList: fc.uniqueArray(tag, { minLength: 1, maxLength: 3 }) }),
  );
  const rule: fc.Arbitrary<ImageLifecycleRule> = fc
    .tuple(condition, selection, fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }))
    .map(([a, b, rulePriority]) => ({ ...a, ...b, rulePriority }));

  test('every accepted set of rules obeys what ECR requires of a policy', () => {
    let accepted = 0;
    fc.assert(fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), (rules) => {
      let text: string;
      try {
        text = ImageLifecyclePolicy.fromRules(rules).toJson(new Stack());
      } catch {
        return; // refused with a message; the tests above say when
      }
      accepted++;
      const parsed = JSON.parse(text).rules as any[];
      expect(parsed).toHaveLength(rules.length);
      expect(text.length).toBeGreaterThanOrEqual(100); // the schema's minimum
      const priorities = parsed.map((one) => one.rulePriority);
      expect(new Set(priorities).size).toBe(priorities.length);
      const any = parsed.filter((one) => one.selection.tagStatus === 'any').map((one) => one.rulePriority);
      const others = parsed.filter((one) => one.selection.tagStatus !== 'any').map((one) => one.rulePriority);
      expect(Math.min(...any, Infinity)).toBeGreaterThan(Math.max(...others, 0));
      for (const one of parsed) {
        expect(one.selection.countUnit).toBe(one.selection.countType === 'imageCountMoreThan' ? undefined : 'days');
        expect(one.selection.storageClass).toBe(
          one.selection.countType === 'sinceImageTransitioned' ? 'archive' : undefined,
        );
        expect(one.action.type).toBe(one.selection.countType === 'sinceImagePulled' ? 'transition' : 'expire');
        expect(one.selection.countNumber).toBeGreaterThan(0);
      }
    }), { numRuns: 500 });
    expect(accepted).toBeGreaterThan(100);
  });

  test('the order of unnumbered rules for different tags changes only their priorities', () => {
    fc.assert(fc.property(fc.uniqueArray(tag, { minLength: 1, maxLength: 6 }), (tags) => {
      const rules = tags.map((one) => ({ tagPatternList: [one], maxImageCount: 1 }));
      expect(json(...rules, { maxImageCount: 2 })).toEqual(json({ maxImageCount: 2 }, ...rules));
    }));
  });
});
