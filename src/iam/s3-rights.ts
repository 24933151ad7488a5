import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';

/** A bucket, or the part of it under a prefix, that holds ZenML's artifacts. */
export interface ArtifactLocation {
  readonly bucketArn: string;
  readonly region: string;
  /** Start of all keys, without slashes at its ends; absent: the whole bucket. */
  readonly prefix?: string;
  /** Whether the bucket keeps versions, which ZenML then lists and deletes. */
  readonly versioned: boolean;
  /** ARN of the bucket's customer key. */
  readonly keyArn?: string;
}

const READ = ['s3:GetObject'];
/** s3fs aborts a multipart upload that failed, or AWS charges for its parts. */
const WRITE = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];
const FIND = ['s3:ListBucket', 's3:GetBucketVersioning'];
const FIND_VERSIONS = ['s3:ListBucketVersions'];
const DELETE_VERSIONS = ['s3:DeleteObjectVersion'];

/**
 * What ZenML calls to read and write artifacts. `s3:ListBucket` has no condition on the prefix, because the check
 * whether the bucket exists (HeadBucket) sends none.
 */
export function readWriteStatements(scope: IConstruct, location: ArtifactLocation): iam.PolicyStatement[] {
  const { bucketArn, versioned } = location;
  return [
    new iam.PolicyStatement({
      sid: 'FindArtifacts', actions: versioned ? [...FIND, ...FIND_VERSIONS] : FIND, resources: [bucketArn],
    }),
    new iam.PolicyStatement({
      sid: 'ReadAndWriteArtifacts',
      actions: [...READ, ...WRITE, ...(versioned ? DELETE_VERSIONS : [])],
      resources: [objectsOf(location)],
    }),
    ...bucketKeyStatements(scope, location),
  ];
}

/** What an identity calls that only reads artifacts. */
export function readStatements(scope: IConstruct, location: ArtifactLocation): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({ sid: 'FindArtifacts', actions: ['s3:ListBucket'], resources: [location.bucketArn] }),
    new iam.PolicyStatement({ sid: 'ReadArtifacts', actions: READ, resources: [objectsOf(location)] }),
    ...bucketKeyStatements(scope, location, ['kms:Decrypt']),
  ];
}

/** What the sessions of a connector reach. */
interface SessionScope {
  /** Undefined: all buckets. */
  readonly bucketName?: string;
  readonly prefix?: string;
  /** Of the customer key of the bucket. */
  readonly keyArn?: string;
}

/**
 * A session policy for connectors of type `s3-bucket`. ZenML's own lacks `s3:AbortMultipartUpload` and the use of a
 * customer key, and names the partition `aws`. A session has the intersection of this policy and the policies of the
 * role or user, so this policy grants nothing in addition. It is the only limit of a federation token whose user may do
 * more.
 */
export function s3SessionPolicy(scope: Construct, { bucketName, prefix, keyArn }: SessionScope): string {
  const bucketArn = Stack.of(scope).formatArn({
    service: 's3', region: '', account: '', resource: bucketName ?? '*',
  });
  return Stack.of(scope).toJsonString({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [...FIND, ...FIND_VERSIONS, ...READ, ...WRITE, ...DELETE_VERSIONS],
        Resource: [bucketArn, `${bucketArn}/${prefix === undefined ? '' : `${prefix}/`}*`],
      },
      // Without a bucket, ZenML lists all of them; AWS has no resource level for this action.
      ...(bucketName === undefined ? [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }] : []),
      ...(keyArn === undefined
        ? []
        : [{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: keyArn }]),
    ],
  });
}

function objectsOf({ bucketArn, prefix }: ArtifactLocation): string {
  return prefix === undefined ? `${bucketArn}/*` : `${bucketArn}/${prefix}/*`;
}

/** Use of a bucket's customer key, by S3 only. */
export function bucketKeyStatements(
  scope: IConstruct,
  { keyArn, region }: { readonly keyArn?: string; readonly region: string },
  actions: string[] = ['kms:Decrypt', 'kms:GenerateDataKey'],
): iam.PolicyStatement[] {
  return keyArn === undefined ? [] : [
    new iam.PolicyStatement({
      sid: 'UseKeyOfBucket',
      actions,
      resources: [keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${region}.${Stack.of(scope).urlSuffix}` } },
    }),
  ];
}
