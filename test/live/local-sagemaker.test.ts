import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { pushJobImage } from '../../local/clients/job-image';
import { SageMaker } from '../../local/clients/sagemaker';
import { StackDriver } from '../../local/clients/stack-driver';
import { mustCall } from '../../local/services/signed-call';

/*
 * The local SageMaker itself (local/ministack/sagemaker): it must refuse what AWS refuses, or the tests with ZenML
 * would prove nothing. The jobs are shell commands.
 */
const REPOSITORY = 'local-sagemaker';
let cloud: Live;
let stack: StackDriver;
let sagemaker: SageMaker;
let roles: Record<'Execution' | 'Scheduled' | 'Stranger', string>;
let image: string;

const allow = (action: string | string[], resource: string | string[], condition?: object) => ({
  Effect: 'Allow', Action: action, Resource: resource, ...condition && { Condition: condition },
});
const roleOf = (service: string, statements: object[], condition?: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole', ...condition && { Condition: condition },
      }],
    },
    ...statements.length > 0 && {
      Policies: [{ PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  },
});
const JOB_RIGHTS = [
  allow(['ecr:GetAuthorizationToken'], '*'),
  allow(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], '*'),
  allow('logs:*', '*'),
  allow(['sagemaker:CreateTrainingJob', 'sagemaker:CreateProcessingJob', 'sagemaker:AddTags'], 'arn:aws:sagemaker:*:*:*/pipelines-*'),
  allow('iam:PassRole', '*', { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } }),
];

const training = (command: string, more: object = {}) => ({
  AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File', ContainerEntrypoint: ['sh', '-c', command] },
  OutputDataConfig: { S3OutputPath: 's3://local-sagemaker/' },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
  StoppingCondition: { MaxRuntimeInSeconds: 60 },
  RoleArn: roles.Execution,
  ...more,
});
const processing = (command: string, more: object = {}) => ({
  AppSpecification: { ImageUri: image, ContainerEntrypoint: ['sh', '-c', command] },
  ProcessingResources: { ClusterConfig: { InstanceType: 'ml.t3.medium', InstanceCount: 1, VolumeSizeInGB: 1 } },
  RoleArn: roles.Execution,
  ...more,
});
const train = async (name: string, request: object, as: SageMaker = sagemaker) => (
  as.call('CreateTrainingJob', { TrainingJobName: name, ...request })
);
const step = (name: string, command: string, dependsOn: string[] = []) => (
  { Name: name, Type: 'Training', Arguments: training(command), DependsOn: dependsOn }
);
const definition = (steps: object[], more: object = {}) => (
  JSON.stringify({ Version: '2020-12-01', Metadata: {}, Parameters: [], Steps: steps, ...more })
);
const pipeline = async (
  name: string, steps: object[], more: object = {}, as: SageMaker = sagemaker,
) => as.call('CreatePipeline', {
  PipelineName: name,
  RoleArn: roles.Execution,
  ClientRequestToken: 'x'.repeat(32),
  PipelineDefinition: definition(steps),
  ...more,
});

beforeAll(async () => {
  cloud = await live();
  sagemaker = new SageMaker(cloud.aws);
  stack = new StackDriver(cloud.aws, 'local-sagemaker');
  const { status, outputs } = await stack.put({
    Resources: {
      Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: REPOSITORY, EmptyOnDelete: true } },
      Execution: roleOf('sagemaker.amazonaws.com', JOB_RIGHTS, { StringEquals: { 'aws:SourceAccount': cloud.aws.account } }),
      Scheduled: roleOf('scheduler.amazonaws.com', JOB_RIGHTS),
      Stranger: roleOf('sagemaker.amazonaws.com', JOB_RIGHTS, { StringEquals: { 'aws:SourceAccount': '999999999999' } }),
    },
    Outputs: Object.fromEntries(['Execution', 'Scheduled', 'Stranger'].map((name) => (
      [name, { Value: { 'Fn::GetAtt': [name, 'Arn'] } }]
    ))),
  });
  expect(status).toBe('CREATE_COMPLETE');
  roles = outputs as typeof roles;
  const ecr = new ECRClient(cloud.aws.clientOptions());
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const [username, password] = Buffer.from(authorizationData![0]!.authorizationToken!, 'base64').toString().split(':');
  const registry = `${cloud.aws.account}.dkr.ecr.${cloud.aws.region}.amazonaws.com`;
  image = await pushJobImage(cloud.aws, { registry, username: username!, password: password! }, REPOSITORY);
});
afterAll(async () => { await stack.destroy(); });

describe('jobs', () => {
  test('a training job runs its command with its environment, and its output is in its log', async () => {
    await train('hello', training('echo "$GREETING $TRAINING_JOB_ARN" && pwd', { Environment: { GREETING: 'hello' } }));
    expect(await sagemaker.ended('Training', 'hello')).toEqual({ status: 'Completed' });
    const arn = `arn:aws:sagemaker:${cloud.aws.region}:${cloud.aws.account}:training-job/hello`;
    expect((await sagemaker.log('Training', 'hello'))[0]).toBe(`hello ${arn}`);
    expect(await sagemaker.call('DescribeTrainingJob', { TrainingJobName: 'hello' })).toMatchObject({
      TrainingJobArn: arn, SecondaryStatus: 'Completed', Environment: { GREETING: 'hello' }, RoleArn: roles.Execution,
    });
  });

  test('a processing job that fails names its exit code', async () => {
    await sagemaker.call('CreateProcessingJob', { ProcessingJobName: 'failing', ...processing('echo oh; exit 3') });
    expect(await sagemaker.ended('Processing', 'failing')).toEqual({
      status: 'Failed', reason: expect.stringContaining('exit code: 3'),
    });
    expect(await sagemaker.log('Processing', 'failing')).toEqual(['oh']);
  });

  test('a job can be stopped, and stops when its time is over', async () => {
    await train('stopped', training('sleep 60'));
    await sagemaker.call('StopTrainingJob', { TrainingJobName: 'stopped' });
    expect(await sagemaker.ended('Training', 'stopped')).toEqual({ status: 'Stopped' });
    await train('late', training('exec sleep 60', { StoppingCondition: { MaxRuntimeInSeconds: 1 } }));
    expect(await sagemaker.ended('Training', 'late')).toEqual({ status: 'Stopped' });
  });

  test('an image that is not in the repository fails the job', async () => {
    const missing = { ...training('true').AlgorithmSpecification, TrainingImage: image.replace(':job', ':other') };
    await train('no-image', training('true', { AlgorithmSpecification: missing }));
    expect(await sagemaker.ended('Training', 'no-image')).toEqual({
      status: 'Failed', reason: expect.stringContaining('Cannot find repository: local-sagemaker'),
    });
  });
});

describe('refusals', () => {
  test.each([
    ['a role that trusts another service', 'Scheduled'], ['a role that trusts SageMaker in another account', 'Stranger'],
  ] as const)('%s cannot be passed', async (_, role) => {
    await expect(train('x', training('true', { RoleArn: roles[role] }))).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringContaining(`Could not assume role ${roles[role]}`),
    });
  });

  test.each([
    ['an unknown operation', 'CreateTrainingJobs', {}, 'UnknownOperationException', /no operation/],
    ['an operation that is not there', 'CreateEndpoint', {}, 'UnknownOperationException', /does not have CreateEndpoint/],
    ['a missing field', 'DescribeTrainingJob', {}, 'ValidationException', /'trainingJobName' .* must not be null/],
    ['a name with an underscore', 'DescribeTrainingJob', { TrainingJobName: 'a_b' }, 'ValidationException', /regular expr/],
    ['a name that is too long', 'DescribeProcessingJob', { ProcessingJobName: 'a'.repeat(64) }, 'ValidationException', /63/],
    ['an unknown field', 'StopTrainingJob', { TrainingJobName: 'a', Now: true }, 'ValidationException', /'now' is not a field/],
    ['an unknown job', 'DescribeTrainingJob', { TrainingJobName: 'nobody' }, 'ResourceNotFound', /not found/],
    ['an unknown pipeline', 'DescribePipeline', { PipelineName: 'nobody' }, 'ResourceNotFound', /does not exist/],
  ])('%s is refused', async (_, operation, request, name, message) => {
    await expect(sagemaker.call(operation, request)).rejects.toMatchObject({
      name, message: expect.stringMatching(message),
    });
  });

  test.each([
    ['an instance type that SageMaker has not', { ResourceConfig: { InstanceType: 'ml.none.large' } }, /enum value set/],
    ['a variable of more than 512 characters', { Environment: { LONG: 'x'.repeat(513) } }, /512/],
    ['input channels', { InputDataConfig: [{ ChannelName: 'a', DataSource: {} }] }, /does not support InputDataConfig/],
  ])('a training job with %s is refused', async (_, more, message) => {
    await expect(train('x', training('true', more))).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringMatching(message),
    });
  });

  test('a name is used once', async () => {
    await train('twice', training('true'));
    await expect(train('twice', training('true'))).rejects.toMatchObject({ name: 'ResourceInUse' });
    await pipeline('Twice', [step('a', 'true')]);
    await expect(pipeline('twice', [step('a', 'true')])).rejects.toThrow(/already exists/);
  });
});

describe('pipelines', () => {
  test('steps run after those that they depend on, with variables of the execution, and their jobs have names of the pipeline', async () => {
    const run = { 'Std:Join': { On: '-', Values: ['run', { Get: 'Execution.PipelineExecutionId' }] } };
    const first = step('first_step', 'echo $RUN');
    const last = { ...step('last', 'date +%s%N', ['first_step', 'middle']), Type: 'Processing', Arguments: processing('true') };
    await pipeline('graph', [
      last, step('middle', 'sleep 0.3'), { ...first, Arguments: { ...first.Arguments, Environment: { RUN: run } } },
    ]);
    const { status, arn, steps } = await sagemaker.run('graph');
    expect(status).toBe('Succeeded');
    expect(steps.map(({ name, status: ended }) => `${name} ${ended}`).sort()).toEqual([
      'first_step Succeeded', 'last Succeeded', 'middle Succeeded',
    ]);
    expect(steps[2]!.name).toBe('last');
    const { job } = steps.find(({ name }) => name === 'first_step')!;
    const id = arn.split('/').pop()!;
    expect(job).toMatch(new RegExp(`^pipelines-${id}-first-step-[a-z0-9]{10}$`));
    expect(await sagemaker.log('Training', job)).toEqual([`run-${id}`]);
  });

  test('a step that fails stops those that depend on it, and the pipeline fails', async () => {
    await pipeline('broken', [step('a', 'exit 1'), step('b', 'true', ['a'])]);
    const { status, reason, steps } = await sagemaker.run('broken');
    expect([status, reason]).toEqual(['Failed', 'Step failure: One or multiple steps failed.']);
    expect(steps).toMatchObject([{ name: 'a', status: 'Failed', reason: expect.stringContaining('exit code: 1') }]);
  });

  test('a definition in a bucket is read with the rights of the caller', async () => {
    const root = { accessKeyId: 'test', secretAccessKey: 'test' };
    const put = async (path: string, body?: string) => (
      mustCall(cloud.aws, root, { service: 's3', method: 'PUT', path: `/local-sagemaker${path}`, body })
    );
    await put('');
    await put('/definition', definition([step('a', 'true')]));
    const stored = {
      PipelineDefinition: undefined,
      PipelineDefinitionS3Location: { Bucket: 'local-sagemaker', ObjectKey: 'definition' },
    };
    await pipeline('stored', [], stored);
    expect(await sagemaker.run('stored')).toMatchObject({ status: 'Succeeded' });

    const identities = new Identities(cloud.aws);
    const { credentials } = await identities.makeUser('local-sagemaker-reader', {
      Action: ['sagemaker:CreatePipeline', 'iam:PassRole'], Resource: '*',
    });
    await expect(pipeline('stored-2', [], stored, new SageMaker(cloud.aws, credentials))).rejects.toMatchObject({
      name: 'AccessDeniedException', message: expect.stringContaining('perform: s3:GetObject '),
    });
    await identities.deleteUser('local-sagemaker-reader');
  });

  test('an unsigned call is refused', async () => {
    const headers = { 'x-amz-target': 'SageMaker.ListDomains', 'content-type': 'application/x-amz-json-1.1' };
    const { status, body } = await cloud.aws.call('POST', '/', headers, '{}');
    expect([status >= 400, body.toString()]).toEqual([true, expect.stringContaining('MissingAuthenticationToken')]);
  });

  test.each([
    ['a cycle', () => [step('a', 'true', ['b']), step('b', 'true', ['a'])], /cycle/],
    ['an unknown dependency', () => [step('a', 'true', ['b'])], /unknown steps/],
    ['two steps of one name', () => [step('a', 'true'), step('a', 'true')], /unique/],
    ['a step of another type', () => [{ ...step('a', 'true'), Type: 'Condition' }], /not Condition/],
  ])('a definition with %s is refused', async (_, steps, message) => {
    await expect(pipeline('wrong', steps())).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringMatching(message),
    });
  });
});

describe('rights of callers', () => {
  const arn = (resource: string) => `arn:aws:sagemaker:${cloud.aws.region}:${cloud.aws.account}:${resource}`;
  let identities: Identities;
  let caller: SageMaker;
  const may = async (...statements: object[]) => identities.putUserPolicy('local-sagemaker-user', {
    name: 'rights', document: { Version: '2012-10-17', Statement: statements as never },
  });
  const pass = (service: string, role = '*') => allow('iam:PassRole', role, { StringEquals: { 'iam:PassedToService': service } });
  const denied = (action: string) => ({ name: 'AccessDeniedException', message: expect.stringContaining(`perform: ${action} `) });

  beforeAll(async () => {
    identities = new Identities(cloud.aws);
    caller = new SageMaker(cloud.aws, (await identities.makeUser('local-sagemaker-user')).credentials);
  });
  afterAll(async () => identities.deleteUser('local-sagemaker-user'));

  test('each call is evaluated on the resource that it names', async () => {
    await may(allow('sagemaker:*', [arn('pipeline/mine*'), arn('training-job/mine*')]));
    for (const [operation, request, resource] of [
      ['DescribePipeline', { PipelineName: 'other' }, 'pipeline/other'],
      ['StartPipelineExecution', { PipelineName: 'other', ClientRequestToken: 'x'.repeat(32) }, 'pipeline/other'],
      ['DescribePipelineExecution', { PipelineExecutionArn: arn('pipeline/other/execution/1') }, 'pipeline/other/execution/1'],
      ['DescribeTrainingJob', { TrainingJobName: 'other' }, 'training-job/other'],
      ['StopProcessingJob', { ProcessingJobName: 'other' }, 'processing-job/other'],
      ['AddTags', { ResourceArn: arn('pipeline/other'), Tags: [] }, 'pipeline/other'],
    ] as const) {
      await expect(caller.call(operation, request)).rejects.toMatchObject({
        ...denied(`sagemaker:${operation}`), message: expect.stringContaining(`on resource: ${arn(resource)} `),
      });
    }
    await expect(caller.call('ListDomains')).rejects.toMatchObject(denied('sagemaker:ListDomains'));
    await expect(caller.call('DescribePipeline', { PipelineName: 'mine' })).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  test('a job needs the right to pass its role to SageMaker, and with tags the right to tag it at its creation', async () => {
    const create = allow('sagemaker:CreateTrainingJob', arn('training-job/caller-*'));
    await may(create);
    await expect(train('caller-1', training('true'), caller)).rejects.toMatchObject(denied('iam:PassRole'));
    await may(create, pass('scheduler.amazonaws.com'));
    await expect(train('caller-1', training('true'), caller)).rejects.toMatchObject(denied('iam:PassRole'));
    await may(create, pass('sagemaker.amazonaws.com', roles.Execution));
    await train('caller-1', training('true'), caller);
    const tagged = training('true', { Tags: [{ Key: 'team', Value: 'ml' }] });
    await expect(train('caller-2', tagged, caller)).rejects.toMatchObject(denied('sagemaker:AddTags'));
    await may(create, pass('sagemaker.amazonaws.com', roles.Execution), allow('sagemaker:AddTags', '*', {
      StringEquals: { 'sagemaker:TaggingAction': 'CreateTrainingJob' },
    }));
    await train('caller-2', tagged, caller);
    await expect(caller.call('AddTags', { ResourceArn: arn('training-job/caller-2'), Tags: [] }))
      .rejects.toMatchObject(denied('sagemaker:AddTags'));
  });

  test('conditions on instance types and networks are evaluated', async () => {
    await may(
      allow('sagemaker:CreateTrainingJob', '*', {
        'ForAllValues:StringLike': { 'sagemaker:InstanceTypes': ['ml.m5.*'] }, 'Null': { 'sagemaker:VpcSubnets': 'true' },
      }),
      pass('sagemaker.amazonaws.com'),
    );
    await train('typed-1', training('true'), caller);
    const large = training('true', { ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 1 } });
    await expect(train('typed-2', large, caller)).rejects.toMatchObject(denied('sagemaker:CreateTrainingJob'));
    const inside = training('true', { VpcConfig: { Subnets: ['subnet-1'], SecurityGroupIds: ['sg-1'] } });
    await expect(train('typed-3', inside, caller)).rejects.toMatchObject(denied('sagemaker:CreateTrainingJob'));
  });
});
