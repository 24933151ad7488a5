import { join } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DeployedStack } from './support/deployed-stack';
import { Identities } from './support/identities';
import { LiveScene } from './support/live-scene';
import { person } from './support/person';
import { pushJobImage } from '../../local/clients/job-image';
import { DockerCredentials } from '../../local/clients/oci-repository';
import { SageMaker } from '../../local/clients/sagemaker';
import { ZenmlClient } from '../../local/clients/zenml-client';
import { ROOT } from '../../local/process/paths';
import { AwsZenMLStack, ContainerRegistry, EcrContainerRegistry, SageMakerRuntime } from '../../src';

/*
 * The real ZenML client runs a pipeline on a deployed AwsZenMLStack, with the SageMaker orchestrator and the SageMaker
 * step operator. The local SageMaker runs the jobs as processes of this machine, with sessions of the execution role,
 * and the local AWS evaluates the policies of each role at each call.
 */
const STACK = 'live-sagemaker';
const ALLOWED = ['ml.m5.large', 'ml.t3.*'];
/** What the execution role needs before a job of a pipeline starts. */
const NEEDED = [
  'sagemaker:CreateTrainingJob', 'sagemaker:AddTags', 'iam:PassRole', 'ecr:GetAuthorizationToken', 'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability',
];

/** Each run starts four Python processes, which import ZenML and the SageMaker SDK. */
const PIPELINE_MILLISECONDS = 300_000;

let scene: LiveScene;
let deployed: DeployedStack;
let identities: Identities;
let author: ZenmlClient;
let image: string;
let executionRole: string;
/** With the credentials of the compute connector's role, which ZenML and its users have. */
let connected: SageMaker;
let made: PipelineRun;

/** What the script of the pipeline prints. */
interface PipelineRun {
  readonly run: string;
  readonly execution: string;
  readonly uri: string;
  readonly value: string;
  readonly job: string;
}

function build(scope: Stack): void {
  const server = scene.server(scope);
  const images = new EcrContainerRegistry(scope, 'Images', {
    server,
    repositoryNames: [scene.repositoryName],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  });
  new AwsZenMLStack(scope, 'ML', {
    server,
    zenmlStackName: STACK,
    dataRemovalPolicy: RemovalPolicy.DESTROY,
    containerRegistry: ContainerRegistry.existing(images),
    runtime: new SageMakerRuntime(scope, 'Runtime', {
      registries: [images], allowedInstanceTypes: ALLOWED, dataRemovalPolicy: RemovalPolicy.DESTROY,
    }),
  });
  // A role that SageMaker may assume, and that is none of the stack.
  new iam.Role(scope, 'Powerful', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
}

/** Docker credentials that the connector of the container registry hands out. */
async function docker(): Promise<DockerCredentials> {
  const connector = deployed.zenmlId('Custom::ZenMLServiceConnector', /^Images/);
  const { metadata } = await scene.cloud.zenml.admin.call<{ metadata: { configuration: DockerCredentials } }>(
    'GET', `/service_connectors/${connector}/client?resource_type=docker-registry`);
  return metadata.configuration;
}

/** A session of the compute connector's role, as ZenML opens one. */
async function computeSession() {
  const keys = await identities.keysIn(deployed.one('AWS::SecretsManager::Secret', /^ML/));
  const { arn } = await identities.role(deployed.one('AWS::IAM::Role', /ComputeConnector/));
  return identities.assume(keys, { RoleArn: arn, RoleSessionName: 'zenml-connector-live' });
}

const training = (entrypoint: string[], more: object = {}) => ({
  AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: 'File', ContainerEntrypoint: entrypoint },
  OutputDataConfig: { S3OutputPath: `s3://${deployed.one('AWS::S3::Bucket', /^Runtime/)}/` },
  ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 1 },
  StoppingCondition: { MaxRuntimeInSeconds: 60 },
  RoleArn: executionRole,
  ...more,
});
const ofType = (InstanceType: string) => ({ ResourceConfig: { InstanceType, InstanceCount: 1, VolumeSizeInGB: 1 } });
const pipeline = (name: string, role: string, argumentsOfStep: object) => ({
  PipelineName: name,
  RoleArn: role,
  ClientRequestToken: 'x'.repeat(32),
  PipelineDefinition: JSON.stringify({
    Version: '2020-12-01', Steps: [{ Name: 'only', Type: 'Training', Arguments: argumentsOfStep }],
  }),
});
const denied = (action: string) => ({
  name: 'AccessDeniedException', message: expect.stringContaining(`is not authorized to perform: ${action} `),
});
const nameIn = (arn: string) => arn.split('/')[1]!;

beforeAll(async () => {
  scene = await LiveScene.open('LiveSageMaker');
  expect(await scene.deploy(build)).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(scene.cloud.aws, scene.stack.driver.stackId);
  identities = new Identities(scene.cloud.aws);
  executionRole = (await identities.role(deployed.one('AWS::IAM::Role', /^RuntimeRole/))).arn;
  connected = new SageMaker(scene.cloud.aws, await computeSession());
  image = await pushJobImage(scene.cloud.aws, await docker(), scene.repositoryName, scene.cloud.pythons.client);
  author = await person(scene.cloud, 'sagemaker');
  await author.zenml('stack', 'set', STACK);
  made = await author.script<PipelineRun>('in_sagemaker.py', 'least privilege', image);
}, PIPELINE_MILLISECONDS);
afterAll(async () => scene.close());

test('a pipeline of two steps runs in SageMaker, and its artifacts are in the bucket of the artifact store', () => {
  expect(made.value).toBe('least-privilege');
  expect(made.uri).toMatch(new RegExp(`^s3://${deployed.one('AWS::S3::Bucket', /ArtifactStore/)}/join/`));
});

test('each step is a job of the SageMaker pipeline, and the second one runs as a job of the step operator', async () => {
  const steps = await connected.steps(made.execution);
  expect(steps).toMatchObject([{ name: 'produce', status: 'Succeeded' }, { name: 'join', status: 'Succeeded' }]);
  const jobs = [...steps.map(({ job }) => job), made.job];
  expect(jobs).toEqual([
    expect.stringMatching(/^pipelines-\w{12}-produce-/), expect.stringMatching(/^pipelines-\w{12}-join-/),
    expect.stringMatching(/^in-sagemaker-join-/),
  ]);
  for (const job of jobs) {
    expect(await connected.call('DescribeTrainingJob', { TrainingJobName: job })).toMatchObject({
      TrainingJobStatus: 'Completed', RoleArn: executionRole, ResourceConfig: { InstanceType: ALLOWED[0] },
    });
    expect((await connected.log('Training', job)).length).toBeGreaterThan(0);
  }
});

test('a dynamic pipeline runs as a processing job, which starts another one for an isolated step', async () => {
  const dynamic = await author.script<Record<string, string>>(
    'dynamic_in_sagemaker.py', 'least privilege', image, 'ml.t3.medium');
  expect(dynamic.status).toBe('completed');
  for (const job of [nameIn(dynamic.job!), dynamic.isolated!]) {
    expect(await connected.call('DescribeProcessingJob', { ProcessingJobName: job })).toMatchObject({
      ProcessingJobStatus: 'Completed', RoleArn: executionRole,
    });
  }
}, PIPELINE_MILLISECONDS);

test('the execution role reaches its own bucket, and neither artifacts nor secrets nor other jobs', async () => {
  const [artifacts, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(made.uri)!.slice(1);
  const output = deployed.one('AWS::S3::Bucket', /^Runtime/);
  const script = join(ROOT, 'local', 'pipeline', 'try_as_execution_role.py');
  await connected.call('CreateTrainingJob', {
    TrainingJobName: 'live-sagemaker-try',
    ...training(['python', script, artifacts!, `${key}/data.json`, output, scene.secretArn, executionRole]),
  });
  const { status } = await connected.ended('Training', 'live-sagemaker-try');
  const log = await connected.log('Training', 'live-sagemaker-try');
  expect([status, log]).toEqual(['Completed', expect.anything()]);
  expect(JSON.parse(log.pop()!)).toEqual({
    'caller': expect.stringMatching(new RegExp(`:assumed-role/${executionRole.split('/').pop()}/SageMaker$`)),
    'reads an artifact': 'AccessDenied',
    'lists the artifacts': 'AccessDenied',
    'writes its output': 'allowed',
    'reads its output': 'allowed',
    'reads a secret': 'AccessDeniedException',
    'starts a pipeline': 'AccessDeniedException',
    'starts a job of its own': 'AccessDeniedException',
  });
});

test('a job or a pipeline with another role is refused', async () => {
  const { arn: other } = await identities.role(deployed.one('AWS::IAM::Role', /^Powerful/));
  const job = { TrainingJobName: 'live-sagemaker-other', ...training(['true'], { RoleArn: other }) };
  for (const call of [
    async () => connected.call('CreateTrainingJob', job),
    async () => connected.call('CreatePipeline', pipeline('live-sagemaker-other', other, training(['true']))),
  ]) {
    await expect(call()).rejects.toMatchObject({
      ...denied('iam:PassRole'), message: expect.stringContaining(`on resource: ${other} `),
    });
  }
});

test('a pipeline cannot pass another role to its jobs', async () => {
  const { arn: other } = await identities.role(deployed.one('AWS::IAM::Role', /^Powerful/));
  await connected.call('CreatePipeline', pipeline('live-sagemaker-pass', executionRole, training(['true'], { RoleArn: other })));
  const { status, steps } = await connected.run('live-sagemaker-pass');
  expect([status, steps[0]!.reason]).toEqual(['Failed', expect.stringContaining(`perform: iam:PassRole on resource: ${other} `)]);
});

test('an instance type that is not allowed is refused as a job of its own and as a job of a pipeline', async () => {
  const large = training(['true'], ofType('ml.p3.2xlarge'));
  await expect(connected.call('CreateTrainingJob', { TrainingJobName: 'live-sagemaker-large', ...large }))
    .rejects.toMatchObject(denied('sagemaker:CreateTrainingJob'));
  await connected.call('CreatePipeline', pipeline('live-sagemaker-large', executionRole, large));
  const { status, steps } = await connected.run('live-sagemaker-large');
  expect([status, steps[0]!.reason]).toEqual(['Failed', expect.stringContaining('perform: sagemaker:CreateTrainingJob ')]);
  await connected.call('CreatePipeline', pipeline('live-sagemaker-small', executionRole, training(['true'], ofType('ml.t3.medium'))));
  expect(await connected.run('live-sagemaker-small')).toMatchObject({ status: 'Succeeded' });
});

test.each(NEEDED)('without %s of the execution role, the pipeline of ZenML fails at its first step', async (action) => {
  await identities.withoutRight(executionRole.split('/').pop()!, action, async () => {
    const { status, steps } = await connected.run(nameIn(made.execution));
    expect(status).toBe('Failed');
    expect(steps).toEqual([expect.objectContaining({
      name: 'produce', status: 'Failed', reason: expect.stringContaining(`perform: ${action} `),
    })]);
  });
});

test('a job whose role may not write logs runs and leaves no log', async () => {
  await identities.withoutRight(executionRole.split('/').pop()!, 'logs:CreateLogStream', async () => {
    await connected.call('CreateTrainingJob', { TrainingJobName: 'live-sagemaker-silent', ...training(['sh', '-c', 'echo x']) });
    expect(await connected.ended('Training', 'live-sagemaker-silent')).toEqual({ status: 'Completed' });
    expect(await connected.log('Training', 'live-sagemaker-silent')).toEqual([]);
  });
});

test('a destroy deletes what the app defines in ZenML and in AWS', async () => {
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await scene.idsInZenml()).toEqual([]);
  expect(await scene.inAws()).toEqual([]);
});
