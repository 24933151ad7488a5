import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CreationScenario, RepositoryCreationTemplate, RepositoryCreationTemplateProps } from '../../src/ecr-registry';
import { ImageEncryption } from '../../src/ecr-repository';

const TYPE = 'AWS::ECR::RepositoryCreationTemplate';

function make(
  props: Partial<RepositoryCreationTemplateProps>,
  stack: Stack = new Stack(),
): { stack: Stack; template: Template; properties: any } {
  new RepositoryCreationTemplate(stack, 'Template', { prefix: 'team', ...props });
  const template = Template.fromStack(stack);
  return { stack, template, properties: Object.values(template.findResources(TYPE))[0]!.Properties };
}

test('a template creates repositories on push by default, mutable, with AES-256 and without a role', () => {
  const { template, properties } = make({});
  expect(properties).toEqual({
    Prefix: 'team',
    AppliedFor: ['CREATE_ON_PUSH'],
    ImageTagMutability: 'MUTABLE',
    EncryptionConfiguration: { EncryptionType: 'AES256' },
  });
  template.resourceCountIs('AWS::IAM::Role', 0);
});

test('each prop of a template is rendered', () => {
  const stack = new Stack();
  const { properties } = make({
    prefix: 'team/sub/',
    appliedFor: [CreationScenario.REPLICATION, CreationScenario.PULL_THROUGH_CACHE],
    description: 'why',
    imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
    imageTagMutabilityExclusionFilters: [ecr.ImageTagMutabilityExclusionFilter.wildcard('dev-*')],
    lifecycleRules: [{ maxAgeSincePull: Duration.days(30) }],
    access: { pull: [new iam.ArnPrincipal('arn:aws:iam::222222222222:role/puller')] },
    resourceTags: { team: 'ml' },
    role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/maker'),
  }, stack);
  expect(properties).toEqual({
    Prefix: 'team/sub',
    AppliedFor: ['REPLICATION', 'PULL_THROUGH_CACHE'],
    Description: 'why',
    ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    ImageTagMutabilityExclusionFilters: [
      { ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: 'dev-*' },
    ],
    EncryptionConfiguration: { EncryptionType: 'AES256' },
    LifecyclePolicy: expect.any(String),
    RepositoryPolicy: expect.any(String),
    ResourceTags: [{ Key: 'team', Value: 'ml' }],
    CustomRoleArn: 'arn:aws:iam::111111111111:role/maker',
  });
  expect(JSON.parse(properties.LifecyclePolicy).rules[0].selection.countType).toBe('sinceImagePulled');
  expect(JSON.parse(properties.RepositoryPolicy).Statement).toEqual([
    expect.objectContaining({ Sid: 'Pull', Principal: { AWS: 'arn:aws:iam::222222222222:role/puller' } }),
  ]);
});

test('references in the policy and the lifecycle text stay references', () => {
  const stack = new Stack();
  const parameter = new CfnParameter(stack, 'P').valueAsString;
  const lifecycleRules = [{ tagPrefixList: [parameter], maxImageCount: 1 }];
  const { properties } = make({ lifecycleRules, access: { pull: [new iam.AccountPrincipal(parameter)] } }, stack);
  expect(JSON.stringify(properties.LifecyclePolicy)).toContain('{"Ref":"P"}');
  expect(JSON.stringify(properties.RepositoryPolicy)).toContain('{"Ref":"P"}');
});

describe('the role of a repository creation template', () => {
  const policyOf = (template: Template) =>
    (Object.values(template.findResources('AWS::IAM::ManagedPolicy'))[0] as any).Properties.PolicyDocument.Statement;

  test('the role is created for a KMS key, has the path "/", and has only the permissions that the template needs', () => {
    const { template, properties } = make({ encryption: ImageEncryption.generatedKey() });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecr.amazonaws.com' } })] },
      Path: Match.absent(),
    });
    expect(properties.EncryptionConfiguration.EncryptionType).toBe('KMS');
    expect(policyOf(template).map((statement: any) => [statement.Sid, statement.Action])).toEqual([
      ['MakeRepositories', 'ecr:CreateRepository'],
      ['EncryptRepositories', ['kms:CreateGrant', 'kms:RetireGrant', 'kms:DescribeKey']],
    ]);
    expect(JSON.stringify(policyOf(template)[0].Resource)).toContain(':repository/team/*');
    expect(policyOf(template)[1].Resource).toEqual(properties.EncryptionConfiguration.KmsKey);
    template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: [{ Ref: Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))[0] }],
    });
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'RetainExceptOnCreate' });
  });

  test('the role may tag and replicate only where the template does', () => {
    const { template } = make({ resourceTags: { a: 'b' }, appliedFor: [CreationScenario.REPLICATION] });
    expect(policyOf(template)).toEqual([
      expect.objectContaining({ Action: ['ecr:CreateRepository', 'ecr:ReplicateImage', 'ecr:TagResource'] }),
    ]);
  });

  test('the role of a template with the prefix ROOT covers all repositories', () => {
    expect(JSON.stringify(policyOf(make({ prefix: 'ROOT', resourceTags: { a: 'b' } }).template)[0].Resource)).toContain(
      ':repository/*',
    );
  });

  test.each<[string, (stack: Stack) => iam.IRole, boolean]>([
    [
      'made here with a path',
      (stack) => new iam.Role(stack, 'R', { assumedBy: new iam.ServicePrincipal('ecr.amazonaws.com'), path: '/ecr/' }),
      false,
    ],
    [
      'referenced with a path',
      (stack) => iam.Role.fromRoleArn(stack, 'R', 'arn:aws:iam::111111111111:role/ecr/maker'),
      false,
    ],
    [
      'made here',
      (stack) => new iam.Role(stack, 'R', { assumedBy: new iam.ServicePrincipal('ecr.amazonaws.com'), path: '/' }),
      true,
    ],
    [
      'made here without saying',
      (stack) => new iam.Role(stack, 'R', { assumedBy: new iam.ServicePrincipal('ecr.amazonaws.com') }),
      true,
    ],
    ['referenced by name', (stack) => iam.Role.fromRoleName(stack, 'R', 'maker'), true],
  ])('a role that is %s is accepted only if it has the path "/"', (_name, role, fine) => {
    const stack = new Stack();
    const act = () => make({ role: role(stack) }, stack);
    if (fine) {
      act();
    } else {
      expect(act).toThrow('`role` must have the path "/" (ECR\'s limit for repository creation templates), got: ');
    }
  });
});

test.each<[Partial<RepositoryCreationTemplateProps>, string]>([
  [{ prefix: '' }, "`prefix` must have 1 to 256 characters (ECR's limit), got: 0 characters"],
  [{ prefix: 'Team' }, '`prefix` must be the start of a repository name or "ROOT"'],
  [{ appliedFor: [] }, 'must have at least one scenario'],
  [{ appliedFor: [CreationScenario.REPLICATION, CreationScenario.REPLICATION] }, 'must not have a scenario twice'],
  [{ description: 'd'.repeat(257) }, "at most 256 characters (ECR's limit), got: 257"],
  [{ imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION }, 'needs 1 to 5 filters'],
  [{ lifecycleRules: [{}] }, 'exactly one of maxImageCount'],
  [
    { resourceTags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v'])) },
    "at most 50 entries (ECR's limit), got: 51",
  ],
  [{ resourceTags: { ['k'.repeat(129)]: 'v' } }, 'must have keys of 1 to 128 characters'],
  [{ access: { pull: [new iam.AnyPrincipal()] } }, '"*" without a condition'],
])('a template with %j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test('a prefix of a single character is accepted', () => {
  expect(make({ prefix: 'a' }).properties.Prefix).toBe('a');
});

test('a policy beyond ECR\'s limit is a synth error', () => {
  const app = new App();
  const pull = Array.from(
    { length: 200 },
    (_, index) => new iam.ArnPrincipal(`arn:aws:iam::222222222222:role/a-rather-long-name-of-a-role-${index}`),
  );
  new RepositoryCreationTemplate(new Stack(app, 'Stack'), 'T', { prefix: 'team', access: { pull } });
  expect(() => app.synth()).toThrow(
    /the repository policy of the template must have at most 10240 characters \(ECR's limit\), got: \d+ characters/,
  );
});

test('grantPullPush covers repositories that do not exist yet', () => {
  const stack = new Stack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
  const template = new RepositoryCreationTemplate(stack, 'T', { prefix: 'team' });
  template.grantPullPush(role);
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as any[];
  expect(policy.Properties.PolicyDocument.Statement[1].Action).toContain('ecr:CreateRepository');
  expect(JSON.stringify(policy.Properties.PolicyDocument.Statement[1].Resource)).toContain(':repository/team/*');
  expect(() => template.grantPullPush(new iam.AccountPrincipal('222222222222'))).toThrow('would have no effect');
});

test('two templates for one prefix are a synth error', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  new RepositoryCreationTemplate(stack, 'A', { prefix: 'team' });
  new RepositoryCreationTemplate(stack, 'B', { prefix: 'team/' });
  expect(() => app.synth()).toThrow(
    'AWS::ECR::RepositoryCreationTemplate for "team" must be defined once per account and Region, got: a second definition in Stack/B/Resource',
  );
});

test('the key of a template is used by reference', () => {
  const stack = new Stack();
  const key = new kms.Key(stack, 'Key');
  expect(
    make({ encryption: ImageEncryption.customerKey(key) }, stack).properties.EncryptionConfiguration.KmsKey,
  ).toEqual(stack.resolve(key.keyArn));
});
