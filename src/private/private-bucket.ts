import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { effectivePolicy } from './removal';

interface PrivateBucketSettings {
  readonly lifecycleRules: s3.LifecycleRule[];
  /** Customer key; absent: S3 encrypts with keys of its own. */
  readonly encryptionKey?: kms.IKey;
  readonly versioned?: boolean;
  readonly removalPolicy?: RemovalPolicy;
  /** Why the bucket writes no access logs, for template checkers. */
  readonly withoutAccessLogs: string;
}

interface CreatedBucket {
  readonly bucket: s3.Bucket;
  readonly versioned: boolean;
  /** Age at which objects expire, by the start of their keys. */
  readonly expirations: Map<string, Duration>;
}

/** The buckets that this library has created. It adds rules to no other bucket. */
const created = new WeakMap<s3.IBucket, CreatedBucket>();

/** Defines a bucket without public access that refuses plain HTTP and ACLs. RETAIN keeps the bucket policy as well. */
export function definePrivateBucket(scope: Construct, id: string, settings: PrivateBucketSettings): s3.Bucket {
  const { lifecycleRules, encryptionKey, versioned, withoutAccessLogs } = settings;
  const removalPolicy = effectivePolicy(settings.removalPolicy ?? RemovalPolicy.RETAIN);
  const bucket = new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    ...(encryptionKey
      // With a bucket key, S3 asks KMS once for many objects.
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    versioned,
    lifecycleRules,
    removalPolicy,
  });
  bucket.policy?.applyRemovalPolicy(removalPolicy);
  acknowledge(bucket, { 'AwsSolutions-S1': withoutAccessLogs });
  created.set(bucket, { bucket, versioned: versioned ?? false, expirations: new Map() });
  return bucket;
}

/** Whether this library has created the bucket. */
export function isPrivateBucket(bucket: s3.IBucket): boolean {
  return created.has(bucket);
}

/**
 * Lets the objects below a prefix of a bucket of this library expire, with all of their versions. S3 refuses a second
 * rule for the same prefix.
 *
 * @returns the age that an earlier call has set, if there is one
 */
export function expireBelow(of: s3.IBucket, prefix: string, age: Duration): Duration | undefined {
  const { bucket, versioned, expirations } = created.get(of)!;
  const earlier = expirations.get(prefix);
  if (earlier) { return earlier; }
  expirations.set(prefix, age);
  bucket.addLifecycleRule({
    prefix,
    expiration: age,
    // An expired object of a bucket with versions is still there, as an older version.
    noncurrentVersionExpiration: versioned ? Duration.days(1) : undefined,
  });
  return undefined;
}
