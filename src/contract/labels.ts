/**
 * Prefix of the labels that mark an object in ZenML as created by one resource of one CloudFormation stack. Not
 * `zenml:`, because ZenML sends labels with that prefix to its analytics.
 */
export const LABEL_PREFIX = 'cdk-zenml:';

export const Label = {
  /** ARN of the CloudFormation stack. */
  STACK: 'cdk-zenml:stack-id',
  /** Logical id of the resource in that stack. */
  LOGICAL_ID: 'cdk-zenml:logical-id',
  /**
   * Digest of stack ARN and logical id: editing one of these labels by hand does not make the object look like another
   * resource's.
   */
  OWNER: 'cdk-zenml:owner',
  /** Token of the request that created the object: the same for every delivery of one event. */
  REQUEST: 'cdk-zenml:request',
  /**
   * When CloudFormation issued that request (ISO 8601), read from the presigned URL of the answer; absent where the URL
   * has no date.
   */
  ISSUED_AT: 'cdk-zenml:issued-at',
  /** Name of the object: ZenML's `copy` command copies labels to objects with other names. */
  NAME: 'cdk-zenml:name',
  /** Digest of the properties that were applied last: tells a rollback that the object already is as it should be. */
  REVISION: 'cdk-zenml:revision',
  /**
   * When CloudFormation issued the request that was applied last (ISO 8601): an older request that arrives later
   * changes nothing.
   */
  APPLIED_AT: 'cdk-zenml:applied-at',
  /** Physical id of the object that this object replaces: a rollback returns to exactly that object. */
  REPLACES: 'cdk-zenml:replaces',
  /** Names of the environment variables that the template sets, separated by commas: other ones are other people's. */
  ENVIRONMENT: 'cdk-zenml:environment',
  /** UUIDs of the secrets that the template adds, separated by commas: other ones are other people's. */
  SECRETS: 'cdk-zenml:secrets',
  /**
   * JSON of the state in which an adopted object was found: restored when the object leaves the CloudFormation stack.
   */
  FOUND: 'cdk-zenml:found',
} as const;
