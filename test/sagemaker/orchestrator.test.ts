import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ACCOUNT, arn, newOrchestrator, newStepOperator } from './support';
import {
  ConnectorAuthentication, ConnectorResource, SageMakerOrchestrator, SageMakerOrchestratorProps, SageMakerRuntimeProps,
  SageMakerStepOperator, ServiceConnector, ZenMLStack,
} from '../../src';
import { newServer, UUID } from '../support/app';
import { actionsOf, permits, RequestContext } from '../support/policy-evaluator';
import { SynthesizedTemplate } from '../support/synthesized-template';

type Props = Partial<SageMakerOrchestratorProps>;

const configurationOf = (stack: Stack) => new SynthesizedTemplate(stack).configurationOf('orchestrator');

/** Whether the role of the connector may do something. */
function may(
  stack: Stack, { accessRole }: { accessRole?: iam.IRole }, action: string, resource: string, context?: RequestContext,
): boolean {
  return permits(new SynthesizedTemplate(stack).of(accessRole as iam.Role), { action, resource, context });
}

describe('what is registered in ZenML', () => {
  test('the configuration names role and bucket, and stops each instance after its step', () => {
    const { stack, runtime } = newOrchestrator();
    const template = new SynthesizedTemplate(stack);
    expect(template.configurationOf('orchestrator')).toEqual({
      execution_role: template.deployed(runtime.role.roleArn),
      bucket: template.deployed(runtime.bucket.bucketName),
      keep_alive_period_in_seconds: 0,
    });
  });

  test('each option is in the configuration, under the key of the flavor', () => {
    const { stack } = newOrchestrator({
      instanceType: 'ml.m5.xlarge',
      volumeSize: Size.gibibytes(50),
      maxRuntime: Duration.hours(2),
      keepAlive: Duration.minutes(1),
      synchronous: false,
      tags: { team: 'a' },
      pipelineTags: { team: 'b' },
      environment: { LOG_LEVEL: 'INFO' },
      configuration: { use_training_step: false, estimator_args: { use_spot_instances: true } },
    });
    expect(configurationOf(stack)).toMatchObject({
      instance_type: 'ml.m5.xlarge',
      volume_size_in_gb: 50,
      max_runtime_in_seconds: 7200,
      keep_alive_period_in_seconds: 60,
      synchronous: false,
      tags: { team: 'a' },
      pipeline_tags: { team: 'b' },
      environment: { LOG_LEVEL: 'INFO' },
      use_training_step: false,
      estimator_args: { use_spot_instances: true },
    });
  });

  test('network and keys of the runtime are defaults of both kinds of jobs', () => {
    const { stack } = newOrchestrator({ configuration: { estimator_args: { use_spot_instances: true } } }, (scope) => ({
      vpc: ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] }),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-1')],
      volumeKey: kms.Key.fromKeyArn(scope, 'Volume', arn('kms', 'key/volume')),
      outputKey: kms.Key.fromKeyArn(scope, 'Output', arn('kms', 'key/output')),
    }));
    const keys = { volume_kms_key: arn('kms', 'key/volume'), output_kms_key: arn('kms', 'key/output') };
    expect(configurationOf(stack)).toMatchObject({
      estimator_args: { subnets: ['subnet-1'], security_group_ids: ['sg-1'], ...keys, use_spot_instances: true },
      processor_args: { network_config: { subnets: ['subnet-1'], security_group_ids: ['sg-1'] }, ...keys },
    });
  });

  test('the instance type is one that the runtime allows', () => {
    expect(configurationOf(newOrchestrator({}, { allowedInstanceTypes: ['ml.g5.*', 'ml.m5.large'] }).stack)).toMatchObject({ instance_type: 'ml.m5.large' });
    expect(configurationOf(newOrchestrator({ instanceType: 'ml.g5.xlarge' }, { allowedInstanceTypes: ['ml.g5.*'] }).stack)).toMatchObject({ instance_type: 'ml.g5.xlarge' });
  });

  test('the connector is of type aws-generic, in the Region of the stack, with a role of its own', () => {
    const { stack, orchestrator } = newOrchestrator({ stackComponentName: 'sagemaker', serviceConnectorName: 'compute' });
    Template.fromStack(stack).hasResourceProperties('Custom::ZenMLServiceConnector', {
      ResourceType: 'aws-generic', Region: 'eu-west-1', AuthMethod: 'iam-role', Name: 'compute',
    });
    expect(orchestrator.accessRole).toBeDefined();
    const [registration] = Object.values(Template.fromStack(stack).findResources('Custom::ZenMLStackComponent', { Properties: { ComponentType: 'orchestrator' } }));
    expect((registration as any).Properties).toMatchObject({ Name: 'sagemaker', Flavor: 'sagemaker', Connector: { Id: expect.anything() } });
  });

  test('the component is created after the rights of both roles', () => {
    const { stack } = newOrchestrator();
    const [registration] = Object.values(Template.fromStack(stack).findResources('Custom::ZenMLStackComponent', { Properties: { ComponentType: 'orchestrator' } }));
    const needed: string[] = (registration as any).DependsOn;
    for (const pattern of [/OrchestratorUse/, /RuntimeJobs/, /RuntimePipelines/, /RuntimeRoleDefaultPolicy/]) {
      expect(needed.some((id) => pattern.test(id))).toBe(true);
    }
  });

  test('the orchestrator can be a component of a ZenML stack', () => {
    const { stack, orchestrator } = newOrchestrator();
    expect(() => new ZenMLStack(stack, 'Stack', { server: newServer(stack), zenmlStackName: 'ml', components: [orchestrator] }).addComponent(orchestrator)).toThrow('twice');
  });
});

describe('rights of the connector', () => {
  test('the connector passes the execution role to SageMaker, and no other role and to no other service', () => {
    const { stack, orchestrator, runtime } = newOrchestrator();
    const role = new SynthesizedTemplate(stack).deployed(runtime.role.roleArn);
    const pass = (resource: string, service: string) => may(stack, orchestrator, 'iam:PassRole', resource, { 'iam:PassedToService': service });
    expect(pass(role, 'sagemaker.amazonaws.com')).toBe(true);
    expect(['lambda.amazonaws.com', 'scheduler.amazonaws.com', 'ec2.amazonaws.com'].map((service) => pass(role, service))).toEqual([false, false, false]);
    expect(pass(`arn:aws:iam::${ACCOUNT}:role/other`, 'sagemaker.amazonaws.com')).toBe(false);
    const own = new SynthesizedTemplate(stack).deployed(orchestrator.accessRole!.roleArn);
    expect(pass(own, 'sagemaker.amazonaws.com')).toBe(false);
  });

  test('the connector reaches neither images, nor other buckets, secrets, endpoints, or the administration of SageMaker', () => {
    const { stack, orchestrator } = newOrchestrator({ schedules: true });
    const denied: [string, string][] = [
      ['ecr:BatchGetImage', arn('ecr', 'repository/zenml')], ['ecr:GetAuthorizationToken', '*'],
      ['s3:GetObject', 'arn:aws:s3:::artifacts/x'], ['s3:ListBucket', 'arn:aws:s3:::artifacts'], ['s3:CreateBucket', `arn:aws:s3:::sagemaker-eu-west-1-${ACCOUNT}`],
      ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:x')], ['sagemaker:CreateEndpoint', arn('sagemaker', 'endpoint/x')],
      ['sagemaker:CreateNotebookInstance', arn('sagemaker', 'notebook-instance/x')], ['sagemaker:DeletePipeline', arn('sagemaker', 'pipeline/x')],
      ['iam:GetRole', `arn:aws:iam::${ACCOUNT}:role/x`], ['scheduler:DeleteSchedule', arn('scheduler', 'schedule/default/x')],
      ['scheduler:CreateSchedule', arn('scheduler', 'schedule/other/x')], ['logs:GetLogEvents', arn('logs', 'log-group:/aws/lambda/x:log-stream:y')],
      ['codebuild:StartBuild', arn('codebuild', 'project/x')],
    ];
    expect(denied.filter(([action, resource]) => may(stack, orchestrator, action, resource))).toEqual([]);
  });

  test('existing jobs and pipelines cannot be tagged, only new ones', () => {
    const { stack, orchestrator } = newOrchestrator();
    const tag = (resource: string, operation?: string) => may(stack, orchestrator, 'sagemaker:AddTags', arn('sagemaker', resource), operation ? { 'sagemaker:TaggingAction': operation } : {});
    expect([tag('pipeline/x', 'CreatePipeline'), tag('training-job/x', 'CreateTrainingJob'), tag('processing-job/x', 'CreateProcessingJob')]).toEqual([true, true, true]);
    expect([tag('pipeline/x'), tag('endpoint/x', 'CreateEndpoint'), tag('pipeline/x', 'CreateEndpoint')]).toEqual([false, false, false]);
  });

  test('limits of the runtime are conditions of the connector\'s role as well', () => {
    const { stack, orchestrator } = newOrchestrator({}, { allowedInstanceTypes: ['ml.m5.large'] });
    const create = (kind: string, type: string) => may(stack, orchestrator, `sagemaker:Create${kind}Job`, arn('sagemaker', `${kind.toLowerCase()}-job/x`), { 'sagemaker:InstanceTypes': [type] });
    for (const kind of ['Training', 'Processing']) { expect([create(kind, 'ml.m5.large'), create(kind, 'ml.m5.xlarge')]).toEqual([true, false]); }
  });

  test('a step operator alone has fewer rights: no pipelines, no processing jobs, no logs, no objects, and its execution role starts no job', () => {
    const { stack, stepOperator, runtime } = newStepOperator();
    const template = new SynthesizedTemplate(stack);
    expect(actionsOf(template.of(stepOperator.accessRole as iam.Role))).toEqual([
      'iam:PassRole', 's3:ListBucket', 'sagemaker:AddTags', 'sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:StopTrainingJob',
    ]);
    expect(actionsOf(template.of(runtime.role as iam.Role)).filter((action) => /^(sagemaker|iam):/.test(action))).toEqual([]);
    expect(template.configurationOf('step_operator')).toEqual({
      role: template.deployed(runtime.role.roleArn), bucket: template.deployed(runtime.bucket.bucketName),
    });
  });

  test('an orchestrator without a step operator passes the role itself', () => {
    const { stack, orchestrator } = newOrchestrator();
    expect(actionsOf(new SynthesizedTemplate(stack).of(orchestrator.accessRole as iam.Role))).toContain('iam:PassRole');
  });
});

describe('schedules', () => {
  test('without schedules there is no scheduler role, no right to schedule, and no role for the scheduler in the configuration', () => {
    const { stack, orchestrator } = newOrchestrator();
    expect(orchestrator.schedulerRole).toBeUndefined();
    expect(configurationOf(stack)).not.toHaveProperty('scheduler_role');
    expect(JSON.stringify(Template.fromStack(stack).toJSON().Resources)).not.toContain('scheduler');
  });

  test('the scheduler role starts pipelines and nothing else, for schedules of this account and group only', () => {
    const { stack, orchestrator } = newOrchestrator({ schedules: true });
    const template = new SynthesizedTemplate(stack);
    const role = orchestrator.schedulerRole as iam.Role;
    expect(template.configurationOf('orchestrator')).toMatchObject({ scheduler_role: template.deployed(role.roleArn) });
    expect(actionsOf(template.of(role))).toEqual(['sagemaker:StartPipelineExecution']);
    const assume = (principal: string, group = 'default', account = ACCOUNT) => permits([template.trustOf(role)], {
      action: 'sts:AssumeRole', resource: 'role', principal, context: { 'aws:SourceAccount': account, 'aws:SourceArn': `arn:aws:scheduler:eu-west-1:${account}:schedule-group/${group}` },
    });
    expect(assume('scheduler.amazonaws.com')).toBe(true);
    expect([assume('sagemaker.amazonaws.com'), assume('scheduler.amazonaws.com', 'other'), assume('scheduler.amazonaws.com', 'default', '444455556666')]).toEqual([false, false, false]);
    Annotations.fromStack(stack).hasInfo('/Main/Orchestrator', Match.stringLikeRegexp('delete no schedules'));
  });

  test('a schedule can pass its own scheduler role only, also one with a path', () => {
    const { stack, orchestrator } = newOrchestrator((scope) => ({
      schedulerRole: new iam.Role(scope, 'Scheduler', { path: '/team/', assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') }),
    }));
    const template = new SynthesizedTemplate(stack);
    const role = template.deployed(orchestrator.schedulerRole!.roleArn);
    expect(role).toContain(':role/team/');
    expect(template.configurationOf('orchestrator')).toMatchObject({ scheduler_role: role });
    const pass = (resource: string, service: string) => may(stack, orchestrator, 'iam:PassRole', resource, { 'iam:PassedToService': service });
    expect(pass(role, 'scheduler.amazonaws.com')).toBe(true);
    expect([pass(role, 'sagemaker.amazonaws.com'), pass(`arn:aws:iam::${ACCOUNT}:role/other-scheduler`, 'scheduler.amazonaws.com')]).toEqual([false, false]);
  });

  test('an imported scheduler role that the app cannot change is named in a warning', () => {
    const { stack } = newOrchestrator((scope) => ({ schedulerRole: iam.Role.fromRoleArn(scope, 'Scheduler', `arn:aws:iam::${ACCOUNT}:role/s`, { mutable: false }) }));
    Annotations.fromStack(stack).hasWarning('/Main/Orchestrator', Match.stringLikeRegexp('the scheduler role is an imported role'));
  });
});

describe('connectors of others', () => {
  const shared = (stack: Stack) => new ServiceConnector(stack, 'Compute', { server: newServer(stack), resource: ConnectorResource.awsGeneric() });

  test('orchestrator and step operator share a connector, whose role gets the rights of both', () => {
    const { stack, runtime, orchestrator } = newOrchestrator((scope) => ({ connector: shared(scope) }));
    const stepOperator = new SageMakerStepOperator(stack, 'StepOperator', { server: newServer(stack), runtime, connector: orchestrator.connector });
    Template.fromStack(stack).resourcePropertiesCountIs('Custom::ZenMLServiceConnector', { ResourceType: 'aws-generic' }, 1);
    expect(stepOperator.accessRole).toBe(orchestrator.accessRole);
    expect(may(stack, stepOperator, 'sagemaker:CreatePipeline', arn('sagemaker', 'pipeline/x'))).toBe(true);
  });

  test('the role of a connector that the app does not define gets the rights on request', () => {
    const { stack, orchestrator } = newOrchestrator((scope) => ({ connector: ServiceConnector.fromServiceConnectorId(scope, 'Theirs', newServer(scope), UUID) }));
    const role = new iam.Role(stack, 'TheirRole', { assumedBy: new iam.AccountPrincipal(ACCOUNT) });
    expect(orchestrator.accessRole).toBeUndefined();
    orchestrator.grantRun(role);
    expect(may(stack, { accessRole: role }, 'sagemaker:CreatePipeline', arn('sagemaker', 'pipeline/x'))).toBe(true);
    expect(may(stack, { accessRole: role }, 'sagemaker:AddTags', arn('sagemaker', 'pipeline/x'))).toBe(false);
    Annotations.fromStack(stack).hasInfo('/Main/Orchestrator', Match.stringLikeRegexp('its identity needs sagemaker:CreatePipeline'));
  });

  test('a grant that would have no effect fails', () => {
    const { stack, orchestrator } = newOrchestrator();
    const frozen = iam.Role.fromRoleArn(stack, 'Theirs', `arn:aws:iam::${ACCOUNT}:role/theirs`, { mutable: false });
    expect(() => orchestrator.grantRun(frozen)).toThrow('the right to run pipelines in SageMaker cannot be granted');
    const { stack: other, stepOperator } = newStepOperator();
    expect(() => stepOperator.grantRun(iam.Role.fromRoleArn(other, 'Theirs', `arn:aws:iam::${ACCOUNT}:role/theirs`, { mutable: false }))).toThrow('the right to run steps in SageMaker');
  });

  test('the role of a connector that the app cannot change is named in a warning', () => {
    const { stack } = newOrchestrator((scope) => ({
      authentication: ConnectorAuthentication.iamRole({ role: iam.Role.fromRoleArn(scope, 'Theirs', `arn:aws:iam::${ACCOUNT}:role/theirs`, { mutable: false }) }),
    }));
    Annotations.fromStack(stack).hasWarning('/Main/Orchestrator', Match.stringLikeRegexp('the role of the connector is an imported role .* it gets no right to run pipelines'));
  });

  test('a federation token without a session policy permits nothing, which a warning says', () => {
    const { stack } = newOrchestrator((scope) => ({ authentication: ConnectorAuthentication.federationToken({ secret: Secret.fromSecretNameV2(scope, 'Keys', 'keys') }) }));
    Annotations.fromStack(stack).hasWarning('/Main/Orchestrator', Match.stringLikeRegexp('federation token without one permits nothing'));
  });
});

test('a warm pool is named in a warning', () => {
  Annotations.fromStack(newOrchestrator({ keepAlive: Duration.minutes(5) }).stack).hasWarning('/Main/Orchestrator', Match.stringLikeRegexp('for 300 seconds after each step'));
  Annotations.fromStack(newOrchestrator().stack).hasNoWarning('*', Match.stringLikeRegexp('after each step'));
});

test('an orchestrator that stays keeps its connector, roles and policies', () => {
  const removalPolicy = RemovalPolicy.RETAIN;
  const { stack } = newOrchestrator({ removalPolicy, schedules: true }, { removalPolicy });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('CloudFormation deletes resources'));
});

test('an orchestrator that stays without its runtime is named in a warning', () => {
  Annotations.fromStack(newOrchestrator({ removalPolicy: RemovalPolicy.RETAIN }).stack).hasWarning('*', Match.stringLikeRegexp('CloudFormation deletes resources that the object needs: .*Main/Runtime/Role'));
});

test.each<[string, Props | ((stack: Stack) => Props), Partial<SageMakerRuntimeProps>, string]>([
  ['an instance type of EC2', { instanceType: 'm5.large' }, {}, '`instanceType` must look like "ml.m5.large"'],
  ['an instance type that the runtime does not allow', { instanceType: 'ml.p4d.24xlarge' }, { allowedInstanceTypes: ['ml.m5.*'] }, '`instanceType` must be one of `allowedInstanceTypes` of the runtime (ml.m5.*), got: "ml.p4d.24xlarge"'],
  ['no instance type where only patterns are allowed', {}, { allowedInstanceTypes: ['ml.m5.*'] }, '`instanceType` is missing'],
  ['a run of a month', { maxRuntime: Duration.days(29) }, {}, '`maxRuntime` must be between 1 and 2419200 seconds'],
  ['a warm pool of a day', { keepAlive: Duration.days(1) }, {}, '`keepAlive` must be between 0 and 3600 seconds'],
  ['a volume without size', { volumeSize: Size.gibibytes(0) }, {}, '`volumeSize` must be between 1 and 16384 GiB (SageMaker\'s limits), got: 0'],
  ['a key that a prop sets', { configuration: { execution_role: 'x' } }, {}, '`configuration` must not have the key "execution_role", which `runtime` sets'],
  ['a secret', { configuration: { aws_secret_access_key: 'x' } }, {}, '`configuration` must not have the key "aws_secret_access_key"'],
  ['an argument that the SDK gets twice', { configuration: { estimator_args: { output_path: 's3://x' } } }, {}, '`configuration` must not have "output_path" in estimator_args'],
  ['a dynamic reference', { configuration: { use_training_step: '{{resolve:ssm:x}}' } }, {}, '`configuration` must not contain a dynamic reference'],
  ['a scheduler role without schedules', (stack) => ({ schedules: false, schedulerRole: iam.Role.fromRoleName(stack, 'S', 's') }), {}, '`schedulerRole` must not be set together with `schedules: false`'],
  ['a name for a connector that exists', (stack) => ({ serviceConnectorName: 'x', connector: ServiceConnector.fromServiceConnectorId(stack, 'C', newServer(stack), UUID) }), {}, '`serviceConnectorName` must not be set together with `connector`'],
  ['authentication for a connector that exists', (stack) => ({ authentication: ConnectorAuthentication.automatic(), connector: ServiceConnector.fromServiceConnectorId(stack, 'C', newServer(stack), UUID) }), {}, '`authentication` must not be set together with `connector`'],
  ['a connector of another type', (stack) => ({ connector: new ServiceConnector(stack, 'C', { server: newServer(stack), resource: ConnectorResource.s3Bucket('x') }) }), {}, '`connector` must give access to aws-generic'],
])('%s is refused', (_, props, runtimeProps, message) => {
  expect(() => newOrchestrator(props, runtimeProps)).toThrow(message);
});

test('two orchestrators share a runtime, which allows pipelines once', () => {
  const { stack, runtime } = newOrchestrator();
  new SageMakerOrchestrator(stack, 'Second', { server: newServer(stack), runtime });
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter((id) => id.startsWith('RuntimePipelines'))).toHaveLength(1);
});
