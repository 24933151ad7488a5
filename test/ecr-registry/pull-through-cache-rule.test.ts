import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { PullThroughCacheRule, UpstreamRegistry } from '../../src/ecr-registry';

const TYPE = 'AWS::ECR::PullThroughCacheRule';
const HERE = { account: '111111111111', region: 'eu-west-1' };

function setUp() {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: HERE });
  return { app, stack, secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'ecr-pullthroughcache/login') };
}

test.each<[string, (secret: secretsmanager.ISecret) => UpstreamRegistry, string, string, boolean]>([
  ['Docker Hub', UpstreamRegistry.dockerHub, 'docker-hub', 'registry-1.docker.io', true],
  ['GitHub', UpstreamRegistry.gitHub, 'github-container-registry', 'ghcr.io', true],
  ['GitLab', UpstreamRegistry.gitLab, 'gitlab-container-registry', 'registry.gitlab.com', true],
  [
    'Azure',
    (secret) => UpstreamRegistry.azure('myregistry', secret),
    'azure-container-registry',
    'myregistry.azurecr.io',
    true,
  ],
  ['Chainguard', UpstreamRegistry.chainguard, 'chainguard', 'cgr.dev', true],
  ['ECR Public', () => UpstreamRegistry.ecrPublic(), 'ecr-public', 'public.ecr.aws', false],
  ['Quay', () => UpstreamRegistry.quay(), 'quay', 'quay.io', false],
  ['Kubernetes', () => UpstreamRegistry.kubernetes(), 'k8s', 'registry.k8s.io', false],
])(
  'the upstream %s has its name, its URL and, where a login is needed, its secret',
  (_name, upstream, upstreamName, url, login) => {
    const { stack, secret } = setUp();
    new PullThroughCacheRule(stack, 'Rule', { upstream: upstream(secret), repositoryPrefix: 'cache/' });
    expect(Object.values(Template.fromStack(stack).findResources(TYPE)).map((resource) => resource.Properties)).toEqual(
      [
        {
          EcrRepositoryPrefix: 'cache',
          UpstreamRegistry: upstreamName,
          UpstreamRegistryUrl: url,
          ...(login ? { CredentialArn: stack.resolve(secret.secretArn) } : {}),
        },
      ],
    );
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 0);
  },
);

describe('a private ECR upstream', () => {
  test('a private ECR upstream gets a role that reads upstream repositories and writes cached ones, within the prefixes', () => {
    const { stack } = setUp();
    const rule = new PullThroughCacheRule(stack, 'Rule', {
      upstream: UpstreamRegistry.privateEcr({ account: '222222222222', region: 'us-east-1' }),
      repositoryPrefix: 'cache',
      upstreamRepositoryPrefix: 'base',
    });
    const template = Template.fromStack(stack);
    template.hasResource(TYPE, {
      Properties: {
        EcrRepositoryPrefix: 'cache',
        UpstreamRegistry: 'ecr',
        UpstreamRegistryUrl: '222222222222.dkr.ecr.us-east-1.amazonaws.com',
        UpstreamRepositoryPrefix: 'base',
        CustomRoleArn: stack.resolve(rule.role!.roleArn),
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({ Principal: { Service: 'pullthroughcache.ecr.amazonaws.com' } })],
      },
      Path: Match.absent(),
      ManagedPolicyArns: [{ Ref: Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))[0] }], // so that the rule waits for the rights
    });
    const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy')) as any[];
    const arn = (region: string, account: string, path: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ecr:${region}:${account}:repository/${path}`]],
    });
    expect(
      policy.Properties.PolicyDocument.Statement.map((statement: any) => [statement.Sid, statement.Resource]),
    ).toEqual([
      ['Upstream', arn('us-east-1', '222222222222', 'base/*')],
      ['Cache', arn('eu-west-1', '111111111111', 'cache/*')],
      ['Login', '*'],
    ]);
    const accepted = rule.node
      .findChild('Policy')
      .node.metadata.filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) => Object.keys(data));
    expect(accepted).toEqual([
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecr:us-east-1:222222222222:repository/base/*]',
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecr:eu-west-1:111111111111:repository/cache/*]',
      'AwsSolutions-IAM5[Resource::*]',
    ]);
  });

  test('a private ECR upstream accepts an existing role, and has the domain of its Region', () => {
    const { stack } = setUp();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111111111111:role/reader');
    new PullThroughCacheRule(stack, 'Rule', {
      upstream: UpstreamRegistry.privateEcr({ account: '222222222222', region: 'cn-north-1', role }),
      repositoryPrefix: 'ROOT',
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties(TYPE, {
      CustomRoleArn: 'arn:aws:iam::111111111111:role/reader',
      UpstreamRegistryUrl: '222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn',
      EcrRepositoryPrefix: 'ROOT',
    });
    template.resourceCountIs('AWS::IAM::Role', 0);
  });

  test('an upstream without a prefix, or with ROOT, covers all repositories, and prefixes may be tokens', () => {
    for (const upstreamRepositoryPrefix of [undefined, 'ROOT']) {
      const { stack } = setUp();
      new PullThroughCacheRule(stack, 'Rule', {
        upstream: UpstreamRegistry.privateEcr({ account: '222222222222', region: stack.region }),
        upstreamRepositoryPrefix,
        repositoryPrefix: new CfnParameter(stack, 'Prefix').valueAsString,
      });
      const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
      expect(policies).toContain(':ecr:eu-west-1:222222222222:repository/*"');
      expect(policies).toContain('{"Ref":"Prefix"},"/*"');
    }
  });

  test('an upstream account that does not have 12 digits is refused', () => {
    expect(() => UpstreamRegistry.privateEcr({ account: '22', region: 'us-east-1' })).toThrow(
      'an account id has 12 digits), got: "22"',
    );
  });
});

describe('the name of the secret of an upstream', () => {
  test.each<[string, (stack: Stack) => secretsmanager.ISecret, string | undefined]>([
    [
      'another name',
      (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'S', 'docker/login'),
      'got: "docker/login"',
    ],
    [
      'another ARN',
      (stack) =>
        secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'S',
          'arn:aws:secretsmanager:eu-west-1:111111111111:secret:docker-a1b2c3',
        ),
      'got: "docker"',
    ],
    [
      'a new secret of another name',
      (stack) => new secretsmanager.Secret(stack, 'S', { secretName: 'docker' }),
      'got: "docker"',
    ],
    ['a new secret without a name', (stack) => new secretsmanager.Secret(stack, 'S'), 'got: a secret without a name'],
    [
      'a right ARN',
      (stack) =>
        secretsmanager.Secret.fromSecretCompleteArn(
          stack,
          'S',
          'arn:aws:secretsmanager:eu-west-1:111111111111:secret:ecr-pullthroughcache/d-a1b2c3',
        ),
      undefined,
    ],
    [
      'a new secret of a right name',
      (stack) => new secretsmanager.Secret(stack, 'S', { secretName: 'ecr-pullthroughcache/docker' }),
      undefined,
    ],
    [
      'a new secret with a token in a right name',
      (stack) => new secretsmanager.Secret(stack, 'S', { secretName: `ecr-pullthroughcache/${stack.stackId}` }),
      undefined,
    ],
    [
      'a new secret with a token as its name',
      (stack) => new secretsmanager.Secret(stack, 'S', { secretName: new CfnParameter(stack, 'P').valueAsString }),
      undefined,
    ],
    [
      'a token',
      (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'S', new CfnParameter(stack, 'P').valueAsString),
      undefined,
    ],
  ])(
    'credentials with %s are accepted only if the name of the secret starts with "ecr-pullthroughcache/"',
    (_name, make, message) => {
      const { stack } = setUp();
      const act = () => UpstreamRegistry.dockerHub(make(stack));
      if (message) {
        expect(act).toThrow(
          `\`credentials\` of docker-hub must be a secret whose name starts with "ecr-pullthroughcache/" (ECR's rule), ${message}`,
        );
      } else {
        expect(act()).toBeDefined();
      }
    },
  );
});

test.each(['a', 'a'.repeat(31), 'Cache', 'a//b', '-a'])('the prefix %j is refused', (prefix) => {
  const { stack } = setUp();
  const upstream = UpstreamRegistry.quay();
  expect(() => new PullThroughCacheRule(stack, 'A', { upstream, repositoryPrefix: prefix })).toThrow(
    '`repositoryPrefix`',
  );
  expect(
    () => new PullThroughCacheRule(stack, 'B', { upstream, repositoryPrefix: 'ok', upstreamRepositoryPrefix: prefix }),
  ).toThrow('`upstreamRepositoryPrefix`');
});

test('an Azure registry name with illegal characters is refused', () => {
  expect(() => UpstreamRegistry.azure('my.registry', setUp().secret)).toThrow('got: "my.registry"');
});

test('imageUri joins the registry host, the prefix and the image', () => {
  const { stack } = setUp();
  const upstream = UpstreamRegistry.quay();
  expect(
    stack.resolve(new PullThroughCacheRule(stack, 'A', { upstream, repositoryPrefix: 'quay' }).imageUri('org/app:1')),
  ).toEqual({
    'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, '/quay/org/app:1']],
  });
  expect(
    JSON.stringify(
      stack.resolve(new PullThroughCacheRule(stack, 'B', { upstream, repositoryPrefix: 'ROOT' }).imageUri('org/app:1')),
    ),
  ).toContain('"/org/app:1"');
});

describe('grantPull', () => {
  test('grantPull lets a role pull an image, also for the first time', () => {
    const { stack } = setUp();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
    new PullThroughCacheRule(stack, 'Rule', { upstream: UpstreamRegistry.quay(), repositoryPrefix: 'quay' }).grantPull(
      role,
    );
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as any[];
    expect(policy.Properties.PolicyDocument.Statement.map((statement: any) => statement.Action)).toEqual([
      'ecr:GetAuthorizationToken',
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchGetImage',
        'ecr:BatchImportUpstreamImage',
        'ecr:CreateRepository',
      ],
    ]);
    expect(JSON.stringify(policy.Properties.PolicyDocument.Statement[1].Resource)).toContain(':repository/quay/*');
  });

  test('grantPull warns where it cannot grant', () => {
    const rule = new PullThroughCacheRule(setUp().stack, 'Rule', {
      upstream: UpstreamRegistry.quay(),
      repositoryPrefix: 'quay',
    });
    expect(() => rule.grantPull(new iam.AccountPrincipal('222222222222'))).toThrow(
      'would have no effect, because the grantee cannot have a policy',
    );
  });
});

describe('two rules for one prefix', () => {
  const rule = (stack: Stack, repositoryPrefix: string) =>
    new PullThroughCacheRule(stack, `Rule-${repositoryPrefix}`, {
      upstream: UpstreamRegistry.quay(),
      repositoryPrefix,
    });

  test('two rules for one prefix in one account and Region are an error, also when one of them is an L1', () => {
    const { app, stack } = setUp();
    rule(stack, 'quay');
    new ecr.CfnPullThroughCacheRule(new Stack(app, 'Other', { env: HERE }), 'Theirs', {
      ecrRepositoryPrefix: 'quay',
      upstreamRegistryUrl: 'quay.io',
    });
    expect(() => app.synth()).toThrow(
      'AWS::ECR::PullThroughCacheRule for "quay" must be defined once per account and Region, got: a second definition in Other/Theirs',
    );
  });

  test('two rules for different prefixes, or in different Regions, are accepted', () => {
    const { app, stack } = setUp();
    rule(stack, 'quay');
    rule(stack, 'other');
    rule(new Stack(app, 'Other', { env: { ...HERE, region: 'us-east-1' } }), 'quay');
    expect(app.synth().stacks).toHaveLength(2);
  });
});
