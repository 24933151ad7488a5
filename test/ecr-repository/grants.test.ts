import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RepositoryGrants } from '../../src/ecr-repository';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const THERE = '222222222222';
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

function setUp() {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: HERE });
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  return {
    app,
    stack,
    role,
    owned: new ecr.Repository(stack, 'Owned'),
    referenced: ecr.Repository.fromRepositoryName(stack, 'Referenced', 'models'),
    foreign: ecr.Repository.fromRepositoryArn(stack, 'Foreign', `arn:aws:ecr:eu-west-1:${THERE}:repository/models`),
  };
}

function statements(stack: Stack): any[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(
    (policy: any) => policy.Properties.PolicyDocument.Statement,
  );
}

describe('grants to a role of the app', () => {
  test.each<[string, (grants: RepositoryGrants, grantee: iam.IGrantable) => iam.Grant, string[], boolean]>([
    ['pull', (grants, grantee) => grants.pull(grantee), PULL, true],
    ['push', (grants, grantee) => grants.push(grantee), PUSH, true],
    ['pullPush', (grants, grantee) => grants.pullPush(grantee), [...new Set([...PULL, ...PUSH])], true],
    [
      'describe',
      (grants, grantee) => grants.describe(grantee),
      [
        'ecr:DescribeRepositories',
        'ecr:DescribeImages',
        'ecr:ListImages',
        'ecr:DescribeImageScanFindings',
        'ecr:ListTagsForResource',
        'ecr:GetRepositoryPolicy',
        'ecr:GetLifecyclePolicy',
        'ecr:GetLifecyclePolicyPreview',
        'ecr:DescribeImageReplicationStatus',
        'ecr:DescribeImageSigningStatus',
      ],
      false,
    ],
    [
      'deleteImages',
      (grants, grantee) => grants.deleteImages(grantee),
      ['ecr:BatchDeleteImage', 'ecr:DescribeImages', 'ecr:ListImages'],
      false,
    ],
  ])('%s grants exactly its actions, on exactly the repository', (_name, act, actions, login) => {
    for (const which of ['owned', 'referenced'] as const) {
      const world = setUp();
      const grant = act(RepositoryGrants.fromRepository(world[which]), world.role);
      expect(grant.success).toBe(true);
      const rendered = statements(world.stack);
      expect(rendered[0].Action.sort()).toEqual([...actions].sort());
      expect(rendered[0].Resource).toEqual(world.stack.resolve(world[which].repositoryArn));
      expect(rendered.slice(1)).toEqual(
        login ? [{ Action: 'ecr:GetAuthorizationToken', Effect: 'Allow', Resource: '*' }] : [],
      );
    }
  });
});

describe('grants to principals without policies', () => {
  const principals: [string, iam.IPrincipal][] = [
    ['an account', new iam.AccountPrincipal(THERE)],
    ['an ARN', new iam.ArnPrincipal(`arn:aws:iam::${THERE}:role/puller`)],
    ['an organization', new iam.OrganizationPrincipal('o-a1b2c3d4e5')],
    ['a service', new iam.ServicePrincipal('lambda.amazonaws.com')],
  ];

  test.each(principals)('a grant to %s is written to the policy of a repository of the app', (_name, principal) => {
    const { stack, owned } = setUp();
    expect(RepositoryGrants.fromRepository(owned).pull(principal).success).toBe(true);
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: { Statement: [{ Action: PULL, Effect: 'Allow', Principal: Match.anyValue() }] },
    });
  });

  test.each(principals)(
    'a grant to %s on a referenced repository is an error, where aws-cdk reports success',
    (_name, principal) => {
      const { referenced } = setUp();
      expect(referenced.grantPull(principal).success).toBe(true);
      expect(() => RepositoryGrants.fromRepository(referenced).pull(principal)).toThrow(
        /the grant on repository models would have no effect, because .+ cannot have a policy .* grant it where the repository is defined/,
      );
    },
  );

  test('a grant to everybody is refused on any repository', () => {
    const { owned, referenced } = setUp();
    for (const repository of [owned, referenced]) {
      for (const principal of [new iam.AnyPrincipal(), new iam.StarPrincipal(), new iam.ArnPrincipal('*')]) {
        expect(() => RepositoryGrants.fromRepository(repository).pull(principal)).toThrow(
          'must not have a principal of "*" without a condition',
        );
      }
    }
  });
});

describe('grants across accounts', () => {
  test('a grant to a role of another account writes the role\'s side and warns of the other side', () => {
    const { stack, role, foreign } = setUp();
    RepositoryGrants.fromRepository(foreign).pull(role);
    expect(statements(stack)[0].Resource).toBe(`arn:aws:ecr:eu-west-1:${THERE}:repository/models`);
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp(
        'Allow the same actions \\(ecr:BatchCheckLayerAvailability, .* in the stack that defines the repository',
      ),
    );
  });

  test('a grant to a role of the same account gives no warning', () => {
    const { stack, role, referenced } = setUp();
    RepositoryGrants.fromRepository(referenced).pull(role);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('a repository of the app allows a role of another account by ARN', () => {
    const { stack, owned } = setUp();
    const role = iam.Role.fromRoleArn(stack, 'Theirs', `arn:aws:iam::${THERE}:role/puller`);
    RepositoryGrants.fromRepository(owned).pullPush(role);
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: {
        Statement: [Match.objectLike({ Principal: { AWS: `arn:aws:iam::${THERE}:role/puller` } })],
      },
    });
  });
});

test.each([
  ['of another account', (stack: Stack) => iam.Role.fromRoleArn(stack, 'Frozen', `arn:aws:iam::${THERE}:role/puller`)],
  [
    'that is not mutable',
    (stack: Stack) =>
      iam.Role.fromRoleArn(stack, 'Frozen', `arn:aws:iam::${HERE.account}:role/puller`, { mutable: false }),
  ],
  [
    'without policy updates',
    (stack: Stack) =>
      new iam.Role(stack, 'Frozen', { assumedBy: new iam.AccountRootPrincipal() }).withoutPolicyUpdates(),
  ],
])('a grant to a role %s on a referenced repository warns that nothing is written', (_name, make) => {
  const { stack, referenced } = setUp();
  RepositoryGrants.fromRepository(referenced).pull(make(stack));
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp(
      'the grantee of repository models .* the grant has no effect. Add ecr:BatchCheckLayerAvailability, .* and ecr:GetAuthorizationToken on \\*',
    ),
  );
  expect(statements(stack)).toEqual([]);
});

test('a grant to a role of another stack warns in the stack of the role', () => {
  const { app, foreign } = setUp();
  const other = new Stack(app, 'Other', { env: HERE });
  RepositoryGrants.fromRepository(foreign).pull(new iam.User(other, 'User'));
  Annotations.fromStack(other).hasWarning('*', Match.stringLikeRegexp('in another account than the grantee'));
});

test('a group has no account, and gets its permissions all the same', () => {
  const { stack, foreign } = setUp();
  expect(RepositoryGrants.fromRepository(foreign).describe(new iam.Group(stack, 'Group')).success).toBe(true);
});
