import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';
import { effectivePolicy } from '../private/removal';

/** Output of jobs and definitions of pipelines are of use as long as somebody looks into a run. */
const DAYS_KEPT = 30;
const DAYS_OF_UNFINISHED_UPLOADS = 7;

/** Defines the bucket for output of jobs and definitions of pipelines. */
export function defineRuntimeBucket(scope: Construct, id: string, removalPolicy = RemovalPolicy.RETAIN): s3.Bucket {
  const bucket = new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    lifecycleRules: [{
      expiration: Duration.days(DAYS_KEPT),
      abortIncompleteMultipartUploadAfter: Duration.days(DAYS_OF_UNFINISHED_UPLOADS),
    }],
    removalPolicy: effectivePolicy(removalPolicy),
  });
  bucket.policy?.applyRemovalPolicy(effectivePolicy(removalPolicy));
  acknowledge(bucket, { 'AwsSolutions-S1': 'The bucket holds output of jobs for 30 days. Pass `bucket` where access logs are required' });
  return bucket;
}
