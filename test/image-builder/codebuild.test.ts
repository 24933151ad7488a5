import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BuildImage, CodeBuildImageBuilder, CodeBuildImageBuilderProps, EcrContainerRegistry, S3ArtifactStore,
  S3ArtifactStoreProps,
} from '../../src';
import { newServer, newStack } from '../support/app';
import { actionsOf, permits, RequestContext } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

const ACCOUNT = '111122223333';
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;

const CURATED = 'aws/codebuild/amazonlinux-x86_64-standard:5.0';

type Props = Partial<CodeBuildImageBuilderProps>;

const bucketOf = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
const registryOf = (stack: Stack) => new EcrContainerRegistry(stack, 'Registry', {
  server: newServer(stack),
  repositoryNames: ['zenml'],
  pullFrom: [ecr.Repository.fromRepositoryName(stack, 'Parents', 'parents')],
});

function define(props: Props | ((stack: Stack) => Props) = {}) {
  const stack = newStack();
  const { registry = registryOf(stack), ...given } = typeof props === 'function' ? props(stack) : props;
  const builder = new CodeBuildImageBuilder(stack, 'ImageBuilder', {
    server: newServer(stack), bucket: bucketOf(stack), registry, ...given,
  });
  return { stack, registry, builder };
}

function projectMay(
  { stack, builder }: Pick<ReturnType<typeof define>, 'stack' | 'builder'>,
  action: string, resource: string, context?: RequestContext,
): boolean {
  return permits(new SynthesizedTemplate(stack).of(builder.projectRole as iam.Role), { action, resource, context });
}

const projectOf = (stack: Stack): any => Object.values(Template.fromStack(stack).findResources('AWS::CodeBuild::Project'))[0];
const configurationOf = (stack: Stack) => new SynthesizedTemplate(stack).configurationOf('image_builder');

describe('the project', () => {
  test('the project waits an hour, is not privileged, keeps logs for a month, and has no artifacts', () => {
    const { stack } = define();
    expect(projectOf(stack).Properties).toMatchObject({
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Environment: { Type: 'LINUX_CONTAINER', ComputeType: 'BUILD_GENERAL1_SMALL', PrivilegedMode: false },
      TimeoutInMinutes: 60,
      LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: { Ref: expect.stringMatching(/Logs/) } } },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    expect(configurationOf(stack)).toEqual({ code_build_project: expect.stringMatching(/Project/), build_image: CURATED });
  });

  test('each option reaches the project and the configuration', () => {
    const { stack } = define({
      timeout: Duration.hours(2),
      computeType: codebuild.ComputeType.LARGE,
      logRetention: RetentionDays.ONE_WEEK,
      environment: { A: 'b' },
    });
    expect(projectOf(stack).Properties).toMatchObject({ TimeoutInMinutes: 120, Environment: { ComputeType: 'BUILD_GENERAL1_LARGE' } });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
    expect(configurationOf(stack)).toMatchObject({ compute_type: 'BUILD_GENERAL1_LARGE', custom_env_vars: { A: 'b' } });
  });

  test('the role can be assumed by CodeBuild for this project only', () => {
    const { stack, builder } = define();
    const template = new SynthesizedTemplate(stack);
    const name = projectOf(stack).Properties.Name as string;
    const trust = template.trustOf(builder.projectRole as iam.Role);
    const assume = (principal: string, project: string, account = ACCOUNT) => permits([trust], {
      action: 'sts:AssumeRole',
      resource: 'role',
      principal,
      context: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:codebuild:eu-west-1:${account}:project/${project}` },
    });
    expect(assume('codebuild.amazonaws.com', name)).toBe(true);
    expect([assume('codebuild.amazonaws.com', 'other'), assume('sagemaker.amazonaws.com', name), assume('codebuild.amazonaws.com', name, '444455556666')]).toEqual([false, false, false]);
  });

  test('two image builders of one stack have projects with different names', () => {
    const { stack, registry } = define();
    new CodeBuildImageBuilder(stack, 'Second', { server: newServer(stack), bucket: s3.Bucket.fromBucketName(stack, 'Other', 'other'), registry });
    const names = Object.values(Template.fromStack(stack).findResources('AWS::CodeBuild::Project')).map((project: any) => project.Properties.Name);
    expect(new Set(names).size).toBe(2);
  });
});

describe('rights of a build', () => {
  test('a build reads build contexts, and no artifact, also below the prefix of the artifact store', () => {
    const whole = define();
    const below = define({ prefix: 'team-a/ml' });
    const read = (scene: typeof whole, key: string) => projectMay(scene, 's3:GetObject', `arn:aws:s3:::artifacts/${key}`);
    expect([read(whole, 'code-build-contexts/x/y.zip'), read(below, 'team-a/ml/code-build-contexts/x/y.zip')]).toEqual([true, true]);
    expect([read(whole, 'pipeline/model.pkl'), read(below, 'code-build-contexts/x/y.zip'), read(below, 'team-a/ml/model.pkl')]).toEqual([false, false, false]);
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:ListBucket']) {
      expect(projectMay(whole, action, 'arn:aws:s3:::artifacts/code-build-contexts/x')).toBe(false);
    }
  });

  test('a build pushes to the repositories of the registry, also to later ones, and only pulls parent images', () => {
    const scene = define();
    scene.registry.addRepository('training');
    const on = (action: string, name: string) => projectMay(scene, action, arn('ecr', `repository/${name}`));
    expect([on('ecr:PutImage', 'zenml'), on('ecr:PutImage', 'training'), on('ecr:BatchGetImage', 'parents')]).toEqual([true, true, true]);
    expect([on('ecr:PutImage', 'parents'), on('ecr:PutImage', 'other'), on('ecr:BatchDeleteImage', 'zenml')]).toEqual([false, false, false]);
  });

  test('a build writes its own log group, and has no action beyond contexts, logs and images', () => {
    const scene = define();
    const group = Object.keys(Template.fromStack(scene.stack).findResources('AWS::Logs::LogGroup')).find((id) => id.startsWith('ImageBuilder'));
    expect(projectMay(scene, 'logs:PutLogEvents', arn('logs', `log-group:${group}:log-stream:x`))).toBe(true);
    expect(projectMay(scene, 'logs:PutLogEvents', arn('logs', 'log-group:/aws/codebuild/other:log-stream:x'))).toBe(false);
    const actions = actionsOf(new SynthesizedTemplate(scene.stack).of(scene.builder.projectRole as iam.Role));
    expect(actions.filter((action) => !action.startsWith('ecr:'))).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents', 's3:GetObject', 's3:GetObjectVersion']);
  });

  test('the key of a bucket is used through S3 only, and only where the bucket has one', () => {
    const scene = define((stack) => ({ bucket: new s3.Bucket(stack, 'Own', { encryption: s3.BucketEncryption.KMS }) }));
    const key = arn('kms', `key/${Object.keys(Template.fromStack(scene.stack).findResources('AWS::KMS::Key'))[0]}`);
    expect(projectMay(scene, 'kms:Decrypt', key, { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' })).toBe(true);
    expect(projectMay(scene, 'kms:Decrypt', key)).toBe(false);
  });

  test('the connector starts and follows builds of this project and nothing else', () => {
    const { stack, builder } = define();
    const template = new SynthesizedTemplate(stack);
    const role = template.of(builder.accessRole as iam.Role);
    expect(actionsOf(role)).toEqual(['codebuild:BatchGetBuilds', 'codebuild:StartBuild']);
    expect(permits(role, { action: 'codebuild:StartBuild', resource: template.deployed(builder.projectArn) })).toBe(true);
    expect(permits(role, { action: 'codebuild:StartBuild', resource: arn('codebuild', 'project/other') })).toBe(false);
  });

  test('the identity of a connector that the app does not define gets the rights on request', () => {
    const { stack, builder } = define();
    const role = new iam.Role(stack, 'Theirs', { assumedBy: new iam.AccountPrincipal(ACCOUNT) });
    builder.grantBuild(role);
    expect(actionsOf(new SynthesizedTemplate(stack).of(role))).toEqual(['codebuild:BatchGetBuilds', 'codebuild:StartBuild']);
  });
});

describe('build images', () => {
  test.each<[string, (stack: Stack) => BuildImage | undefined, string, string]>([
    ['ZenML\'s default', () => BuildImage.zenmlDefault(), 'bentolor/docker-dind-awscli', 'SERVICE_ROLE'],
    ['an image of a registry', () => BuildImage.fromRegistry('docker.io/team/builder@sha256:abc'), 'docker.io/team/builder@sha256:abc', 'SERVICE_ROLE'],
    ['an image of an ECR repository', (stack) => BuildImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'B', 'builder'), '1'), `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/builder:1`, 'SERVICE_ROLE'],
    ['a curated image', () => BuildImage.curated('aws/codebuild/standard:7.0'), 'aws/codebuild/standard:7.0', 'CODEBUILD'],
    ['the default', () => undefined, CURATED, 'CODEBUILD'],
  ])('%s is set in the project and in ZenML, with the credentials that pull it', (_, image, name, credentials) => {
    const { stack } = define((scope) => ({ buildImage: image(scope) }));
    const { Image, ImagePullCredentialsType } = projectOf(stack).Properties.Environment;
    expect([new SynthesizedTemplate(stack).deployed(Image), ImagePullCredentialsType]).toEqual([name, credentials]);
    expect(configurationOf(stack)).toMatchObject({ build_image: name });
  });

  test('the role may pull an image of ECR, and read the password of a private registry, and nothing of that without it', () => {
    const scene = define((stack) => ({ buildImage: BuildImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'B', 'builder'), '1') }));
    expect(projectMay(scene, 'ecr:BatchGetImage', arn('ecr', 'repository/builder'))).toBe(true);
    const secret = define((stack) => ({ buildImage: BuildImage.fromRegistry('docker.io/team/builder', new Secret(stack, 'Hub')) }));
    const [id] = Object.keys(Template.fromStack(secret.stack).findResources('AWS::SecretsManager::Secret')).filter((one) => one.startsWith('Hub'));
    expect(projectMay(secret, 'secretsmanager:GetSecretValue', arn('secretsmanager', `secret:${id}-AbCdEf`))).toBe(true);
    expect(projectOf(secret.stack).Properties.Environment.RegistryCredential).toEqual({ Credential: { Ref: id }, CredentialProvider: 'SECRETS_MANAGER' });
    const plain = define();
    expect(projectMay(plain, 'ecr:BatchGetImage', arn('ecr', 'repository/builder'))).toBe(false);
    expect(projectOf(plain.stack).Properties.Environment.RegistryCredential).toBeUndefined();
  });

  test.each<[string, BuildImage | undefined, number]>([
    ['ZenML\'s default', BuildImage.zenmlDefault(), 1],
    ['an image with the tag latest', BuildImage.fromRegistry('docker.io/team/builder:latest'), 1],
    ['an image of a registry with a port, without a tag', BuildImage.fromRegistry('registry.example.com:5000/team/builder'), 1],
    ['an image with a version', BuildImage.fromRegistry('registry.example.com:5000/team/builder:1.2'), 0],
    ['an image with a digest', BuildImage.fromRegistry('docker.io/team/builder@sha256:abc'), 0],
    ['the default', undefined, 0],
  ])('%s, which its publisher can change, is named in a warning, and no other', (_, buildImage, warnings) => {
    const { stack } = define({ buildImage });
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('`buildImage` has no version'))).toHaveLength(warnings);
  });

  test('an image is not taken for one of the other kind', () => {
    expect(() => BuildImage.fromRegistry('aws/codebuild/standard:7.0')).toThrow('use BuildImage.curated');
    expect(() => BuildImage.curated('docker:dind')).toThrow('`image` must look like "aws/codebuild/amazonlinux-x86_64-standard:5.0"');
  });
});

describe('an existing project', () => {
  const own = (stack: Stack, props: codebuild.ProjectProps = {}) => new codebuild.Project(stack, 'Own', {
    environment: {
      buildImage: codebuild.LinuxBuildImage.STANDARD_7_0,
    },
    buildSpec: codebuild.BuildSpec.fromObject({ version: '0.2' }),
    ...props,
  });

  test('an existing project is used as it is, and no role or log group is created for it', () => {
    const { stack, builder } = define((scope) => ({ project: codebuild.Project.fromProjectName(scope, 'Own', 'theirs') }));
    Template.fromStack(stack).resourceCountIs('AWS::CodeBuild::Project', 0);
    expect(builder.projectRole).toBeUndefined();
    expect(configurationOf(stack)).toMatchObject({ code_build_project: 'theirs' });
    const role = new SynthesizedTemplate(stack).of(builder.accessRole as iam.Role);
    expect(permits(role, { action: 'codebuild:StartBuild', resource: arn('codebuild', 'project/theirs') })).toBe(true);
  });

  test('a project of the app with the right credentials is accepted', () => {
    expect(() => define((scope) => ({ project: own(scope) }))).not.toThrow();
  });

  test('a project in a VPC is refused, because its builds have no Docker daemon', () => {
    expect(() => define((scope) => ({ project: own(scope, { vpc: new ec2.Vpc(scope, 'Vpc') }) }))).toThrow('`project` must not run in a VPC, got: Main/Own');
  });

  test('a project that pulls its image with other credentials is refused', () => {
    expect(() => define((scope) => ({
      project: own(scope), buildImage: BuildImage.fromRegistry('team/builder:1'),
    }))).toThrow('`project` must pull images with the credentials SERVICE_ROLE, which team/builder:1 needs, got: CODEBUILD');
    expect(() => define((scope) => ({
      project: own(scope, { environment: { buildImage: codebuild.LinuxBuildImage.fromDockerRegistry('team/builder:1') } }),
    }))).toThrow(`\`project\` must pull images with the credentials CODEBUILD, which ${CURATED} needs, got: SERVICE_ROLE`);
  });
});

describe('build contexts', () => {
  /** The lifecycle rules of the bucket of an artifact store that a builder uses, without its own. */
  function rulesOf(props: Props = {}, options: Partial<S3ArtifactStoreProps> = {}) {
    const { stack } = define((scope) => {
      const store = new S3ArtifactStore(scope, 'Store', { server: newServer(scope), ...options });
      return { bucket: store.bucket, prefix: options.prefix, ...props };
    });
    return contextRulesOf(stack);
  }

  function contextRulesOf(stack: Stack) {
    const [bucket] = Object.values(Template.fromStack(stack).findResources('AWS::S3::Bucket'));
    return (bucket?.Properties.LifecycleConfiguration.Rules as any[]).slice(1);
  }

  function withTwoBuilders(expirations: readonly (Duration | undefined)[]) {
    const stack = newStack();
    const server = newServer(stack);
    const { bucket } = new S3ArtifactStore(stack, 'Store', { server });
    const registry = registryOf(stack);
    expirations.forEach((contextExpiration, index) => {
      new CodeBuildImageBuilder(stack, `ImageBuilder${index}`, { server, bucket, registry, contextExpiration });
    });
    return stack;
  }

  test('expire after 30 days in the bucket that an artifact store has created, below its prefix', () => {
    expect(rulesOf()).toEqual([{ Prefix: 'code-build-contexts/', ExpirationInDays: 30, Status: 'Enabled' }]);
    expect(rulesOf({}, { prefix: 'team-a/ml' })).toMatchObject([{ Prefix: 'team-a/ml/code-build-contexts/' }]);
  });

  test('expire as the option says, with all versions', () => {
    expect(rulesOf({ contextExpiration: Duration.days(7) }, { versioned: true })).toMatchObject([
      { ExpirationInDays: 7, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
    ]);
  });

  test('have no rule in the bucket of an artifact store without a builder, nor in a bucket of the app', () => {
    const stack = newStack();
    const own = new s3.Bucket(stack, 'Own');
    new S3ArtifactStore(stack, 'Store', { server: newServer(stack) });
    new CodeBuildImageBuilder(stack, 'ImageBuilder', { server: newServer(stack), bucket: own, registry: registryOf(stack) });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::S3::Bucket'))).not.toContain('code-build-contexts');
  });

  test.each<[string, Duration, string]>([
    ['an hour', Duration.hours(1), '`contextExpiration` must be between 86400'],
    ['a day and a half', Duration.hours(36), '`contextExpiration` must be a whole number of days (S3 counts in days), got: 36 hours'],
  ])('that expire after %s are refused', (_, contextExpiration, message) => {
    expect(() => rulesOf({ contextExpiration })).toThrow(message);
  });

  test.each([[undefined, 30], [Duration.days(7), 7]])('of two image builders of a store have one rule: S3 refuses two for one prefix (%s)', (contextExpiration, days) => {
    const stack = withTwoBuilders([contextExpiration, contextExpiration]);
    expect(contextRulesOf(stack)).toMatchObject([{ ExpirationInDays: days }]);
  });

  test('of two image builders of a store expire at the same age', () => {
    expect(() => withTwoBuilders([undefined, Duration.days(7)])).toThrow(
      '`contextExpiration` must be the same for all image builders of an artifact store, got: 7 days, and 30 days of another one: set the same value',
    );
  });

  test('of a bucket of the app do not expire by the option', () => {
    expect(() => define({ contextExpiration: Duration.days(7) })).toThrow('`contextExpiration` must not be set together with a bucket that this library has not created, got: Main/Artifacts');
  });
});

test('a builder that stays keeps its project, role, log group and policies', () => {
  const { stack } = define({ removalPolicy: RemovalPolicy.RETAIN });
  const resources = Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, any>).filter(([id]) => id.startsWith('ImageBuilder'));
  expect(resources.length).toBeGreaterThan(6);
  expect(resources.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'RetainExceptOnCreate').map(([id]) => id)).toEqual([]);
});

test('the component is created after the project and its rights', () => {
  const { stack } = define();
  const [registration] = Object.values(Template.fromStack(stack).findResources('Custom::ZenMLStackComponent', { Properties: { ComponentType: 'image_builder' } }));
  const needed: string[] = (registration as any).DependsOn;
  for (const pattern of [/ImageBuilderUse/, /ImageBuilderProjectBuilds/, /ImageBuilderProjectRoleDefaultPolicy/]) {
    expect(needed.some((id) => pattern.test(id))).toBe(true);
  }
});

test('a repository with immutable tags is named in a warning', () => {
  const repository = (stack: Stack, imageTagMutability: ecr.TagMutability) => new ecr.Repository(stack, 'Images', {
    imageTagMutability,
    ...imageTagMutability === ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION && {
      imageTagMutabilityExclusionFilters: [ecr.ImageTagMutabilityExclusionFilter.wildcard('train*')],
    },
  });
  const warned = (mutability: ecr.TagMutability) => {
    const { stack } = define((scope) => ({ registry: new EcrContainerRegistry(scope, 'Immutable', { server: newServer(scope), repositories: [repository(scope, mutability)] }) }));
    return Annotations.fromStack(stack).findWarning('/Main/ImageBuilder', Match.stringLikeRegexp('has immutable tags with exceptions')).length;
  };
  expect(warned(ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION)).toBe(1);
  expect(warned(ecr.TagMutability.MUTABLE)).toBe(0);
});

test.each<[string, Props | ((stack: Stack) => Props), string]>([
  ['a timeout of a minute', { timeout: Duration.minutes(1) }, '`timeout` must be between 300 and 129600 seconds (CodeBuild\'s limits)'],
  ['a prefix with a slash at its end', { prefix: 'ml/' }, '`prefix` must look like "team-a/ml"'],
  ['a prefix with a slash at its start', { prefix: '/ml' }, '`prefix` must look like "team-a/ml"'],
  ['a registry of another Region', (stack) => ({ registry: new EcrContainerRegistry(stack, 'Far', { server: newServer(stack), repositories: [ecr.Repository.fromRepositoryArn(stack, 'R', `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/r`)] }) }), '`registry` must be in the Region of this stack, eu-west-1'],
  ['a bucket of another Region', (stack) => ({ bucket: s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'us-east-1' }) }), '`bucket` must be in the Region of this stack, eu-west-1'],
  ['a project of another Region', (stack) => ({ project: codebuild.Project.fromProjectArn(stack, 'Far', `arn:aws:codebuild:us-east-1:${ACCOUNT}:project/far`) }), '`project` must be in the Region of this stack, eu-west-1'],
  ['a timeout for an existing project', (stack) => ({ timeout: Duration.hours(1), project: codebuild.Project.fromProjectName(stack, 'Own', 'own') }), '`timeout` must not be set together with `project`'],
])('%s is refused', (_, props, message) => {
  expect(() => define(props)).toThrow(message);
});
