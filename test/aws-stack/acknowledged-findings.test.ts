import { Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import { AwsZenMLStack, Orchestrator } from '../../src';
import { newServer, newStack } from '../support/app';

/* cdk-nag 3 reads acknowledgements of a construct and of what contains it. `npm run checkers` runs cdk-nag itself. */
function acknowledged(construct: IConstruct): [id: string, reason: string][] {
  return construct.node.scopes.flatMap((scope) => scope.node.metadata)
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
}

const stack = newStack();
const ml = new AwsZenMLStack(stack, 'ML', {
  server: newServer(stack), orchestrator: Orchestrator.sageMaker({ schedules: true }),
});
const all = ml.node.findAll();

test('each policy with a wildcard as resource has a reason for it', () => {
  const policies = all.filter((one): one is iam.CfnPolicy => one instanceof iam.CfnPolicy);
  const open = policies.filter((policy) => {
    const { Statement } = Stack.of(policy).resolve(policy.policyDocument) as { Statement: { Resource: unknown }[] };
    return JSON.stringify(Statement.map(({ Resource }) => Resource)).includes('*');
  });
  expect(open.length).toBeGreaterThan(5);
  const silent = open.filter((policy) => !acknowledged(policy).some(([id]) => id.startsWith('AwsSolutions-IAM5')));
  expect(silent.map(({ node }) => node.path)).toEqual([]);
});

test.each<[string, (one: IConstruct) => boolean, string[]]>([
  ['each bucket', (one) => one instanceof s3.CfnBucket, ['AwsSolutions-S1']],
  ['the project', (one) => one instanceof codebuild.CfnProject, ['AwsSolutions-CB4']],
])('%s has a reason for what checkers find', (_, is, ids) => {
  const found = all.filter(is);
  expect(found.length).toBeGreaterThan(0);
  for (const one of found) {
    const reasons = Object.fromEntries(acknowledged(one));
    expect(Object.keys(reasons)).toEqual(expect.arrayContaining(ids));
    expect(Object.values(reasons).every((reason) => reason.length > 20)).toBe(true);
  }
});
