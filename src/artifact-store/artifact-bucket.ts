import { Duration, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { S3ArtifactStoreOptions } from './s3-artifact-store-props';
import { ArtifactLocation } from '../iam/s3-rights';
import { validateKeyPrefix } from '../private/key-prefix';
import { isUnknown } from '../private/known';
import { definePrivateBucket } from '../private/private-bucket';
import { synthError } from '../private/synth-error';

const DAYS_OF_UNFINISHED_UPLOADS = 7;

/** The bucket of an artifact store, and where in it the artifacts are. */
export interface ArtifactBucket {
  readonly bucket: s3.IBucket;
  readonly location: ArtifactLocation;
  /** The path in ZenML, `s3://bucket/prefix`. */
  readonly path: string;
}

/** The bucket that the options name, or a new one. Throws when an option is invalid or does not fit the others. */
export function artifactBucket(scope: Construct, options: S3ArtifactStoreOptions): ArtifactBucket {
  validateOptions(options);
  const { prefix } = options;
  const bucket = options.bucket ?? definePrivateBucket(scope, 'Bucket', {
    encryptionKey: options.encryptionKey,
    versioned: options.versioned,
    removalPolicy: options.dataRemovalPolicy,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(DAYS_OF_UNFINISHED_UPLOADS) }],
    withoutAccessLogs: 'Artifacts are read and written by one role. Pass `bucket` where access logs are required',
  });
  return {
    bucket,
    location: {
      bucketArn: bucket.bucketArn,
      region: bucket.env.region,
      prefix,
      versioned: options.versioned ?? isVersioned(bucket),
      keyArn: (options.encryptionKey ?? bucket.encryptionKey)?.keyArn,
    },
    path: prefix === undefined ? `s3://${bucket.bucketName}` : `s3://${bucket.bucketName}/${prefix}`,
  };
}

function validateOptions({
  bucket,
  prefix,
  dataRemovalPolicy,
  versioned,
  encryptionKey,
}: S3ArtifactStoreOptions): void {
  validateKeyPrefix(prefix);
  if (!bucket) {
    return;
  }
  if (dataRemovalPolicy !== undefined) {
    throw synthError(
      'CZ101',
      '`dataRemovalPolicy` must not be set together with `bucket`, because it applies to the '
        + 'bucket that this construct creates: set the removal policy on that bucket',
    );
  }
  if (encryptionKey && bucket.encryptionKey && bucket.encryptionKey !== encryptionKey) {
    throw synthError(
      'CZ101',
      '`encryptionKey` must not be set together with `bucket`, whose key this app knows, got: '
        + `${encryptionKey.node.path} and ${bucket.encryptionKey.node.path}: remove \`encryptionKey\``,
    );
  }
  if (versioned === false && isVersioned(bucket)) {
    throw synthError(
      'CZ101',
      `\`versioned\` must not be false for a bucket that keeps versions, got: ${bucket.node.path}: `
        + 'remove `versioned`',
    );
  }
}

/** Whether a bucket that this app defines keeps versions. The setting of an imported bucket is unknown at synth. */
function isVersioned(bucket: s3.IBucket): boolean {
  const cfn = bucket.node.defaultChild;
  if (!(cfn instanceof s3.CfnBucket)) { return false; }
  const setting = Stack.of(bucket).resolve(cfn.versioningConfiguration) as { status?: string } | undefined;
  return setting !== undefined && !isUnknown(setting) && setting.status === 'Enabled';
}
