import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PullThroughCacheRule, RepositoryCreationTemplate, UpstreamRegistry } from '../../src/ecr-registry';

const HERE = { account: '111111111111', region: 'eu-west-1' };

describe.each<[string, (scope: Construct) => (grantee: iam.IGrantable) => iam.Grant, string]>([
  ['a creation template', (scope) => {
    const template = new RepositoryCreationTemplate(scope, 'T', { prefix: 'team' });
    return (grantee) => template.grantPullPush(grantee);
  }, 'list the principal in `access` of the template'],
  ['a cache', (scope) => {
    const rule = new PullThroughCacheRule(scope, 'R', { upstream: UpstreamRegistry.quay(), repositoryPrefix: 'team' });
    return (grantee) => rule.grantPull(grantee);
  }, 'allow the principal in a RegistryPolicy'],
])('a grant on the repositories of %s has the actions and the resource of the prefix', (_, define, instead) => {
  const setUp = () => {
    const stack = new Stack(new App(), 'Stack', { env: HERE });
    return { stack, grant: define(stack) };
  };

  test('a grant to a principal without policies is refused, and the error says what to do', () => {
    expect(() => setUp().grant(new iam.AccountPrincipal('222222222222'))).toThrow(
      `the grant on the repositories under team would have no effect, because the grantee cannot have a policy: grant to a role or user, or ${instead}`,
    );
  });

  test('a grant to a role whose policies are not managed warns of what is missing', () => {
    const { stack, grant } = setUp();
    grant(iam.Role.fromRoleArn(stack, 'Frozen', 'arn:aws:iam::111111111111:role/r', { mutable: false }));
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp(
        'the grant has no effect.*ecr:CreateRepository on team/\\* and ecr:GetAuthorizationToken on \\*',
      ),
    );
  });

  test('a grant to a role of another account covers one side only; a grant to a role of the same account covers both', () => {
    const { stack, grant } = setUp();
    const roleIn = (account: string) =>
      new iam.Role(new Stack(stack.node.root, `In${account}`, { env: { ...HERE, account } }), 'Role', {
        assumedBy: new iam.AnyPrincipal(),
        roleName: 'r',
      });
    grant(roleIn('111111111111'));
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    grant(roleIn('222222222222'));
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp(`only the identity\'s side for account 222222222222: also ${instead}`),
    );
  });
});
