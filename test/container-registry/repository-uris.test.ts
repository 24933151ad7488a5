import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { repositoryUriList } from '../../src/container-registry/repository-uris';
import { PrivateRepository } from '../../src/ecr-repository';
import { newStack } from '../support/app';

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

const named = (stack: Stack, name: string) => new PrivateRepository(stack, name, { repositoryName: name });
const many = (stack: Stack, count: number) =>
  Array.from({ length: count }, (_, index) => named(stack, `team/repository-${index}`));

/** The text as CloudFormation evaluates it, with references written as `<logical id>`. */
function evaluate(stack: Stack, value: string): string {
  const resolved = stack.resolve(value);
  if (typeof resolved === 'string') { return resolved; }
  const [text, variables] = resolved['Fn::Sub'] as [string, Record<string, any>];
  return text.replace(/\$\{(\w+)\}/g, (_, variable: string) =>
    variable === 'Registry' ? HOST : `<${variables[variable].Ref}>`,
  );
}

describe('the list of repository URIs', () => {
  test('the list of repository URIs begins with the default repository, wherever that is among the repositories', () => {
    const stack = newStack();
    const [one, two, three] = [named(stack, 'one'), named(stack, 'two'), named(stack, 'three')];
    expect(evaluate(stack, repositoryUriList(HOST, [one, two, three], two))).toBe(
      `${HOST}/two,${HOST}/one,${HOST}/three`,
    );
    const sameAsThree = ecr.Repository.fromRepositoryAttributes(stack, 'Same', {
      repositoryArn: three.repositoryArn,
      repositoryName: three.repositoryName,
    });
    expect(evaluate(stack, repositoryUriList(HOST, [one, two, three], sameAsThree))).toBe(
      `${HOST}/three,${HOST}/one,${HOST}/two`,
    );
  });

  test('the list of repository URIs is plain text if host and names are known', () => {
    const stack = newStack();
    const repositories = ['ml/base', 'ml/train'].map((name) => ecr.Repository.fromRepositoryName(stack, name, name));
    expect(stack.resolve(repositoryUriList(HOST, repositories, repositories[0]!))).toBe(
      `${HOST}/ml/base,${HOST}/ml/train`,
    );
  });

  test('the list of repository URIs contains the host once in the template', () => {
    const stack = newStack();
    const host = new CfnParameter(stack, 'Host').valueAsString;
    expect(stack.resolve(repositoryUriList(host, many(stack, 3), named(stack, 'other')))).toEqual({
      'Fn::Sub': [
        '${Registry}/team/repository-0,${Registry}/team/repository-1,${Registry}/team/repository-2',
        { Registry: { Ref: 'Host' } },
      ],
    });
  });

  test('the list of repository URIs refers to repositories whose names are chosen at deploy time', () => {
    const stack = newStack();
    const byCloudFormation = new PrivateRepository(stack, 'Chosen');
    const byParameter = new PrivateRepository(stack, 'Given', {
      repositoryName: new CfnParameter(stack, 'Name').valueAsString,
    });
    expect(evaluate(stack, repositoryUriList(HOST, [byCloudFormation, byParameter], byParameter))).toMatch(
      new RegExp(`^${HOST}/<Given[0-9A-F]{8}>,${HOST}/<Chosen[0-9A-F]{8}>$`));
  });

  test.each([
    [1, 1], [50, 50], [400, 58],
  ])('the list of %d repositories contains %d URIs, because an output has at most 4,096 bytes', (count, expected) => {
    const stack = newStack();
    const repositories = many(stack, count);
    const host = new CfnParameter(stack, 'Host').valueAsString;
    const items = evaluate(stack, repositoryUriList(host, repositories, repositories[0]!)).split(',');
    const uris = items.filter((item) => item.startsWith(`${HOST}/`));
    expect(uris).toHaveLength(expected);
    if (count > expected) {
      expect(items.slice(expected)).toEqual([`(${count - expected} more: <RegistryUri>/<repository name>)`]);
    }
  });

  test('a name that CloudFormation chooses counts as the longest name that ECR accepts', () => {
    const stack = newStack();
    const repositories = Array.from({ length: 20 }, (_, index) => new PrivateRepository(stack, `Repository${index}`));
    expect(evaluate(stack, repositoryUriList(HOST, repositories, repositories[0]!))).toMatch(
      /,\(7 more: <RegistryUri>\/<repository name>\)$/,
    );
  });
});
