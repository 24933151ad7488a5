import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { definePrivateBucket } from '../private/private-bucket';

/** Output of jobs and definitions of pipelines are of use as long as somebody looks into a run. */
const DAYS_KEPT = 30;
const DAYS_OF_UNFINISHED_UPLOADS = 7;

/** Defines the bucket for output of jobs and definitions of pipelines. */
export function defineRuntimeBucket(scope: Construct, id: string, removalPolicy?: RemovalPolicy): s3.Bucket {
  return definePrivateBucket(scope, id, {
    lifecycleRules: [{
      expiration: Duration.days(DAYS_KEPT),
      abortIncompleteMultipartUploadAfter: Duration.days(DAYS_OF_UNFINISHED_UPLOADS),
    }],
    removalPolicy,
    withoutAccessLogs:
      'The bucket holds output of jobs for 30 days. Pass `bucket` where access logs are required',
  });
}
