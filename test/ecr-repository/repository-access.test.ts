import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { PrivateRepository, RepositoryAccess, RepositoryGrants, RepositoryPrincipal } from '../../src/ecr-repository';

const THERE = '222222222222';
const ROOT = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${THERE}:root`]] } };

function policy(access: RepositoryAccess): any[] {
  const stack = new Stack();
  new PrivateRepository(stack, 'R', { access });
  const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository')) as any[];
  return repository.Properties.RepositoryPolicyText?.Statement ?? [];
}

test.each<[keyof RepositoryAccess, string, string[]]>([
  ['pull', 'Pull', ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage']],
  [
    'push',
    'Push',
    [
      'ecr:BatchCheckLayerAvailability',
      'ecr:InitiateLayerUpload',
      'ecr:UploadLayerPart',
      'ecr:CompleteLayerUpload',
      'ecr:PutImage',
    ],
  ],
  [
    'pullPush',
    'PullPush',
    [
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
      'ecr:InitiateLayerUpload',
      'ecr:UploadLayerPart',
      'ecr:CompleteLayerUpload',
      'ecr:PutImage',
    ],
  ],
  [
    'describe',
    'Describe',
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
  ],
  ['deleteImages', 'DeleteImages', ['ecr:BatchDeleteImage', 'ecr:DescribeImages', 'ecr:ListImages']],
])('the list %s gets exactly its actions', (list, sid, actions) => {
  expect(policy({ [list]: [new iam.AccountPrincipal(THERE)] })).toEqual([
    { Sid: sid, Effect: 'Allow', Action: actions, Principal: ROOT },
  ]);
});

test('an organization and an organizational unit get statements of their own, with their conditions', () => {
  const statements = policy({
    pull: [
      new iam.AccountPrincipal(THERE),
      RepositoryPrincipal.organization('o-a1b2c3d4e5'),
      RepositoryPrincipal.organizationalUnit('o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/'),
      new iam.ArnPrincipal(`arn:aws:iam::${THERE}:role/puller`),
    ],
  });
  expect(statements.map(({ Sid, Principal, Condition }) => ({ Sid, Principal, Condition }))).toEqual([
    { Sid: 'Pull', Principal: { AWS: [ROOT.AWS, `arn:aws:iam::${THERE}:role/puller`] }, Condition: undefined },
    { Sid: 'PullIf1', Principal: { AWS: '*' }, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } },
    {
      Sid: 'PullIf2',
      Principal: { AWS: '*' },
      Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': ['o-a1b2c3d4e5/r-f6g7/ou-f6g7-11111111/*'] } },
    },
  ]);
});

test('Lambda functions of other accounts get a statement for the service on their behalf, and one for the account', () => {
  expect(policy({ lambdaAccounts: [THERE] })).toEqual([
    {
      Sid: 'LambdaService',
      Effect: 'Allow',
      Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Principal: { Service: 'lambda.amazonaws.com' },
      Condition: {
        StringLike: {
          'aws:sourceArn': [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:lambda:*:${THERE}:function:*`]] }],
        },
      },
    },
    {
      Sid: 'LambdaAccounts',
      Effect: 'Allow',
      Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Principal: ROOT,
    },
  ]);
  expect(() => policy({ lambdaAccounts: ['2222'] })).toThrow('an account id has 12 digits), got: "2222"');
});

test('empty lists write no policy', () => {
  expect(policy({})).toEqual([]);
  expect(policy({ pull: [], lambdaAccounts: [] })).toEqual([]);
});

test('everybody is refused', () => {
  expect(() => policy({ push: [new iam.AnyPrincipal()] })).toThrow(
    'must not have a principal of "*" without a condition',
  );
});

test('a referenced repository is refused', () => {
  const stack = new Stack();
  const repository = ecr.Repository.fromRepositoryName(stack, 'R', 'models');
  expect(() => RepositoryGrants.fromRepository(repository).access({ pull: [new iam.AccountPrincipal(THERE)] }))
    .toThrow('`access` must not be set on repository models, because this app only imports the repository');
});

test('a repository of plain aws-cdk accepts a list as well', () => {
  const stack = new Stack();
  RepositoryGrants.fromRepository(new ecr.Repository(stack, 'R')).access({ pull: [new iam.AccountPrincipal(THERE)] });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::ECR::Repository'))).toContain('"Sid":"Pull"');
});

test('a policy beyond ECR\'s limit is a synth error', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const pull = Array.from(
    { length: 200 },
    (_, index) => new iam.ArnPrincipal(`arn:aws:iam::${THERE}:role/a-rather-long-name-of-a-role-${index}`),
  );
  new PrivateRepository(stack, 'R', { access: { pull } });
  expect(() => app.synth()).toThrow(
    /the policy of repository Stack\/R must have at most 10240 characters \(ECR's limit\), got: \d+ characters/,
  );
});

test.each([
  ['o-1', 'organization'],
  ['a1b2c3d4e5', 'organization'],
  ['o-a1b2c3d4e5', 'organizationalUnit'],
  ['o-a1b2c3d4e5/r-f6g7', 'organizationalUnit'],
  ['ou-f6g7-11111111', 'organizationalUnit'],
] as const)('%s is refused as %s', (text, kind) => {
  expect(() => RepositoryPrincipal[kind](text)).toThrow(`got: "${text}"`);
});

test('every list renders a policy without resources and without an unconditioned "*", with every principal', () => {
  const account = fc.integer({ min: 100_000_000_000, max: 999_999_999_999 }).map(String);
  const principal = fc.oneof(
    account.map((id) => new iam.AccountPrincipal(id)),
    account.map((id) => new iam.ArnPrincipal(`arn:aws:iam::${id}:role/r`)),
    fc.stringMatching(/^o-[a-z0-9]{10}$/).map((id) => RepositoryPrincipal.organization(id)),
  );
  const list = fc.array(principal, { maxLength: 4 });
  fc.assert(
    fc.property(fc.record({ pull: list, push: list, pullPush: list, describe: list, deleteImages: list }), (access) => {
      const statements = policy(access);
      const sids = statements.map((statement) => statement.Sid);
      expect(new Set(sids).size).toBe(sids.length);
      for (const statement of statements) {
        expect(statement).not.toHaveProperty('Resource');
        expect(statement.Effect).toBe('Allow');
        if (JSON.stringify(statement.Principal).includes('"*"')) {
          expect(Object.keys(statement.Condition)).not.toEqual([]);
        }
        expect(statement.Action).not.toContain('ecr:GetAuthorizationToken');
      }
      const text = JSON.stringify(statements);
      for (const one of Object.values(access).flat()) {
        const organization =
          one instanceof iam.OrganizationPrincipal ? one.organizationId : (one as iam.ArnPrincipal).arn;
        const id = one instanceof iam.AccountPrincipal ? (one.accountId as string) : organization;
        expect(text).toContain(id);
      }
    }),
    { numRuns: 60 },
  );
});
