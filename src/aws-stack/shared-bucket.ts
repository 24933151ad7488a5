import { Annotations, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Warns when jobs of SageMaker write to the bucket of the artifact store: their role may read and write all of it. */
export function warnOfSharedBucket(scope: Construct, artifacts: s3.IBucket | undefined, jobs: s3.IBucket): void {
  if (!artifacts || !isSame(scope, artifacts, jobs)) { return; }
  Annotations.of(scope).addWarningV2(
    'cdk-zenml:sharedBucket',
    '`runtime` uses the bucket of the artifact store: its execution role may read and write every artifact, and so may '
      + 'each ZenML user who starts a job. Give SageMakerRuntime another `bucket`, or none for a new one',
  );
}

function isSame(scope: Construct, one: s3.IBucket, other: s3.IBucket): boolean {
  const [first, second] = [one, other].map(({ bucketName }) => JSON.stringify(Stack.of(scope).resolve(bucketName)));
  return first === second;
}
