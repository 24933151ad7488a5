import { Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import {
  validateRepositoryName,
  brokenRepositoryNameRule,
  isRefusedByCdk,
  suggestRepositoryName,
} from '../../src/ecr-repository/repository-name';

/**
 * `RepositoryName` in CloudFormation's schema of AWS::ECR::Repository, and the one of the ECR API (botocore), which
 * lacks the anchors.
 */
const SCHEMA = /^(?=.{2,256}$)([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*)$/;
const BOTOCORE = /[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/;

const nameLike = fc.string({ unit: fc.constantFrom(...'ab1AZ-_./ :@é'), maxLength: 12 });
const part = fc.stringMatching(/^[a-z0-9]{1,4}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,3}$/);
const legal = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter((name) => name.length >= 2);

describe('brokenRepositoryNameRule', () => {
  test('brokenRepositoryNameRule agrees with ECR\'s pattern on anything that looks like a name', () => {
    fc.assert(
      fc.property(nameLike, (name) => (brokenRepositoryNameRule(name) === undefined) === SCHEMA.test(name)),
      { numRuns: 3000 },
    );
  });

  test('brokenRepositoryNameRule accepts every legal name, and so does the ECR API', () => {
    fc.assert(
      fc.property(legal, (name) => brokenRepositoryNameRule(name) === undefined && BOTOCORE.exec(name)?.[0] === name),
    );
  });

  test.each([
    ['a', 'must have 2 to 256 characters'],
    ['a'.repeat(257), 'must have 2 to 256 characters'],
    ['Models', 'lower case'],
    ['https://models', 'registry host'],
    ['models:v1', 'must not contain a tag or digest'],
    ['models@sha256', 'must not contain a tag or digest'],
    ['/models', 'must not have an empty part'],
    ['models/', 'must not have an empty part'],
    ['a//b', 'must not have an empty part'],
    ['my models', 'must only contain a-z'],
    ['-models', 'must start and end with a letter or digit'],
    ['models-', 'must start and end with a letter or digit'],
    ['a..b', 'single "."'],
    ['a___b', 'single "."'],
    ['a.-b', 'single "."'],
  ])('the repository name %s breaks the rule "%s"', (name, rule) => {
    expect(brokenRepositoryNameRule(name)).toContain(rule);
  });
});

describe('suggestRepositoryName', () => {
  test('suggestRepositoryName suggests only legal names', () => {
    fc.assert(fc.property(fc.oneof(nameLike, fc.string()), (name) => {
      const suggestion = suggestRepositoryName(name);
      return suggestion === undefined || SCHEMA.test(suggestion);
    }), { numRuns: 3000 });
  });

  test('suggestRepositoryName leaves legal names unchanged', () => {
    fc.assert(fc.property(legal, (name) => suggestRepositoryName(name) === name));
  });

  test.each([
    ['Team/My Models', 'team/my-models'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/models:v1', 'models'],
    ['https://123456789012.dkr-ecr.eu-west-1.on.aws/models', 'models'],
    ['models@sha256:0123', 'models'],
    ['/models/', 'models'],
    ['a..b', 'a.b'],
    ['a___b', 'a_b'],
    ['!!', undefined],
  ])('suggestRepositoryName turns %s into %s', (name, suggestion) => {
    expect(suggestRepositoryName(name)).toBe(suggestion);
  });
});

describe('validateRepositoryName', () => {
  test('validateRepositoryName reports the rule, the value and a suggestion', () => {
    expect(() => validateRepositoryName('names[0]', 'My Models'))
      .toThrow('`names[0]`: a repository name must be lower case, got: "My Models": use for example "my-models"');
  });

  test('validateRepositoryName reports no suggestion where there is none, and shortens long names', () => {
    expect(() => validateRepositoryName('name', '!')).toThrow(/got: "!": choose another name \[CZ100\]$/);
    expect(() => validateRepositoryName('name', 'A'.repeat(300))).toThrow(
      /got: "A{77}\.\.\.": use for example "a{77}\.\.\." \[CZ100\]$/,
    );
  });

  test('validateRepositoryName accepts a legal, absent or unknown name', () => {
    validateRepositoryName('name', 'a--b');
    validateRepositoryName('name', undefined);
    validateRepositoryName('name', Token.asString({ Ref: 'NAME!' }));
  });
});

test('isRefusedByCdk recognizes the names that aws-cdk refuses', () => {
  expect(['a--b', 'a__b', 'x/a---b'].map(isRefusedByCdk)).toEqual([true, true, true]);
  expect([undefined, 'a-b', 'x/a.b', Token.asString({ Ref: 'Name' })].map(isRefusedByCdk)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
