import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { JobLimits, limitConditions } from './job-limits';
import { bucketKeyStatements } from './s3-rights';
import { passRoleStatement } from './service-trust';

export const SAGEMAKER_SERVICE = 'sagemaker.amazonaws.com';

/** SageMaker starts the names of jobs that a pipeline creates with this text. */
const PIPELINE_JOBS = 'pipelines-*';

/** Log groups of jobs. SageMaker creates them at the first job of the account and Region. */
const JOB_LOG_GROUPS = ['/aws/sagemaker/TrainingJobs', '/aws/sagemaker/ProcessingJobs'];

/** The kinds of jobs that ZenML creates: a training job, or with `use_training_step=False` a processing job. */
const KINDS = { Training: 'training-job', Processing: 'processing-job' } as const;
type Kind = keyof typeof KINDS;

/** The bucket for output of jobs and definitions of pipelines. */
export interface JobBucket {
  readonly bucketArn: string;
  /** ARN of the bucket's customer key. */
  readonly keyArn?: string;
}

/** What the rights of a caller depend on. */
export interface JobSettings {
  readonly executionRoleArn: string;
  readonly bucket: JobBucket;
  readonly limits: JobLimits;
}

/** What the rights of the execution role depend on. */
export interface RuntimeSettings {
  readonly bucket: JobBucket;
  /** ARN of the key that encrypts the volumes of jobs. */
  readonly volumeKeyArn?: string;
  /** ARN of the key that encrypts the output of jobs. */
  readonly outputKeyArn?: string;
  /** The network of jobs. */
  readonly network?: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] };
}

/** Rights of a caller that runs single steps (`SagemakerStepOperator` of ZenML). */
export function stepOperatorStatements(scope: IConstruct, settings: JobSettings): iam.PolicyStatement[] {
  return [
    ...jobStatements(scope, ['Training'], '*', settings.limits),
    tagStatement(scope, ['training-job/*'], ['CreateTrainingJob']),
    passRoleStatement('PassExecutionRole', settings.executionRoleArn, SAGEMAKER_SERVICE),
    findBucketStatement(settings.bucket),
  ];
}

/** Rights of a caller that runs pipelines (`SagemakerOrchestrator` of ZenML). */
export function orchestratorStatements(scope: IConstruct, settings: JobSettings): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      sid: 'RunPipelines',
      actions: ['sagemaker:CreatePipeline', 'sagemaker:StartPipelineExecution', 'sagemaker:DescribePipelineExecution'],
      // The name of a pipeline is the name of the run. An execution is a resource below its pipeline.
      resources: [sagemakerArn(scope, 'pipeline/*')],
    }),
    // Dynamic pipelines and isolated steps are jobs without a pipeline.
    ...jobStatements(scope, ['Training', 'Processing'], '*', settings.limits),
    tagStatement(
      scope,
      ['pipeline/*', 'training-job/*', 'processing-job/*'],
      ['CreatePipeline', 'CreateTrainingJob', 'CreateProcessingJob'],
    ),
    passRoleStatement('PassExecutionRole', settings.executionRoleArn, SAGEMAKER_SERVICE),
    findBucketStatement(settings.bucket),
    // The SDK writes a definition of 100 KB or more into the bucket, and SageMaker reads it with the caller's rights.
    new iam.PolicyStatement({
      sid: 'StoreDefinitions',
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [`${settings.bucket.bucketArn}/*`],
    }),
    ...bucketKeyStatements(scope, { ...settings.bucket, region: Stack.of(scope).region }),
    new iam.PolicyStatement({
      sid: 'ReadLogs',
      actions: ['logs:DescribeLogStreams', 'logs:GetLogEvents'],
      resources: logArns(scope, [':*']),
    }),
  ];
}

/** Rights of the role that jobs run with. Rights to pull images are granted by the repositories. */
export function runtimeStatements(scope: IConstruct, settings: RuntimeSettings): iam.PolicyStatement[] {
  const { bucket, volumeKeyArn, outputKeyArn, network } = settings;
  return [
    new iam.PolicyStatement({
      // AWS documents the ARN without a suffix, and its messages name one with a suffix.
      sid: 'CreateLogGroups', actions: ['logs:CreateLogGroup'], resources: logArns(scope, ['', ':*']),
    }),
    new iam.PolicyStatement({
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      resources: logArns(scope, [':*']),
    }),
    findBucketStatement(bucket),
    new iam.PolicyStatement({
      sid: 'ReadAndWriteData',
      actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      resources: [`${bucket.bucketArn}/*`],
    }),
    ...bucketKeyStatements(scope, { ...bucket, region: Stack.of(scope).region }),
    ...outputKeyArn === undefined ? [] : [new iam.PolicyStatement({
      sid: 'EncryptOutput', actions: ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey'], resources: [outputKeyArn],
    })],
    ...volumeKeyArn === undefined ? [] : [new iam.PolicyStatement({
      // SageMaker passes the key on to EBS by a grant.
      sid: 'EncryptVolumes',
      actions: ['kms:CreateGrant'],
      resources: [volumeKeyArn],
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    })],
    ...network ? networkStatements(scope, network.subnetIds, network.securityGroupIds) : [],
  ];
}

/**
 * Rights that the execution role needs in addition where pipelines run: the role itself creates the jobs of a pipeline.
 */
export function pipelineStatements(
  scope: IConstruct, executionRoleArn: string, limits: JobLimits,
): iam.PolicyStatement[] {
  return [
    ...jobStatements(scope, ['Training', 'Processing'], PIPELINE_JOBS, limits),
    new iam.PolicyStatement({
      // SageMaker marks the jobs of a pipeline with tags of its own.
      sid: 'TagPipelineJobs',
      actions: ['sagemaker:AddTags'],
      resources: jobArns(scope, ['Training', 'Processing'], PIPELINE_JOBS),
    }),
    // A pipeline passes its own role to its jobs.
    passRoleStatement('PassItself', executionRoleArn, SAGEMAKER_SERVICE),
  ];
}

/** Creates, describes and stops jobs. Only the creation has conditions. */
function jobStatements(scope: IConstruct, kinds: Kind[], names: string, limits: JobLimits): iam.PolicyStatement[] {
  return kinds.flatMap((kind) => [
    new iam.PolicyStatement({
      sid: `Create${kind}Jobs`,
      actions: [`sagemaker:Create${kind}Job`],
      resources: jobArns(scope, [kind], names),
      conditions: limitConditions(limits),
    }),
    new iam.PolicyStatement({
      sid: `Follow${kind}Jobs`,
      actions: [`sagemaker:Describe${kind}Job`, `sagemaker:Stop${kind}Job`],
      resources: jobArns(scope, [kind], names),
    }),
  ]);
}

/** Tags at creation only: a right to tag whatever exists could change what other policies decide by tags. */
function tagStatement(scope: IConstruct, resources: string[], operations: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'TagAtCreation',
    actions: ['sagemaker:AddTags'],
    resources: resources.map((resource) => sagemakerArn(scope, resource)),
    conditions: { StringEquals: { 'sagemaker:TaggingAction': operations } },
  });
}

/** The SDK asks whether the bucket exists (HeadBucket), and creates one if the answer is no. */
function findBucketStatement({ bucketArn }: JobBucket): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'FindBucket', actions: ['s3:ListBucket'], resources: [bucketArn] });
}

/** Network interfaces in the subnets of the jobs. Subnets of a shared VPC belong to another account. */
function networkStatements(
  scope: IConstruct, subnetIds: readonly string[], securityGroupIds: readonly string[],
): iam.PolicyStatement[] {
  const arn = (type: string, id: string, account?: string) =>
    Stack.of(scope).formatArn({ service: 'ec2', account, resource: type, resourceName: id });
  const subnets = subnetIds.map((id) => arn('subnet', id, '*'));
  const interfaces = arn('network-interface', '*');
  return [
    new iam.PolicyStatement({
      sid: 'CreateNetworkInterfaces',
      actions: ['ec2:CreateNetworkInterface'],
      resources: [interfaces, ...subnets, ...securityGroupIds.map((id) => arn('security-group', id, '*'))],
    }),
    new iam.PolicyStatement({
      sid: 'UseNetworkInterfaces',
      actions: [
        'ec2:CreateNetworkInterfacePermission',
        'ec2:DeleteNetworkInterface',
        'ec2:DeleteNetworkInterfacePermission',
      ],
      resources: [interfaces],
      conditions: { ArnLike: { 'ec2:Subnet': subnets } },
    }),
    // AWS has no resource level for these actions.
    new iam.PolicyStatement({
      sid: 'DescribeNetwork',
      actions: [
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
      ],
      resources: ['*'],
    }),
  ];
}

function jobArns(scope: IConstruct, kinds: Kind[], names: string): string[] {
  return kinds.map((kind) => sagemakerArn(scope, `${KINDS[kind]}/${names}`));
}

function sagemakerArn(scope: IConstruct, resource: string): string {
  const [type, ...name] = resource.split('/');
  return Stack.of(scope).formatArn({ service: 'sagemaker', resource: type!, resourceName: name.join('/') });
}

function logArns(scope: IConstruct, suffixes: string[]): string[] {
  return JOB_LOG_GROUPS.flatMap((name) => suffixes.map((suffix) => `${Stack.of(scope).formatArn({
    service: 'logs', resource: 'log-group', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })}${suffix}`));
}
