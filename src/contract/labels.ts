/**
 * Labels that mark an object in ZenML as made by one resource of one CloudFormation stack. Keys that start with `zenml:` go to ZenML's
 * analytics, hence a prefix of our own.
 */
export const LABEL_PREFIX = 'cdk-zenml:';

export const Label = {
  /** ARN of the CloudFormation stack. */
  STACK: 'cdk-zenml:stack-id',
  /** Logical id of the resource in that stack. */
  LOGICAL_ID: 'cdk-zenml:logical-id',
  /** Token of the request that made the object: the same for every delivery of one event. */
  REQUEST: 'cdk-zenml:request',
  /** When CloudFormation issued that request (ISO 8601), read from the answer's presigned URL; absent where it tells no date. */
  ISSUED_AT: 'cdk-zenml:issued-at',
  /** The object's own name: ZenML's `copy` command duplicates labels onto objects of other names. */
  NAME: 'cdk-zenml:name',
  /** `true` on an object that existed before and was taken over. */
  ADOPTED: 'cdk-zenml:adopted',
  /** Digest of the properties that were last applied: tells a rollback to what is there already from a change. */
  REVISION: 'cdk-zenml:revision',
  /** When CloudFormation issued the request that was last applied (ISO 8601): an older one that comes late changes nothing. */
  APPLIED_AT: 'cdk-zenml:applied-at',
} as const;
