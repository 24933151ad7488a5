/**
 * Labels that mark an object in ZenML as created by one resource of one CloudFormation stack. Keys that start with `zenml:` go to
 * ZenML's analytics, hence a prefix of the library's own.
 */
export const LABEL_PREFIX = 'cdk-zenml:';

export const Label = {
  /** ARN of the CloudFormation stack. */
  STACK: 'cdk-zenml:stack-id',
  /** Logical id of the resource in that stack. */
  LOGICAL_ID: 'cdk-zenml:logical-id',
  /** Digest of the two above: one label that is edited by hand does not make the object another resource's. */
  OWNER: 'cdk-zenml:owner',
  /** Token of the request that created the object: the same for every delivery of one event. */
  REQUEST: 'cdk-zenml:request',
  /** When CloudFormation issued that request (ISO 8601), read from the presigned URL of the answer; absent where that has no date. */
  ISSUED_AT: 'cdk-zenml:issued-at',
  /** The object's own name: ZenML's `copy` command duplicates labels onto objects of other names. */
  NAME: 'cdk-zenml:name',
  /** Digest of the properties that were applied last: tells a rollback that the object already is as it should be. */
  REVISION: 'cdk-zenml:revision',
  /** When CloudFormation issued the request that was applied last (ISO 8601): an older one that arrives later changes nothing. */
  APPLIED_AT: 'cdk-zenml:applied-at',
  /** Physical id of the object that this one replaces: a rollback returns to exactly that one. */
  REPLACES: 'cdk-zenml:replaces',
  /** JSON of what an adopted object was like before: given back when it leaves the CloudFormation stack. */
  FOUND: 'cdk-zenml:found',
} as const;
