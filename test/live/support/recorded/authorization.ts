import { RecordedCall } from '../../../../local/clients/recorder';
import { AccessRequest, RequestContext } from '../../../support/policy-evaluator';

/** One question to IAM: who wants to do what, and why. */
export interface Asked extends AccessRequest {
  /** ARN of the role or of the IAM user. */
  readonly role: string;
  readonly sessionPolicy?: string | null;
  /** The recorded call, or what AWS documents about it. */
  readonly reason: string;
  /** AWS's answer in the recording was a refusal, and ZenML went on. */
  readonly refused?: boolean;
}

/** Buckets with a customer key: the ARN of the key by the name of the bucket. */
export type BucketKeys = Readonly<Record<string, string>>;

type Request = readonly [action: string, resource: string, context?: RequestContext];

const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';
export const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const object = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;
export const VIA_S3 = { 'kms:ViaService': `s3.${REGION}.amazonaws.com` };

/**
 * What AWS asks IAM for a recorded call, by the Service Authorization Reference: action, resource and condition keys of
 * each operation, with the dependent actions (iam:PassRole, sagemaker:AddTags, kms).
 */
export function requestsOf(
  call: RecordedCall, keys: BucketKeys, userOf: (role: string) => string,
): Asked[] {
  const services: Record<string, (call: RecordedCall) => Request[]> = {
    s3: (one) => s3Requests(one, keys),
    sagemaker: (one) => sageMakerRequests(one, keys),
    scheduler: schedulerRequests,
    codebuild: codeBuildRequests,
    logs: logRequests,
    ecr: ({ operation }) => [
      [`ecr:${operation}`, operation === 'GetAuthorizationToken' ? '*' : arn('ecr', 'repository/*')],
    ],
    // AWS permits GetCallerIdentity to everybody.
    sts: ({ operation, parameters }) => (operation === 'AssumeRole' ? [['sts:AssumeRole', parameters.RoleArn]] : []),
  };
  const { role, sessionPolicy, scenario, service, operation, status } = call;
  const requests = services[service];
  if (!requests) { throw unknown(service); }
  const refused = status === 403 || REFUSED.has(operation);
  return requests(call).map(([action, resource, context]) => ({
    action,
    resource,
    context,
    role: role ?? userOf(resource),
    sessionPolicy,
    refused,
    reason: `${scenario}: ${service}:${operation}`,
  }));
}

const unknown = (what: string) => new Error(`the rights for ${what} are unknown: extend authorization.ts`);

/** Calls that the recorder refuses as AWS would, and without which ZenML and the SDK go on. */
const REFUSED = new Set(['ListBuckets', 'ListDomains']);

function s3Requests({ operation, parameters, status }: RecordedCall, keys: BucketKeys): Request[] {
  const { Bucket: bucket, Key: key } = parameters as { Bucket: string; Key: string };
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const kms = (name: string, ...actions: string[]): Request[] => (keys[name] === undefined
    ? [] : actions.map((action) => [`kms:${action}`, keys[name]!, VIA_S3]));
  const read = (from: string, name: string): Request[] => [
    ['s3:GetObject', object(from, name)], ...kms(from, 'Decrypt'),
  ];
  switch (operation) {
    case 'ListBuckets': return [['s3:ListAllMyBuckets', '*']];
    case 'HeadBucket': case 'ListObjectsV2': return [['s3:ListBucket', bucketArn]];
    case 'ListObjectVersions': return [['s3:ListBucketVersions', bucketArn]];
    case 'GetBucketVersioning': return [['s3:GetBucketVersioning', bucketArn]];
    // Without s3:ListBucket, S3 answers 403 instead of 404.
    case 'HeadObject': return [
      ['s3:GetObject', object(bucket, key)], ...status === 404 ? [['s3:ListBucket', bucketArn] as Request] : [],
    ];
    case 'GetObject': return read(bucket, key);
    case 'PutObject': case 'CreateMultipartUpload':
      return [['s3:PutObject', object(bucket, key)], ...kms(bucket, 'GenerateDataKey')];
    // The parts of an upload are decrypted when they are put together.
    case 'UploadPart': case 'CompleteMultipartUpload':
      return [['s3:PutObject', object(bucket, key)], ...kms(bucket, 'GenerateDataKey', 'Decrypt')];
    case 'AbortMultipartUpload': return [['s3:AbortMultipartUpload', object(bucket, key)]];
    case 'CopyObject': {
      const source = parameters.CopySource as string | { Bucket: string; Key: string };
      const [from, name] = typeof source === 'string'
        ? [source.split('/')[0]!, source.slice(source.indexOf('/') + 1)] : [source.Bucket, source.Key];
      return [...read(from, name), ['s3:PutObject', object(bucket, key)], ...kms(bucket, 'GenerateDataKey')];
    }
    case 'DeleteObject':
      return [[parameters.VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion', object(bucket, key)]];
    case 'DeleteObjects':
      return (parameters.Delete.Objects as { Key: string }[])
        .map((one) => ['s3:DeleteObject', object(bucket, one.Key)]);
    default: throw unknown(`s3 ${operation}`);
  }
}

function sageMakerRequests({ operation, parameters }: RecordedCall, keys: BucketKeys): Request[] {
  const own = (kind: string, name: string): Request[] => [
    [`sagemaker:${operation}`, arn('sagemaker', `${kind}/${name}`)],
  ];
  switch (operation) {
    case 'ListDomains': return [['sagemaker:ListDomains', '*']];
    case 'CreatePipeline': {
      const { PipelineName: name, PipelineDefinitionS3Location: stored } = parameters;
      const location = stored as { Bucket: string; ObjectKey: string } | undefined;
      return [
        ...own('pipeline', name),
        ...passRole(parameters.RoleArn),
        ...tags(operation, `pipeline/${name}`, parameters.Tags),
        // SageMaker reads the definition with the rights of the caller.
        ...location ? [['s3:GetObject', object(location.Bucket, location.ObjectKey)] as Request] : [],
        ...location && keys[location.Bucket] ? [['kms:Decrypt', keys[location.Bucket], VIA_S3] as Request] : [],
      ];
    }
    case 'DescribePipelineExecution': return [[`sagemaker:${operation}`, parameters.PipelineExecutionArn]];
    case 'StartPipelineExecution': case 'DescribePipeline': return own('pipeline', parameters.PipelineName);
    case 'CreateTrainingJob': case 'CreateProcessingJob': return createJobRequests(operation, parameters);
    case 'DescribeTrainingJob': case 'StopTrainingJob': return own('training-job', parameters.TrainingJobName);
    case 'DescribeProcessingJob': case 'StopProcessingJob':
      return own('processing-job', parameters.ProcessingJobName);
    default: throw unknown(`sagemaker ${operation}`);
  }
}

/** Creation of a job, with what its parameters need in addition; `marks` are tags that SageMaker adds itself. */
export function createJobRequests(
  operation: string, parameters: Record<string, any>, marks: boolean = false,
): Request[] {
  const isTraining = operation === 'CreateTrainingJob';
  const job = isTraining
    ? `training-job/${parameters.TrainingJobName}` : `processing-job/${parameters.ProcessingJobName}`;
  const { InstanceType: type } = isTraining ? parameters.ResourceConfig : parameters.ProcessingResources.ClusterConfig;
  const network = isTraining ? parameters.VpcConfig : parameters.NetworkConfig?.VpcConfig;
  return [
    [`sagemaker:${operation}`, arn('sagemaker', job), {
      'sagemaker:InstanceTypes': [type],
      ...network && {
        'sagemaker:VpcSubnets': network.Subnets, 'sagemaker:VpcSecurityGroupIds': network.SecurityGroupIds,
      },
    }],
    ...passRole(parameters.RoleArn),
    ...marks ? [['sagemaker:AddTags', arn('sagemaker', job)] as Request] : tags(operation, job, parameters.Tags),
  ];
}

function passRole(role: string, service: string = 'sagemaker.amazonaws.com'): Request[] {
  return [['iam:PassRole', role, { 'iam:PassedToService': service }]];
}

function tags(operation: string, resource: string, given: unknown[] | undefined): Request[] {
  return given?.length
    ? [['sagemaker:AddTags', arn('sagemaker', resource), { 'sagemaker:TaggingAction': operation }]] : [];
}

function schedulerRequests({ operation, parameters }: RecordedCall): Request[] {
  return [
    [`scheduler:${operation}`, arn('scheduler', `schedule/${parameters.GroupName ?? 'default'}/${parameters.Name}`)],
    ...passRole(parameters.Target.RoleArn, 'scheduler.amazonaws.com'),
  ];
}

function codeBuildRequests({ operation, parameters }: RecordedCall): Request[] {
  const projects: string[] = operation === 'StartBuild'
    ? [parameters.projectName] : (parameters.ids as string[]).map((id) => id.split(':')[0]!);
  return projects.map((project) => [`codebuild:${operation}`, arn('codebuild', `project/${project}`)]);
}

function logRequests({ operation, parameters }: RecordedCall): Request[] {
  const stream: string = parameters.logStreamName ?? '';
  return [[`logs:${operation}`, arn('logs', `log-group:${parameters.logGroupName}:log-stream:${stream}`)]];
}
