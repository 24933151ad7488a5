import { ACCOUNT, arn, Asked, BucketKeys, createJobRequests, VIA_S3 } from './authorization';
import { RecordedCall, Recording } from '../../../../local/clients/recorder';
import { RequestContext } from '../../../support/policy-evaluator';

/*
 * What AWS itself does because of the recorded calls, with the roles of jobs, builds and schedules. The resources come
 * from the parameters of the calls; the reasons name the page of AWS or of the tool that says so.
 */
const PIPELINES = 'SageMaker guide, Pipelines: the execution role creates the jobs of a pipeline';
const ROLES = 'SageMaker guide, "How to use SageMaker AI execution roles"';
const KEYS = 'SageMaker guide, "Protect data at rest": volumes use a grant, output a data key';
const NETWORK = 'SageMaker guide, "Give SageMaker AI training jobs access to resources in your Amazon VPC"';
const SCHEDULES = 'EventBridge Scheduler guide, "Execution role"';
const BUILDS = 'CodeBuild guide, "Allow CodeBuild to interact with other AWS services"';
const PUSH = 'ECR guide, "Pushing an image": docker push in the build commands';

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const UPLOAD = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

type Ask = (reason: string, action: string, resource: string, context?: RequestContext) => Asked;

/** Who builds, and what the app lets builds and jobs pull beside the pushed images. */
export interface Surroundings {
  readonly projectRole: string;
  readonly logGroup: string;
  readonly parentImages: readonly string[];
  readonly otherImages: readonly string[];
  readonly keys: BucketKeys;
  /** Names of all buckets of the stack. */
  readonly buckets: readonly string[];
}

/** Every request that AWS makes for the recorded calls. */
export function requestsInside({ calls, definitions }: Recording, surroundings: Surroundings): Asked[] {
  const of = (...operations: string[]) => calls.filter(({ operation }) => operations.includes(operation));
  return [
    ...of('CreatePipeline').flatMap((call) => stepsOf(call, definitions))
      .flatMap((step) => stepRequests(step, surroundings)),
    ...of('CreateTrainingJob').flatMap(({ parameters }) => jobRequests('TrainingJobs', parameters, surroundings)),
    ...of('CreateProcessingJob').flatMap(({ parameters }) => jobRequests('ProcessingJobs', parameters, surroundings)),
    ...of('CreateSchedule').map(({ parameters }) => asks(parameters.Target.RoleArn)(
      SCHEDULES, 'sagemaker:StartPipelineExecution', parameters.Target.Arn,
    )),
    ...of('StartBuild').flatMap(({ parameters }) => buildRequests(parameters, surroundings)),
  ];
}

const asks = (role: string): Ask => (reason, action, resource, context) => (
  { role, reason, action, resource, context }
);

interface Step { readonly Name: string; readonly Type: string; readonly Arguments: Record<string, any> }

/** The steps of a pipeline, whose definition is in the call or in the bucket. */
export function stepsOf({ parameters }: RecordedCall, definitions: Recording['definitions']): Step[] {
  const { PipelineDefinition: inline, PipelineDefinitionS3Location: stored } = parameters;
  const definition = inline === undefined ? definitions[stored.ObjectKey] : JSON.parse(inline);
  return definition.Steps as Step[];
}

function stepRequests({ Name, Type, Arguments }: Step, surroundings: Surroundings): Asked[] {
  const ask = asks(Arguments.RoleArn);
  const name = `pipelines-abcdefghijkl-${Name}-AbCdEfGhIj`;
  const kind = Type === 'Training' ? 'training-job' : 'processing-job';
  const parameters = { ...Arguments, TrainingJobName: name, ProcessingJobName: name };
  return [
    ...createJobRequests(`Create${Type}Job`, parameters, true)
      .map(([action, resource, context]) => ask(PIPELINES, action, resource, context)),
    ...['Describe', 'Stop']
      .map((verb) => ask(PIPELINES, `sagemaker:${verb}${Type}Job`, arn('sagemaker', `${kind}/${name}`))),
    ...jobRequests(`${Type}Jobs`, parameters, surroundings),
  ];
}

/** What a job does with its execution role. */
function jobRequests(group: string, parameters: Record<string, any>, { keys, otherImages }: Surroundings): Asked[] {
  const ask = asks(parameters.RoleArn);
  const logs = arn('logs', `log-group:/aws/sagemaker/${group}`);
  const image: string = (parameters.AlgorithmSpecification?.TrainingImage ?? parameters.AppSpecification?.ImageUri);
  const volume = (parameters.ResourceConfig ?? parameters.ProcessingResources.ClusterConfig).VolumeKmsKeyId as string;
  return [
    // AWS documents the first ARN, and its messages name the second.
    ...[logs, `${logs}:log-stream:`].map((resource) => ask(ROLES, 'logs:CreateLogGroup', resource)),
    ...['CreateLogStream', 'DescribeLogStreams', 'PutLogEvents']
      .map((one) => ask(ROLES, `logs:${one}`, `${logs}:log-stream:x`)),
    ...imageRequests(ask, ROLES, [repositoryIn(image), ...otherImages], PULL),
    ...outputRequests(ask, parameters.OutputDataConfig, keys),
    ...volume === undefined ? [] : [ask(KEYS, 'kms:CreateGrant', volume, { 'kms:GrantIsForAWSResource': 'true' })],
    ...networkRequests(ask, parameters.VpcConfig ?? parameters.NetworkConfig?.VpcConfig),
  ];
}

function imageRequests(ask: Ask, reason: string, repositories: string[], actions: string[]): Asked[] {
  const arns = repositories.map((name) => arn('ecr', `repository/${name}`));
  return [
    ask(reason, 'ecr:GetAuthorizationToken', '*'),
    ...arns.flatMap((resource) => actions.map((action) => ask(reason, action, resource))),
  ];
}

/** Output of a job, and its input: the SDK stores code and data in the same bucket. */
function outputRequests(
  ask: Ask, output: { S3OutputPath: string; KmsKeyId?: string } | undefined, keys: BucketKeys,
): Asked[] {
  if (!output) { return []; }
  const [bucket, ...path] = output.S3OutputPath.replace('s3://', '').split('/');
  const written = `arn:aws:s3:::${bucket}/${path.join('/')}model.tar.gz`;
  const key = keys[bucket!];
  return [
    ...['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'].map((action) => ask(ROLES, action, written)),
    ask(ROLES, 's3:ListBucket', `arn:aws:s3:::${bucket}`),
    ...key === undefined ? [] : ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ask(ROLES, action, key, VIA_S3)),
    ...output.KmsKeyId
      ? ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'].map((action) => ask(KEYS, action, output.KmsKeyId!)) : [],
  ];
}

function networkRequests(ask: Ask, network: { Subnets: string[]; SecurityGroupIds: string[] } | undefined): Asked[] {
  if (!network) { return []; }
  const subnets = network.Subnets.map((id) => arn('ec2', `subnet/${id}`));
  const one = arn('ec2', 'network-interface/eni-1');
  const groups = network.SecurityGroupIds.map((id) => arn('ec2', `security-group/${id}`));
  return [
    ...[one, ...subnets, ...groups].map((resource) => ask(NETWORK, 'ec2:CreateNetworkInterface', resource)),
    ...['CreateNetworkInterfacePermission', 'DeleteNetworkInterface', 'DeleteNetworkInterfacePermission']
      .map((action) => ask(NETWORK, `ec2:${action}`, one, { 'ec2:Subnet': subnets[0]! })),
    ...['DhcpOptions', 'NetworkInterfaces', 'SecurityGroups', 'Subnets', 'Vpcs']
      .map((what) => ask(NETWORK, `ec2:Describe${what}`, '*')),
  ];
}

/** What the commands of a build do with the role of the project. */
function buildRequests(parameters: Record<string, any>, surroundings: Surroundings): Asked[] {
  const { projectRole, logGroup, parentImages, keys } = surroundings;
  const ask = asks(projectRole);
  const source = `arn:aws:s3:::${parameters.sourceLocationOverride}`;
  const key = keys[parameters.sourceLocationOverride.split('/')[0]];
  const commands = parameters.buildspecOverride as string;
  const pushed = [...commands.matchAll(/docker push (\S+)/g)].map((match) => repositoryIn(match[1]!));
  if (pushed.length === 0 || !commands.includes('aws ecr get-login-password')) {
    throw new Error('the commands of a build neither log in nor push: read AWSImageBuilder of this release of ZenML');
  }
  return [
    ...['s3:GetObject', 's3:GetObjectVersion'].map((action) => ask(BUILDS, action, source)),
    ...key === undefined ? [] : [ask(BUILDS, 'kms:Decrypt', key, VIA_S3)],
    ...['CreateLogStream', 'PutLogEvents']
      .map((one) => ask(BUILDS, `logs:${one}`, arn('logs', `log-group:${logGroup}:log-stream:x`))),
    ...imageRequests(ask, PUSH, [...new Set(pushed)], [...PULL, ...UPLOAD]),
    ...imageRequests(ask, 'ECR guide, "Pulling an image": FROM in a Dockerfile', [...parentImages], PULL),
  ];
}

/** Name of the repository in `<account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>`. */
function repositoryIn(image: string): string {
  const match = new RegExp(`^${ACCOUNT}\\.dkr\\.ecr\\.[\\w-]+\\.amazonaws\\.com/([^:@]+)`).exec(image);
  if (!match) { throw new Error(`expected an image of this account's ECR, got: ${image}`); }
  return match[1]!;
}
