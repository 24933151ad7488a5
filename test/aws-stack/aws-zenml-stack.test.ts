import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ArtifactStore,
  AwsZenMLStack,
  AwsZenMLStackProps,
  CodeBuildImageBuilder,
  ComponentType,
  ConnectorAuthentication,
  ContainerRegistry,
  EcrContainerRegistry,
  ImageBuilder,
  Orchestrator,
  SageMakerRuntime,
  StackComponent,
  StepOperator,
  ZenMLStackAttachment,
} from '../../src';
import { newServer, newStack } from '../support/app';
import { actionsOf, permits } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

type Props = Partial<AwsZenMLStackProps>;

function newMl(props: Props | ((stack: Stack) => Props) = {}, stack = newStack()) {
  const given = typeof props === 'function' ? props(stack) : props;
  const ml = new AwsZenMLStack(stack, 'ML', { server: newServer(stack), ...given });
  return { stack, ml, template: () => Template.fromStack(stack) };
}

/** Type and flavor of each registered component, sorted. */
function componentsIn(template: Template): string[] {
  return Object.values(template.findResources('Custom::ZenMLStackComponent'))
    .map(({ Properties }) => `${Properties.ComponentType}:${Properties.Flavor}`)
    .sort();
}

function connectorsIn(template: Template): Record<string, any>[] {
  return Object.values(template.findResources('Custom::ZenMLServiceConnector')).map(({ Properties }) => Properties);
}

const LOCAL: Props = { orchestrator: Orchestrator.serverDefault() };

describe('the bucket of jobs', () => {
  const withBuckets = (artifacts: string, jobs: string) => newMl((stack) => ({
    artifactStore: ArtifactStore.s3({ bucket: s3.Bucket.fromBucketName(stack, 'Artifacts', artifacts) }),
    runtime: new SageMakerRuntime(stack, 'Jobs', { bucket: s3.Bucket.fromBucketName(stack, 'Output', jobs) }),
  })).stack;

  test('a runtime with the bucket of the artifact store has a warning, because jobs could read artifacts', () => {
    Annotations.fromStack(withBuckets('shared', 'shared'))
      .hasWarning('/Main/ML', Match.stringLikeRegexp('uses the bucket of the artifact store.*cdk-zenml:sharedBucket'));
    Annotations.fromStack(withBuckets('artifacts', 'output')).hasNoWarning('/Main/ML', Match.stringLikeRegexp('sharedBucket'));
  });

  test('builds decrypt contexts in an imported bucket with the key that the artifact store has', () => {
    const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/artifacts';
    const { stack, ml } = newMl((scope) => ({
      artifactStore: ArtifactStore.s3({
        bucket: s3.Bucket.fromBucketName(scope, 'Artifacts', 'artifacts'),
        encryptionKey: kms.Key.fromKeyArn(scope, 'Key', keyArn),
      }),
    }));
    const { projectRole } = ml.imageBuilder as CodeBuildImageBuilder;
    const documents = new SynthesizedTemplate(stack).of(projectRole!);
    const decrypts = (service: string) => permits(documents, {
      action: 'kms:Decrypt', resource: keyArn, context: { 'kms:ViaService': `${service}.eu-west-1.amazonaws.com` },
    });
    expect([decrypts('s3'), decrypts('ecr')]).toEqual([true, false]);
  });
});

describe('a stack from one line', () => {
  test('the default has five parts, and three connectors', () => {
    const { template } = newMl();
    expect(componentsIn(template())).toEqual([
      'artifact_store:s3',
      'container_registry:aws',
      'image_builder:aws',
      'orchestrator:sagemaker',
      'step_operator:sagemaker',
    ]);
    expect(connectorsIn(template()).map(({ ResourceType }) => ResourceType).sort()).toEqual([
      'aws-generic', 'docker-registry', 's3-bucket',
    ]);
    template().resourceCountIs('Custom::ZenMLStack', 1);
  });

  test('the connectors share one user with one key, and each assumes a role of its own', () => {
    const { template } = newMl();
    template().resourceCountIs('AWS::IAM::User', 1);
    template().resourceCountIs('AWS::IAM::AccessKey', 1);
    template().resourceCountIs('AWS::SecretsManager::Secret', 1);
    expect(new Set(connectorsIn(template()).map(({ RoleArn }) => JSON.stringify(RoleArn))).size).toBe(3);
    const assume = Object.values(template().findResources('AWS::IAM::Policy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => Action === 'sts:AssumeRole');
    expect(assume).toHaveLength(3);
    expect(JSON.stringify(assume)).not.toContain('"*"');
  });

  test('accessKeySerial rotates the shared key', () => {
    const ids = [undefined, 1].map((accessKeySerial) =>
      Object.keys(newMl({ accessKeySerial }).template().findResources('AWS::IAM::AccessKey')).join());
    expect(ids[0]).not.toBe(ids[1]);
    expect(() => newMl({ accessKeySerial: -1 })).toThrow(/`accessKeySerial` must be a whole number/);
  });

  test('a server that assumes roles itself needs no user', () => {
    const stack = newStack();
    const server = newServer(stack, {
      implicitAuthentication: true, awsIdentity: new iam.ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server'),
    });
    const { template } = newMl({ server }, stack);
    template().resourceCountIs('AWS::IAM::User', 0);
    expect(connectorsIn(template()).map(({ AuthMethod }) => AuthMethod)).toEqual(['implicit', 'implicit', 'implicit']);
  });

  test('no managed policy of AWS is attached, and only the connector user and AWS services may assume roles', () => {
    const roles = Object.values(newMl().template().findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);
    expect(roles.filter(({ ManagedPolicyArns }) => ManagedPolicyArns !== undefined)).toEqual([]);
    const services = roles.flatMap(({ AssumeRolePolicyDocument }) =>
      AssumeRolePolicyDocument.Statement.map(({ Principal }: any) => Principal.Service ?? 'user'));
    expect([...new Set(services)].sort()).toEqual([
      'codebuild.amazonaws.com', 'lambda.amazonaws.com', 'sagemaker.amazonaws.com', 'user',
    ]);
  });

  test('each session is refused what the others are for', () => {
    const { stack, ml } = newMl();
    const template = new SynthesizedTemplate(stack);
    const rightsOf = (component: unknown) => actionsOf(template.of((component as { accessRole: iam.Role }).accessRole));
    expect(rightsOf(ml.artifactStore).filter((action) => !action.startsWith('s3:'))).toEqual([]);
    expect(rightsOf(ml.containerRegistry).filter((action) => !action.startsWith('ecr:'))).toEqual([]);
    const compute = template.of((ml.orchestrator as unknown as { accessRole: iam.Role }).accessRole);
    const artifact = `${template.deployed(ml.bucket!.bucketArn)}/run/data.json`;
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']) {
      expect(permits(compute, { action, resource: artifact })).toBe(false);
    }
    expect(actionsOf(compute).filter((action) => action.startsWith('ecr:'))).toEqual([]);
  });

  test('data is kept, unless dataRemovalPolicy says otherwise', () => {
    const policies = (template: Template) => ['AWS::S3::Bucket', 'AWS::ECR::Repository']
      .flatMap((type) => Object.values(template.findResources(type)))
      .map(({ DeletionPolicy }) => DeletionPolicy);
    expect(new Set(policies(newMl().template()))).toEqual(new Set(['RetainExceptOnCreate']));
    expect(new Set(policies(newMl({ dataRemovalPolicy: RemovalPolicy.DESTROY }).template()))).toEqual(
      new Set(['Delete']),
    );
  });

  test('outputs tell what to type next, or are left out', () => {
    const outputs = newMl().template().findOutputs('*');
    const commands = Object.values(outputs).map(({ Value }) => JSON.stringify(Value));
    expect(commands.join()).toContain('zenml integration install aws s3');
    expect(commands.join()).toContain('zenml stack set ');
    expect(newMl({ outputs: false }).template().findOutputs('*')).toEqual({});
  });
});

describe('the choices', () => {
  test('with the local orchestrator nothing of SageMaker or CodeBuild is defined', () => {
    const { template } = newMl(LOCAL);
    expect(componentsIn(template())).toEqual(['artifact_store:s3', 'container_registry:aws', 'image_builder:local']);
    template().resourceCountIs('AWS::CodeBuild::Project', 0);
    expect(JSON.stringify(template().toJSON())).not.toContain('sagemaker');
  });

  test('artifacts only: no registry, no image builder', () => {
    const { template, ml } = newMl({ ...LOCAL, containerRegistry: ContainerRegistry.none() });
    expect(componentsIn(template())).toEqual(['artifact_store:s3']);
    expect([ml.containerRegistry, ml.imageBuilder, ml.registry]).toEqual([undefined, undefined, undefined]);
  });

  test('options of a part reach it', () => {
    const { ml, template } = newMl((stack) => ({
      ...LOCAL,
      artifactStore: ArtifactStore.s3({ bucket: s3.Bucket.fromBucketName(stack, 'Own', 'own'), prefix: 'ml' }),
      containerRegistry: ContainerRegistry.ecr({ repositoryNames: ['team/images'] }),
    }));
    expect(ml.registry!.repositories).toHaveLength(1);
    template().hasResourceProperties('AWS::ECR::Repository', { RepositoryName: 'team/images' });
    template().hasResourceProperties('Custom::ZenMLStackComponent', {
      ComponentType: 'artifact_store', Configuration: JSON.stringify({ path: 's3://own/ml' }),
    });
  });

  test('existing parts are used as they are, and constructs of this library keep their use', () => {
    const { template, ml } = newMl((stack) => {
      const server = newServer(stack);
      const existing = (type: ComponentType) =>
        StackComponent.fromStackComponentName(stack, type.name, server, type, 'theirs');
      return {
        server,
        artifactStore: ArtifactStore.existing(existing(ComponentType.ARTIFACT_STORE)),
        containerRegistry: ContainerRegistry.existing(new EcrContainerRegistry(stack, 'Registry', { server })),
        orchestrator: Orchestrator.existing(existing(ComponentType.ORCHESTRATOR)),
        stepOperators: [StepOperator.existing(existing(ComponentType.STEP_OPERATOR))],
        imageBuilder: ImageBuilder.existing(existing(ComponentType.IMAGE_BUILDER)),
      };
    });
    expect(componentsIn(template())).toEqual(['container_registry:aws']);
    expect(ml.registry).toBeInstanceOf(EcrContainerRegistry);
    expect(ml.bucket).toBeUndefined();
  });

  test('the defaults of the server need no AWS resource but the function and the parameter', () => {
    const { template } = newMl({
      ...LOCAL,
      artifactStore: ArtifactStore.serverDefault(),
      containerRegistry: ContainerRegistry.none(),
      authentication: ConnectorAuthentication.automatic(),
    });
    template().resourceCountIs('Custom::ZenMLServiceConnector', 0);
    template().resourceCountIs('AWS::IAM::User', 0);
  });

  test('several step operators share the connector, and the first is the default', () => {
    const { template } = newMl({
      stepOperators: [StepOperator.sageMaker({ instanceType: 'ml.m5.large' }), StepOperator.sageMaker({}, 'Gpu')],
    });
    expect(componentsIn(template()).filter((one) => one.startsWith('step_operator'))).toHaveLength(2);
    expect(connectorsIn(template())).toHaveLength(3);
  });

  test('further components join the stack', () => {
    const { ml, template } = newMl((stack) => ({
      ...LOCAL,
      additionalComponents: [
        StackComponent.fromStackComponentName(stack, 'Alerter', newServer(stack), ComponentType.ALERTER, 'slack'),
      ],
    }));
    ml.addComponent(
      StackComponent.fromStackComponentName(ml, 'Tracker', ml.server, ComponentType.EXPERIMENT_TRACKER, 'mlflow'),
    );
    template().hasResourceProperties('Custom::ZenMLStack', {
      Components: Match.arrayWith([
        Match.objectLike({ ComponentType: 'alerter' }), Match.objectLike({ ComponentType: 'experiment_tracker' }),
      ]),
    });
  });

  test('adoptExisting adopts what has an explicit name, and creates the rest', () => {
    const { template } = newMl({ ...LOCAL, adoptExisting: true, zenmlStackName: 'production' });
    template().hasResourceProperties('Custom::ZenMLStack', { Name: 'production', AdoptExisting: 'true' });
    template().allResourcesProperties('Custom::ZenMLStackComponent', { AdoptExisting: Match.absent() });
  });

  test.each<[string, Props | ((stack: Stack) => Props), RegExp]>([
    [
      'SageMaker without a registry',
      { containerRegistry: ContainerRegistry.none() },
      /`containerRegistry` must not be ContainerRegistry.none/,
    ],
    [
      'CodeBuild without an artifact store of this app',
      { artifactStore: ArtifactStore.serverDefault() },
      /ImageBuilder.codeBuild\(\), which needs an S3ArtifactStore/,
    ],
    [
      'an attachment to the stack',
      (stack) => {
        const { ml } = newMl(LOCAL, newStack(undefined, 'Inner'));
        new ZenMLStackAttachment(ml, 'Attachment', { zenmlStack: ml, component: ml.containerRegistry! });
        return { description: stack.stackName };
      },
      /`zenmlStack` must not be defined in this app/,
    ],
  ])('%s is refused', (_, props, message) => {
    expect(() => newMl(props)).toThrow(message);
  });
});
