/** Facts about an AWS partition that host names depend on. */
export interface PartitionFacts {
  readonly partition: string;
  /** Domain of the standard hosts. */
  readonly urlSuffix: string;
  /** Domain of the dual-stack hosts of ECR; absent where AWS publishes none. */
  readonly dualStackSuffix?: string;
}

/** The partition of the Regions that no prefix names. */
export const DEFAULT_PARTITION: PartitionFacts = {
  partition: 'aws', urlSuffix: 'amazonaws.com', dualStackSuffix: 'on.aws',
};

/**
 * Partition by prefix of the Region, so that Regions that are newer than this library or the installed aws-cdk-lib are
 * correct as well. Sources: the partitions of the AWS SDK; the dual-stack hosts of the ECR user guide.
 */
const BY_REGION_PREFIX: [string, PartitionFacts][] = [
  ['cn-', { partition: 'aws-cn', urlSuffix: 'amazonaws.com.cn', dualStackSuffix: 'on.amazonwebservices.com.cn' }],
  ['us-gov-', { partition: 'aws-us-gov', urlSuffix: 'amazonaws.com', dualStackSuffix: 'on.aws' }],
  ['eusc-', { partition: 'aws-eusc', urlSuffix: 'amazonaws.eu' }],
  ['us-iso-', { partition: 'aws-iso', urlSuffix: 'c2s.ic.gov' }],
  ['us-isob-', { partition: 'aws-iso-b', urlSuffix: 'sc2s.sgov.gov' }],
  ['eu-isoe-', { partition: 'aws-iso-e', urlSuffix: 'cloud.adc-e.uk' }],
  ['us-isof-', { partition: 'aws-iso-f', urlSuffix: 'csp.hci.ic.gov' }],
];

/** The partition of a Region. */
export function partitionOfRegion(region: string): PartitionFacts {
  return BY_REGION_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? DEFAULT_PARTITION;
}

/** Domains of the standard hosts of all partitions. */
export const URL_SUFFIXES: readonly string[] = [
  ...new Set([DEFAULT_PARTITION, ...BY_REGION_PREFIX.map(([, facts]) => facts)].map(({ urlSuffix }) => urlSuffix)),
];
