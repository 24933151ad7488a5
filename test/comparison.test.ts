import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newServer, newStack } from './support/app';
import { ROOT } from '../local/process/paths';
import { AwsZenMLStack } from '../src';

/* The figures of the last column of the table for whole stacks in docs/comparison.md. */
const rows = readFileSync(join(ROOT, 'docs', 'comparison.md'), 'utf8').split('\n## ')
  .find((part) => part.startsWith('A whole stack'))!.split('\n').filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const ours = (row: string) => rows.find(([, name]) => name === row)!.at(-2)!;

let stack: Stack;
let resources: { Type: string; Properties?: any }[];
const ofType = (type: RegExp) => resources.filter(({ Type }) => type.test(Type));

beforeAll(() => {
  stack = newStack();
  new AwsZenMLStack(stack, 'ML', { server: newServer(stack) });
  resources = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, any>);
});

test('docs/comparison.md has the numbers of resources and objects of AwsZenMLStack', () => {
  const inZenml = ofType(/^Custom::ZenML/);
  expect(ours('AWS resources')).toBe(`${resources.length - inZenml.length} with the function`);
  const [connectors, components] = [ofType(/ServiceConnector$/), ofType(/StackComponent$/)].map(({ length }) => length);
  expect(ours('objects in ZenML')).toBe(`${connectors} connectors, ${components} components, 1 stack`);
  expect(inZenml).toHaveLength(connectors! + components! + 1);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`a whole stack: ${resources.length} |`);
});

test('docs/comparison.md has the numbers of managed policies and of statements on * of AwsZenMLStack', () => {
  expect(ours('managed policies')).toBe('0');
  expect(ofType(/^AWS::IAM::(Role|User)$/).flatMap(({ Properties }) => Properties?.ManagedPolicyArns ?? [])).toEqual([]);
  const statements = ofType(/^AWS::IAM::Policy$/).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const onAll = statements.filter(({ Resource }) => [Resource].flat().includes('*')).map(({ Action }) => Action);
  expect(new Set(onAll)).toEqual(new Set(['ecr:GetAuthorizationToken']));
  expect(ours('further statements on `*`')).toMatch(new RegExp(`^${onAll.length}: `));
});
