import { App, Aws, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EcrContainerRegistry, RegistryAuthentication } from '../../src';
import { inlinePolicyProblems } from '../../src/iam/policy-size';
import { newServer, newStack } from '../support/app';

function sizeOf(...resources: string[]): number {
  const stack = new Stack(new App(), 'Stack');
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AnyPrincipal() });
  const policy = (some: string[]) => new iam.Policy(stack, `P${some.length}`, {
    roles: [role], statements: [new iam.PolicyStatement({ actions: ['s3:*'], resources: some })],
  });
  // Filled up until the limit tells the size.
  for (let low = 0, high = 10_240; ;) {
    const middle = Math.ceil((low + high) / 2);
    const probe =
      inlinePolicyProblems(role, [policy(resources), policy([...resources, 'x'.repeat(middle)])], 'x').length > 0;
    stack.node.tryRemoveChild(`P${resources.length}`);
    stack.node.tryRemoveChild(`P${resources.length + 1}`);
    if (probe) { high = middle - 1; } else { low = middle; }
    if (low >= high) { return low; }
  }
}

test('the length of a policy is that of its JSON text without white space, and each reference counts as short as it can be', () => {
  const bare = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Action: 's3:*', Resource: 'a', Effect: 'Allow' }],
  }).length;
  const list = bare + '["",""]'.length - '""'.length;
  // Two policies: one with `a`, the other with `a` and the filling.
  expect(sizeOf('a')).toBe(10_240 - bare - list);
  expect(sizeOf('a a')).toBe(sizeOf('aa'));
  expect(sizeOf(`a${Aws.ACCOUNT_ID}`)).toBe(sizeOf('a111122223333'));
  expect(sizeOf(`a${Aws.PARTITION}b${Aws.REGION}`)).toBe(sizeOf('aawsbeu-west-1'));
  expect(sizeOf(`a${Fn.getAtt('x', 'Arn').toString()}`)).toBe(sizeOf(`a${'x'.repeat(30)}`));
  expect(sizeOf(`a${Fn.importValue('x')}`)).toBe(sizeOf('ax'));
});

test('repositories with very long names exceed the policy of the access role, and a prefix helps', () => {
  const define = (repositoryPrefix?: string) => {
    const stack = newStack();
    const repositories = [...Array(60).keys()].map((index) =>
      ecr.Repository.fromRepositoryName(stack, `R${index}`, `team/${'long-'.repeat(30)}${index}`),
    );
    new EcrContainerRegistry(stack, 'Registry', { server: newServer(stack), repositories, repositoryPrefix });
    return stack;
  };
  expect(() => Template.fromStack(define())).toThrow(
    /the inline policies of role Main\/Registry\/Connector\/AccessRole must have at most 10240 characters .* got: \d+ characters or more.*repositoryPrefix/,
  );
  expect(() => Template.fromStack(define('team/'))).not.toThrow();
});

test('secrets and other resources that exceed the policy of the function are refused at synth', () => {
  const stack = newStack();
  for (let index = 0; index < 20; index++) {
    const encryptionKey = Key.fromKeyArn(
      stack,
      `Key${index}`,
      `arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-4333-8444-${String(index).padStart(12, '0')}`,
    );
    const apiKey = Secret.fromSecretAttributes(stack, `Secret${index}`, {
      secretCompleteArn: `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${'long/'.repeat(30)}${index}-AbCdEf`,
      encryptionKey,
    });
    new EcrContainerRegistry(stack, `Registry${index}`, {
      server: newServer(stack, { apiKey }),
      repositoryNames: [`r${index}`],
      authentication: RegistryAuthentication.localDocker(),
    });
  }
  expect(() => Template.fromStack(stack)).toThrow(
    /the inline policies of role Main\/ZenMLRegistration\/Role must have at most 10240 characters .* got: \d+ characters or more.*functionId/,
  );
});
