import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { defineRepository } from '../../src/ecr-repository/define-repository';
import {
  validateZenmlCanPush,
  requireZenmlCanPushTo,
  lifecycleWarnings,
  zenmlLifecycleWarnings,
} from '../../src/ecr-repository/zenml-guards';

const { wildcard } = ecr.ImageTagMutabilityExclusionFilter;
const { IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE, MUTABLE_WITH_EXCLUSION } = ecr.TagMutability;

const ALLOWED: [ecr.TagMutability | undefined, string[] | undefined][] = [
  [undefined, undefined],
  [MUTABLE, undefined],
  [IMMUTABLE_WITH_EXCLUSION, ['train-*']],
  [MUTABLE_WITH_EXCLUSION, ['v*']],
];
const REFUSED: [ecr.TagMutability, string[] | undefined, string][] = [
  [IMMUTABLE, undefined, 'must not have immutable tags'],
  [MUTABLE_WITH_EXCLUSION, ['v*', '*'], 'must not make every tag immutable by the exclusion filter "*"'],
];

function made(imageTagMutability: ecr.TagMutability | undefined, filters: string[] | undefined): ecr.Repository {
  return new ecr.Repository(new Stack(), 'R', {
    imageTagMutability,
    imageTagMutabilityExclusionFilters: filters?.map(wildcard),
  });
}

test.each(ALLOWED)(
  'ZenML can push to a repository with mutability %s and filters %j',
  (imageTagMutability, filters) => {
    validateZenmlCanPush(
      { imageTagMutability, imageTagMutabilityExclusionFilters: filters?.map(wildcard) },
      'that one',
    );
    requireZenmlCanPushTo(made(imageTagMutability, filters));
  },
);

test.each(REFUSED)(
  'ZenML cannot push to a repository with mutability %s and filters %j',
  (imageTagMutability, filters, message) => {
    expect(() =>
      validateZenmlCanPush(
        { imageTagMutability, imageTagMutabilityExclusionFilters: filters?.map(wildcard) },
        'that one',
      ),
    ).toThrow(`that one ${message}`);
    expect(() => requireZenmlCanPushTo(made(imageTagMutability, filters))).toThrow(`repository Default/R ${message}`);
  },
);

test('a referenced repository, or one with tokens, is not judged', () => {
  const stack = new Stack();
  requireZenmlCanPushTo(ecr.Repository.fromRepositoryName(stack, 'R', 'models'));
  const repository = new ecr.Repository(stack, 'Token');
  (repository.node.defaultChild as ecr.CfnRepository).imageTagMutability = Lazy.string({ produce: () => IMMUTABLE });
  requireZenmlCanPushTo(repository);
  expect(zenmlLifecycleWarnings(ecr.Repository.fromRepositoryName(stack, 'S', 'models'))).toEqual([]);
});

test.each<[string, ecr.LifecycleRule, string | undefined]>([
  [
    'untagged',
    { tagStatus: ecr.TagStatus.UNTAGGED, maxImageCount: 1 },
    'lifecycle rule 1 expires untagged images. ZenML refers to builds of the local Docker',
  ],
  [
    'any',
    { maxImageAge: Duration.days(9) },
    'lifecycle rule 1 expires images by count or age regardless of their tags',
  ],
  ['tagged', { tagPrefixList: ['v'], maxImageAge: Duration.days(9) }, undefined],
])(
  'lifecycle rules for %s images are judged alike in repositories of the library and of aws-cdk',
  (_name, rule, message) => {
    const stack = new Stack();
    const ours = defineRepository(stack, 'Ours', 'models', { lifecycleRules: [rule] });
    const theirs = new ecr.Repository(stack, 'Theirs', { lifecycleRules: [rule] });
    for (const repository of [ours, theirs]) {
      expect(zenmlLifecycleWarnings(repository)).toEqual(message ? [expect.stringContaining(message)] : []);
    }
  },
);

test('a repository that is referenced by name is judged as the one that the app defines', () => {
  const stack = new Stack();
  const cfn = new ecr.CfnRepository(stack, 'L1', {
    imageTagMutability: 'IMMUTABLE',
    lifecyclePolicy: {
      lifecyclePolicyText: '{"rules":[{"selection":{"tagStatus":"any"},"action":{"type":"expire"}}]}',
    },
  });
  const byName = ecr.Repository.fromRepositoryName(stack, 'ByName', cfn.ref);
  const byArn = ecr.Repository.fromRepositoryAttributes(stack, 'ByArn', {
    repositoryArn: cfn.attrArn,
    repositoryName: 'models',
  });
  for (const repository of [byName, byArn]) {
    expect(zenmlLifecycleWarnings(repository)).toEqual([expect.stringContaining('expires images by count or age')]);
    expect(() => requireZenmlCanPushTo(repository)).toThrow('immutable tags');
  }
});

test('a pattern for every tag warns as a rule for any image does', () => {
  for (const tagPatternList of [['*'], ['**']]) {
    const repository = defineRepository(new Stack(), 'R', undefined, {
      lifecycleRules: [{ tagPatternList, maxImageAge: Duration.days(9) }],
    });
    expect(zenmlLifecycleWarnings(repository)).toEqual([expect.stringContaining('expires images by count or age')]);
  }
  const some = defineRepository(new Stack(), 'R', undefined, {
    lifecycleRules: [{ tagPatternList: ['*', 'v*'], maxImageAge: Duration.days(9) }],
  });
  expect(zenmlLifecycleWarnings(some)).toEqual([]);
});

test('rules that are added later count, and no rules are accepted', () => {
  const repository = defineRepository(new Stack(), 'R', undefined);
  expect(zenmlLifecycleWarnings(repository)).toEqual([]);
  repository.addLifecycleRule({ maxImageCount: 1 });
  expect(zenmlLifecycleWarnings(repository)).toHaveLength(1);
});

test('archiving warns unless it selects by tags, and deleting from the archive does not warn', () => {
  const policy = (selection: object, type: string) => JSON.stringify({ rules: [{ selection, action: { type } }] });
  expect(lifecycleWarnings(policy({ tagStatus: 'any', countType: 'sinceImagePulled' }, 'transition'), 'r')).toEqual([
    expect.stringContaining('r: lifecycle rule archives images'),
  ]);
  expect(lifecycleWarnings(policy({ tagStatus: 'tagged', countType: 'sinceImagePulled' }, 'transition'), 'r')).toEqual(
    [],
  );
  expect(lifecycleWarnings(policy({ tagStatus: 'any', countType: 'sinceImageTransitioned' }, 'expire'), 'r')).toEqual(
    [],
  );
});

test('filters that only CloudFormation knows are not judged', () => {
  const repository = made(MUTABLE_WITH_EXCLUSION, ['v*']);
  (repository.node.defaultChild as ecr.CfnRepository).imageTagMutabilityExclusionFilters = Lazy.any({
    produce: () => ({ 'Fn::If': [] }),
  });
  requireZenmlCanPushTo(repository);
});

test.each([undefined, { 'Fn::Join': [] }, 'no JSON', '{}', '{"rules":[{}]}'])(
  'a lifecycle text that cannot be parsed (%j) gives no warning',
  (text) => {
    expect(lifecycleWarnings(text, 'r')).toEqual([]);
  },
);
