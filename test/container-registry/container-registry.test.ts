import { App, CfnOutput, CfnParameter, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  ConnectorAuthentication, ecr_registry, EcrContainerRegistry, EcrContainerRegistryProps, RegistryAuthentication,
  ServiceConnector, ZenMLStack,
} from '../../src';
import { ImageLifecycleRule } from '../../src/ecr-repository';
import { flat, newServer, newStack, only, URL, UUID } from '../support/app';

const COMPONENT = 'Custom::ZenMLStackComponent';
const CONNECTOR = 'Custom::ZenMLServiceConnector';

function define(
  props: Partial<EcrContainerRegistryProps> | ((stack: Stack) => Partial<EcrContainerRegistryProps>) = {},
  stack: Stack = newStack(),
) {
  const registry = new EcrContainerRegistry(stack, 'Registry', {
    server: newServer(stack),
    ...(typeof props === 'function' ? props(stack) : props),
  });
  return { stack, registry, template: () => Template.fromStack(stack) };
}

/** Actions sorted: aws-cdk sorts them or not, as a feature flag says. */
const statement = (template: Template, sid: string) =>
  Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap((policy: any) => policy.Properties.PolicyDocument.Statement)
    .filter((candidate: any) => candidate.Sid === sid)
    .map((found: any) => ({ ...found, Action: [found.Action].flat().sort() }))[0];

const referenced = (stack: Stack, name: string) =>
  ecr.Repository.fromRepositoryName(stack, name.replace('/', '-'), name);

describe('proof of push and pull', () => {
  const proved = (stack: Stack) => only(stack, COMPONENT).Properties.ProveRepositories;
  const inVpc = (stack: Stack): Partial<EcrContainerRegistryProps> => ({
    server: newServer(stack, { registrationFunction: { vpc: new ec2.Vpc(stack, 'Vpc') } }),
  });

  test('proof of push and pull runs for each repository, also for those added later, after the role has its permissions', () => {
    const { stack, registry } = define((scope) => ({
      repositories: [referenced(scope, 'ml/base')],
      repositoryNames: ['zenml'],
    }));
    registry.addRepository('training');
    expect(proved(stack)).toEqual([
      { Name: 'ml/base' },
      { Name: { Ref: expect.stringMatching(/zenml/) } },
      { Name: { Ref: expect.stringMatching(/training/) } },
    ]);
    expect(only(stack, COMPONENT).DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/PushAndPull/)]));
  });

  test('proof of push and pull runs for the first twenty repositories, and a note says so', () => {
    const names = Array.from({ length: 21 }, (_, index) => `repository-${index}`);
    const { stack, registry } = define({ repositoryNames: names });
    expect(proved(stack)).toHaveLength(20);
    Annotations.fromStack(stack).hasInfo(
      `/${registry.node.path}`,
      Match.stringLikeRegexp('proves push and pull for the first 20 of 21 repositories'),
    );
  });

  test('proof of push and pull is left out on request, and where there is no connector', () => {
    expect(proved(define({ proveAccess: false }).stack)).toBeUndefined();
    expect(proved(define({ authentication: RegistryAuthentication.localDocker() }).stack)).toBeUndefined();
    expect(() => define({ authentication: RegistryAuthentication.localDocker(), proveAccess: true })).toThrow(
      '`proveAccess` must not be true without a service connector',
    );
  });

  test('proof of push and pull is off in a VPC, with a note, unless the prop says otherwise', () => {
    const notes = (stack: Stack) =>
      Annotations.fromStack(stack).findInfo(
        '*',
        Match.stringLikeRegexp('a deploy does not prove that pushes and pulls work'),
      );
    const undecided = define(inVpc).stack;
    expect(proved(undecided)).toBeUndefined();
    expect(notes(undecided)).toHaveLength(1);
    const on = define((stack) => ({ ...inVpc(stack), proveAccess: true })).stack;
    expect(proved(on)).toHaveLength(1);
    const off = define((stack) => ({ ...inVpc(stack), proveAccess: false })).stack;
    expect(proved(off)).toBeUndefined();
    expect([...notes(on), ...notes(off), ...notes(define().stack)]).toEqual([]);
  });

  test('a repository that the first push may create may be missing at the deploy', () => {
    const { stack } = define((scope) => {
      const repositoryTemplate = new ecr_registry.RepositoryCreationTemplate(scope, 'Template', {
        prefix: 'team',
        appliedFor: [ecr_registry.CreationScenario.CREATE_ON_PUSH],
      });
      return { repositoryTemplate, repositoryNames: ['team/base'] };
    });
    expect(proved(stack)).toEqual([{ Name: { Ref: expect.anything() }, MayBeMissing: 'true' }]);
  });
});

describe('repositories', () => {
  test('a registry without repositories defines one with a name chosen by CloudFormation, kept on delete and scanned on push', () => {
    const { stack, template } = define();
    template().hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        RepositoryName: Match.absent(),
        ImageScanningConfiguration: { ScanOnPush: true },
        ImageTagMutability: 'MUTABLE',
      },
    });
    expect(JSON.parse(flat(only(stack, COMPONENT).Properties.Configuration))).toEqual({
      uri: expect.stringContaining('Fn::Select'),
      default_repository: expect.stringMatching(/^<RegistryRepository/),
    });
  });

  test('repositories are defined by name, and the first one is the default', () => {
    const { stack, registry, template } = define({ repositoryNames: ['zenml', 'team/training'] });
    template().resourceCountIs('AWS::ECR::Repository', 2);
    expect(registry.repositories).toHaveLength(2);
    expect(flat(only(stack, COMPONENT).Properties.Configuration)).toMatch(/"default_repository":"<Registryzenml/);
  });

  test('existing repositories are used as they are, and checked before the component is registered', () => {
    const { stack, template, registry } = define((scope) => ({
      repositories: [referenced(scope, 'ml/base')],
      repositoryNames: ['zenml'],
    }));
    const properties = only(stack, COMPONENT).Properties;
    expect(JSON.parse(flat(properties.Configuration))).toEqual({
      uri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com', default_repository: 'ml/base',
    });
    expect(properties.Repositories).toEqual([{ Name: 'ml/base', RegistryId: '111122223333', Region: 'eu-west-1' }]);
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'ecr:DescribeRepositories', Resource: Match.anyValue() }],
      },
      Roles: [{ Ref: Match.stringLikeRegexp('ZenMLRegistrationRole') }],
    });
    expect(only(stack, COMPONENT).DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/Preflight/)]));
    expect(registry.repositoryUris[0]).toBe('111122223333.dkr.ecr.eu-west-1.amazonaws.com/ml/base');
  });

  test('a repository added later is included in permissions, grants and outputs', () => {
    const { registry, template, stack } = define({ repositoryNames: ['zenml'] });
    registry.grantPull(
      new iam.Role(stack, 'Sagemaker', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') }),
    );
    registry.addRepository('training');
    registry.addRepository('Other', { repositoryName: 'team/other', imageScanOnPush: false });
    expect(statement(template(), 'PushAndPull').Resource).toHaveLength(3);
    const pulls = Object.values(template().findResources('AWS::IAM::Policy')).find((policy: any) =>
      /Sagemaker/.test(policy.Properties.PolicyName),
    ) as any;
    const granted = pulls.Properties.PolicyDocument.Statement.filter((candidate: any) =>
      candidate.Action.includes('ecr:BatchGetImage'),
    );
    expect(granted.flatMap((one: any) => one.Resource)).toHaveLength(3);
    expect(JSON.stringify(template().findOutputs('*'))).toMatch(/training/);
  });

  test.each([
    ['a name twice', { repositoryNames: ['a1', 'a1'] }, 'must not name a repository twice'],
    ['a name that ECR refuses', { repositoryNames: ['My_Repo'] }, /My_Repo/],
    [
      'immutable tags',
      { repositoryDefaults: { imageTagMutability: ecr.TagMutability.IMMUTABLE } },
      'ZenML pushes the same tags again',
    ],
    [
      'a prefix that a name lacks',
      { repositoryNames: ['zenml'], repositoryPrefix: 'team/' },
      '`repositoryPrefix` must be the start of all repository names of the registry, it is "team/"',
    ],
    ['a prefix without a slash', { repositoryPrefix: 'team' }, '`repositoryPrefix` must look like'],
  ])('a registry with %s is refused', (_, props: Partial<EcrContainerRegistryProps>, why) => {
    expect(() => define(props)).toThrow(why);
  });

  test('a default repository that is not among the repositories is refused', () => {
    expect(() =>
      define((stack) => ({ repositoryNames: ['zenml'], defaultRepository: referenced(stack, 'other') })),
    ).toThrow('`defaultRepository` must be one of');
    const { registry } = define((stack) => {
      const second = referenced(stack, 'second');
      return { repositories: [referenced(stack, 'first'), second], defaultRepository: second };
    });
    expect(registry.defaultRepository.repositoryName).toBe('second');
  });

  test('repositories of several Regions or accounts are refused', () => {
    expect(() => define((stack) => ({
      repositories: [referenced(stack, 'here'),
        ecr.Repository.fromRepositoryArn(stack, 'There', 'arn:aws:ecr:us-east-1:111122223333:repository/there')],
    }))).toThrow('must be in one account and Region');
  });

  test('repositories in partitions that ZenML cannot use are refused', () => {
    expect(() => define({}, newStack({ env: { account: '111122223333', region: 'cn-north-1' } }))).toThrow(
      /under amazonaws\.com \(ZenML's limit\), got: "cn-north-1"/,
    );
  });

  test('repositories of another account name their own registry, and are not checked without permission', () => {
    const { stack, registry } = define((scope) => ({
      repositories: [
        ecr.Repository.fromRepositoryArn(scope, 'Shared', 'arn:aws:ecr:eu-central-1:999988887777:repository/shared'),
      ],
    }));
    expect(registry.registryUri).toBe('999988887777.dkr.ecr.eu-central-1.amazonaws.com');
    expect(registry.dockerLoginCommand).toContain('--region eu-central-1');
    expect(only(stack, COMPONENT).Properties.Repositories).toBeUndefined();
    expect(only(stack, CONNECTOR).Properties).toMatchObject({
      Region: 'eu-central-1',
      ResourceId: registry.registryUri,
    });
    expect(flat(statement(Template.fromStack(stack), 'ListRepositories').Resource)).toBe(
      'arn:<AWS::Partition>:ecr:eu-central-1:999988887777:repository/*',
    );
  });

  test('repositories of another stack keep their host', () => {
    const app = new App();
    const owner = new Stack(app, 'Owner', { env: { account: '111122223333', region: 'eu-west-1' } });
    const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'eu-west-1' } });
    const { template } = define({ repositories: [new ecr.Repository(owner, 'Repository')] }, stack);
    expect(JSON.stringify(template().findResources(COMPONENT))).toMatch(/Fn::ImportValue/);
  });

  test('repositories whose known start contradicts the prefix are refused, wherever the name has tokens', () => {
    const withName = (name: (parameter: string) => string, prefix: (parameter: string) => string = () => 'team/') => {
      const stack = newStack();
      const parameter = new CfnParameter(stack, 'P').valueAsString;
      return () =>
        define(
          {
            repositories: [new ecr.Repository(stack, 'R', { repositoryName: name(parameter) })],
            repositoryPrefix: prefix(parameter),
          },
          stack,
        );
    };
    expect(withName((parameter) => `other/${parameter}`)).toThrow(
      '`repositoryPrefix` must be the start of all repository names of the registry, it is "team/"',
    );
    expect(
      withName(
        () => 'other/x',
        (parameter) => `team/${parameter}/`,
      ),
    ).toThrow('must be the start of all repository names of the registry');
    for (const fine of ['', 'te', 'team/', 'team/a']) { withName((parameter) => fine + parameter)(); }
  });

  test('repositories under a template get warnings as well', () => {
    const { stack } = define((scope) => ({
      repositoryTemplate: new ecr_registry.RepositoryCreationTemplate(scope, 'Template', {
        prefix: 'team',
        lifecycleRules: [{ maxImageAge: Duration.days(9) }],
      }),
      repositoryNames: ['team/zenml'],
    }));
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('template for .*team.*expires images by count or age'),
    );
  });

  test('repositories of another account with parent images get pull permissions only', () => {
    const { stack } = define((scope) => ({
      pullFrom: [
        ecr.Repository.fromRepositoryArn(scope, 'Shared', 'arn:aws:ecr:eu-west-1:763104351884:repository/pytorch'),
      ],
    }));
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('ecr:BatchGetImage \\(`access.pull` of'));
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('PutImage|pullPush'));
  });

  test('lifecycle rules that delete images which ZenML reuses get a warning', () => {
    const lifecycleRules: ImageLifecycleRule[] = [{ tagStatus: ecr.TagStatus.UNTAGGED, maxImageCount: 1 }];
    const { stack } = define({ repositoryDefaults: { lifecycleRules } });
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('expires untagged images'));
  });
});

describe('permissions', () => {
  test('permissions of the role are exactly what ZenML needs, on exactly the repositories', () => {
    const { template } = define({ repositoryNames: ['zenml'] });
    expect(statement(template(), 'PushAndPull')).toEqual({
      Sid: 'PushAndPull',
      Effect: 'Allow',
      Action: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      Resource: [{ 'Fn::GetAtt': [expect.stringMatching(/^Registryzenml/), 'Arn'] }],
    });
  });

  test('permissions on parent images are read-only', () => {
    const { template } = define((stack) => ({ pullFrom: [referenced(stack, 'base')] }));
    expect(statement(template(), 'Pull')).toMatchObject({
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    });
  });

  test('more than 100 repositories need a prefix', () => {
    const names = (prefix: string) => [...Array(101).keys()].map((i) => `${prefix}r${i}`);
    expect(() => define({ repositoryNames: names('') }).template()).toThrow('set `repositoryPrefix`');
    const { template } = define({ repositoryNames: names('team/'), repositoryPrefix: 'team/' });
    expect(flat(statement(template(), 'PushAndPull').Resource)).toBe(
      'arn:<AWS::Partition>:ecr:eu-west-1:111122223333:repository/team/*',
    );
  });

  test('permissions of a referenced role whose policies are not managed are left to its owner, with a warning', () => {
    const { stack } = define((scope) => ({
      authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole({
        role: iam.Role.fromRoleArn(scope, 'Role', 'arn:aws:iam::111122223333:role/zenml', { mutable: false }),
      })),
    }));
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('the access role is an imported role'));
  });

  test('permissions of a builder include pulls and the login', () => {
    const { stack, registry, template } = define({ repositoryNames: ['zenml'] });
    registry.grantPullPush(
      new iam.Role(stack, 'Builder', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }),
    );
    template().hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('Builder') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['ecr:BatchGetImage', 'ecr:PutImage']) }),
          Match.objectLike({ Action: 'ecr:GetAuthorizationToken', Resource: '*' }),
        ]),
      },
    });
  });
});

describe('authentication', () => {
  test('local Docker creates no role, user, key or connector', () => {
    const { template, registry } = define({
      authentication: RegistryAuthentication.localDocker(),
      repositoryNames: ['zenml'],
    });
    for (const type of ['AWS::IAM::User', 'AWS::IAM::AccessKey', 'AWS::SecretsManager::Secret', CONNECTOR]) {
      template().resourceCountIs(type, 0);
    }
    template().resourceCountIs('AWS::IAM::Role', 1); // the handler's
    expect(registry.accessRole).toBeUndefined();
    expect(registry.connector).toBeUndefined();
    expect(Object.keys(template().findOutputs('*')).join()).toMatch(/DockerLoginCommand/);
    expect(Object.keys(template().findOutputs('*')).join()).not.toMatch(/VerifyCommand|AccessRole/);
  });

  test('an existing connector is verified for this registry', () => {
    const { stack, template } = define((scope) => ({
      authentication: RegistryAuthentication.existingConnector(
        ServiceConnector.fromServiceConnectorId(scope, 'Existing', newServer(scope), UUID),
      ),
    }));
    template().resourceCountIs(CONNECTOR, 0);
    expect(only(stack, COMPONENT).Properties).toMatchObject({
      Connector: { Id: UUID },
      VerifyConnector: 'true',
      ConnectorResourceId: expect.anything(),
    });
  });

  test('two registries share a connector, and its role gets the permissions of both', () => {
    const { stack, registry } = define({ repositoryNames: ['one'] });
    new EcrContainerRegistry(stack, 'Second', {
      server: newServer(stack),
      repositoryNames: ['two'],
      authentication: RegistryAuthentication.existingConnector(registry.connector!),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs(CONNECTOR, 1);
    expect(statement(template, 'PushAndPull')).toBeDefined();
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toMatch(/Secondtwo/);
  });
});

test('names, labels and behaviour apply to component and connector alike', () => {
  const { stack } = define({
    stackComponentName: 'ecr',
    serviceConnectorName: 'ecr-connector',
    labels: { team: 'ml' },
    detachFromStacks: true,
  });
  expect(only(stack, COMPONENT).Properties).toMatchObject({
    Name: 'ecr',
    Labels: { team: 'ml' },
    DetachFromStacks: 'true',
    Flavor: 'aws',
  });
  expect(only(stack, CONNECTOR).Properties).toMatchObject({
    Name: 'ecr-connector',
    Labels: { team: 'ml' },
    DetachFromStacks: 'true',
  });
});

test('a registry is attached to an existing ZenML stack at once or later', () => {
  const { stack, registry } = define((scope) => ({
    zenmlStack: ZenMLStack.fromZenmlStackName(scope, 'Prod', newServer(scope), 'production'),
  }));
  registry.attachToStack('Staging', ZenMLStack.fromZenmlStackName(stack, 'StagingStack', newServer(stack), 'staging'));
  Template.fromStack(stack).resourceCountIs('Custom::ZenMLStackAttachment', 2);
});

test('outputs list the next commands, and can be switched off', () => {
  const values = Object.values(
    define({ repositoryNames: ['zenml'] })
      .template()
      .findOutputs('*'),
  )
    .map((output: any) => flat(output.Value))
    .join('\n');
  for (const text of [
    'aws ecr get-login-password --region eu-west-1',
    'zenml service-connector verify',
    '--resource-type docker-registry',
  ]) {
    expect(values).toContain(text);
  }
  expect(define({ outputs: false }).template().findOutputs('*')).toEqual({});
  for (const output of Object.values(define().template().findOutputs('*')) as any[]) {
    expect(output.Export).toBeUndefined();
  }
});

test('no property of a registration holds a secret or a dynamic reference', () => {
  const { stack } = define({
    repositoryNames: ['zenml'],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY },
  });
  const registrations = Object.values(Template.fromStack(stack).toJSON().Resources).filter((resource: any) =>
    resource.Type.startsWith('Custom::ZenML'),
  );
  expect(JSON.stringify(registrations)).not.toMatch(/resolve:|SecretAccessKey|SecretString/);
  expect(JSON.stringify(registrations)).toContain(URL);
});

test('findings of checkers that cannot be avoided are acknowledged with a reason', () => {
  const { stack } = define({ repositoryNames: ['team/zenml'], repositoryPrefix: 'team/' });
  const accepted = stack.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter((entry) => entry.type === 'aws:cdk:acknowledged-rules')
    .flatMap((entry) => Object.entries(entry.data as Record<string, string>));
  expect(accepted.map(([id]) => id.replace(/\[.*/, '')).sort()).toEqual([
    'AwsSolutions-IAM5', 'AwsSolutions-IAM5', 'AwsSolutions-IAM5', 'AwsSolutions-SMG4',
    'Serverless-LambdaAsyncFailureDestination', 'Serverless-LambdaDLQ', 'Serverless-LambdaTracing',
  ]);
  for (const [, reason] of accepted) { expect(reason.length).toBeGreaterThan(40); }
});

test('props that would fail at deploy, or have no effect, are reported at synth', () => {
  expect(() => define((stack) => ({ repositoryNames: ['one'], repositories: [referenced(stack, 'one')] }))).toThrow(
    'must not contain a repository twice, got: "one"',
  );
  expect(() => define({ repositoryNames: [Fn.ref('Name')] })).toThrow('because they become construct ids');
  expect(() => define({ serviceConnectorName: 'x', authentication: RegistryAuthentication.localDocker() })).toThrow(
    '`serviceConnectorName` must only be set if `authentication` creates a connector',
  );
  const { stack } = define((scope) => ({
    repositories: [ecr.Repository.fromRepositoryArn(scope, 'Far', 'arn:aws:ecr:eu-west-1:999988887777:repository/far')],
  }));
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('belongs to account 999988887777'));
});

test('more outputs than a template may have are an error at synth', () => {
  const stack = newStack();
  const define30 = () => {
    for (let i = 0; i < 30; i++) {
      new EcrContainerRegistry(stack, `R${i}`, {
        server: newServer(stack),
        repositoryNames: [`r${i}`],
        authentication: RegistryAuthentication.localDocker(),
      });
    }
    for (let i = 0; i < 60; i++) { new CfnOutput(stack, `Own${i}`, { value: 'x' }); }
    return Template.fromStack(stack);
  };
  expect(define30).toThrow('a template must have at most 200 outputs');
});

test('a grant to a role whose policies are not managed is written to the repository, and a warning names what is missing', () => {
  const { stack, registry } = define({ repositoryNames: ['zenml'] });
  registry.grantPull(
    iam.Role.fromRoleArn(stack, 'Frozen', 'arn:aws:iam::111122223333:role/frozen', { mutable: false }),
  );
  Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
    RepositoryPolicyText: {
      Statement: [
        Match.objectLike({
          Principal: { AWS: 'arn:aws:iam::111122223333:role/frozen' },
          Action: Match.arrayWith(['ecr:BatchGetImage']),
        }),
      ],
    },
  });
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('Add ecr:GetAuthorizationToken on \\* to the role'),
  );
});
