import { Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { assertRepositoryName, brokenRepositoryNameRule, refusedByCdk, suggestRepositoryName } from '../../src/ecr-repository/repository-name';

/** `RepositoryName` in CloudFormation's schema of AWS::ECR::Repository, and the one of the ECR API (botocore), which lacks the anchors. */
const SCHEMA = /^(?=.{2,256}$)([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*)$/;
const BOTOCORE = /[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/;

const nameLike = fc.string({ unit: fc.constantFrom(...'ab1AZ-_./ :@é'), maxLength: 12 });
const part = fc.stringMatching(/^[a-z0-9]{1,4}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,3}$/);
const legal = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')).filter((name) => name.length >= 2);

describe('brokenRepositoryNameRule', () => {
  test('agrees with the schema on anything that looks like a name', () => {
    fc.assert(fc.property(nameLike, (name) => (brokenRepositoryNameRule(name) === undefined) === SCHEMA.test(name)), { numRuns: 3000 });
  });

  test('takes every legal name, and so does the ECR API', () => {
    fc.assert(fc.property(legal, (name) => brokenRepositoryNameRule(name) === undefined && BOTOCORE.exec(name)?.[0] === name));
  });

  test.each([
    ['a', 'has 2 to 256 characters'],
    ['a'.repeat(257), 'has 2 to 256 characters'],
    ['Models', 'lower case'],
    ['https://models', 'no registry host'],
    ['models:v1', 'no tag or digest'],
    ['models@sha256', 'no tag or digest'],
    ['/models', 'no empty part'],
    ['models/', 'no empty part'],
    ['a//b', 'no empty part'],
    ['my models', 'only a-z'],
    ['-models', 'starts and ends with a letter or digit'],
    ['models-', 'starts and ends with a letter or digit'],
    ['a..b', 'single "."'],
    ['a___b', 'single "."'],
    ['a.-b', 'single "."'],
  ])('%s breaks the rule "%s"', (name, rule) => {
    expect(brokenRepositoryNameRule(name)).toContain(rule);
  });
});

describe('suggestRepositoryName', () => {
  test('suggests only legal names', () => {
    fc.assert(fc.property(fc.oneof(nameLike, fc.string()), (name) => {
      const suggestion = suggestRepositoryName(name);
      return suggestion === undefined || SCHEMA.test(suggestion);
    }), { numRuns: 3000 });
  });

  test('leaves legal names as they are', () => {
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
  ])('%s -> %s', (name, suggestion) => {
    expect(suggestRepositoryName(name)).toBe(suggestion);
  });
});

describe('assertRepositoryName', () => {
  test('says what is wrong, what it got and what would do', () => {
    expect(() => assertRepositoryName('My Models', 'names[0]'))
      .toThrow('`names[0]`: a repository name is lower case, got "My Models"; use "my-models", for example');
  });

  test('says so without a suggestion when there is none, and shortens what is long', () => {
    expect(() => assertRepositoryName('!')).toThrow(/got "!"$/);
    expect(() => assertRepositoryName('A'.repeat(300))).toThrow(/got "A{77}\.\.\."; use "a{77}\.\.\.", for example$/);
  });

  test('passes what is legal, absent or a token', () => {
    assertRepositoryName('a--b');
    assertRepositoryName(undefined);
    assertRepositoryName(Token.asString({ Ref: 'NAME!' }));
  });
});

test('refusedByCdk tells the names that aws-cdk would not take', () => {
  expect(['a--b', 'a__b', 'x/a---b'].map(refusedByCdk)).toEqual([true, true, true]);
  expect([undefined, 'a-b', 'x/a.b', Token.asString({ Ref: 'Name' })].map(refusedByCdk)).toEqual([false, false, false, false]);
});
