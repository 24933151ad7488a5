import { Duration, Stack } from 'aws-cdk-lib';
import { ImageLifecyclePolicy, ImageLifecycleRule, LifecyclePresets } from '../../src/ecr-repository';
import { lifecycleWarnings } from '../../src/ecr-repository/zenml-guards';

function render(rules: ImageLifecycleRule[]): any[] {
  return JSON.parse(ImageLifecyclePolicy.fromRules(rules).toJson(new Stack())).rules;
}

function warnings(rules: ImageLifecycleRule[]): string[] {
  return lifecycleWarnings(ImageLifecyclePolicy.fromRules(rules).toJson(new Stack()), 'r');
}

test('keepReleases protects each pattern by a rule of its own', () => {
  const rules = render(LifecyclePresets.keepReleases());
  expect(rules.map((rule) => rule.selection)).toEqual(['v*', 'release*'].map((pattern) => (
    { tagStatus: 'tagged', tagPatternList: [pattern], countType: 'imageCountMoreThan', countNumber: 999_999 })));
  expect(render(LifecyclePresets.keepReleases('prod-*'))[0].selection.tagPatternList).toEqual(['prod-*']);
  expect(warnings(LifecyclePresets.keepReleases())).toEqual([]);
});

test('expireBuildLeftovers deletes intermediate builds and untagged images, and warns ZenML users of the latter', () => {
  const selections = render(LifecyclePresets.expireBuildLeftovers()).map((rule) => rule.selection);
  expect(selections.map((selection) => [selection.tagStatus, selection.tagPatternList, selection.countNumber])).toEqual(
    [
      ['tagged', ['*-intermediate-build'], 30],
      ['untagged', undefined, 30],
    ],
  );
  expect(render(LifecyclePresets.expireBuildLeftovers(Duration.days(3)))[1].selection.countNumber).toBe(3);
  expect(warnings(LifecyclePresets.expireBuildLeftovers())).toEqual([
    expect.stringContaining('r: lifecycle rule 2 expires untagged images. ZenML refers to builds of the local Docker'),
  ]);
});

test('archiveUnpulled archives images, and deletes them only on request', () => {
  expect(
    render(LifecyclePresets.archiveUnpulled()).map((rule) => [
      rule.selection.countType,
      rule.selection.countNumber,
      rule.action.type,
    ]),
  ).toEqual([['sinceImagePulled', 90, 'transition']]);
  expect(render(LifecyclePresets.archiveUnpulled({ after: Duration.days(30), deleteAfter: Duration.days(365) }))
    .map((rule) => [rule.selection.countType, rule.selection.countNumber, rule.action.type])).toEqual([
    ['sinceImagePulled', 30, 'transition'], ['sinceImageTransitioned', 365, 'expire'],
  ]);
  expect(warnings(LifecyclePresets.archiveUnpulled({ deleteAfter: Duration.days(365) }))).toEqual([
    expect.stringContaining('lifecycle rule 1 archives images'),
  ]);
});

test('keepNewest has a rule for each pipeline, by the tags that ZenML writes', () => {
  expect(
    render(LifecyclePresets.keepNewest(5, 'train', 'my deploy')).map((rule) => [
      rule.selection.tagPatternList,
      rule.selection.countNumber,
    ]),
  ).toEqual([
    [['train-*'], 5],
    [['mydeploy-*'], 5],
  ]);
  expect(() => LifecyclePresets.keepNewest(5, '!')).toThrow(
    'must have a letter or digit that can start an image tag, got: "!"',
  );
});

test('all presets can be used together', () => {
  expect(
    render([
      ...LifecyclePresets.keepReleases(),
      ...LifecyclePresets.keepNewest(3, 'train'),
      ...LifecyclePresets.expireBuildLeftovers(),
      ...LifecyclePresets.archiveUnpulled({ deleteAfter: Duration.days(90) }),
    ]),
  ).toHaveLength(7);
});
