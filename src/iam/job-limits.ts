/** What jobs of SageMaker must have. Each limit is a condition of the statements that permit to create a job. */
export interface JobLimits {
  /** Instance types that a job may have, with `*` as wildcard; undefined: any. */
  readonly instanceTypes?: readonly string[];
  /** Subnets of which a job must use at least one and no other; undefined: a job needs no VPC. */
  readonly subnetIds?: readonly string[];
  /** Security groups of which a job must use at least one and no other; undefined: a job needs no VPC. */
  readonly securityGroupIds?: readonly string[];
}

type Conditions = Record<string, Record<string, unknown>>;

/**
 * The limits as conditions. `ForAllValues` is true for a request without the key, so each key must also be present
 * (`Null`).
 */
export function limitConditions({ instanceTypes, subnetIds, securityGroupIds }: JobLimits): Conditions | undefined {
  const like = present({ 'sagemaker:InstanceTypes': instanceTypes });
  const equal = present({ 'sagemaker:VpcSubnets': subnetIds, 'sagemaker:VpcSecurityGroupIds': securityGroupIds });
  const keys = [...Object.keys(like), ...Object.keys(equal)];
  if (keys.length === 0) { return undefined; }
  return {
    ...Object.keys(like).length > 0 && { 'ForAllValues:StringLike': like },
    ...Object.keys(equal).length > 0 && { 'ForAllValues:StringEquals': equal },
    Null: Object.fromEntries(keys.map((key) => [key, 'false'])),
  };
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
