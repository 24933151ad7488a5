import { isUnknown } from './known';

/** What ECR's host names need to know of an AWS partition. */
export interface PartitionFacts {
  readonly partition: string;
  /** Domain of the ordinary hosts. */
  readonly urlSuffix: string;
  /** Domain of the dual-stack hosts; absent where AWS publishes none. */
  readonly dualStackSuffix?: string;
}

/** Regions with FIPS hosts: those of the US, GovCloud included (endpoint data of the AWS SDKs, botocore 1.44.8). */
const FIPS_REGION = /^us-(gov-)?(east|west)-\d+$/;

export function hasFips(region: string): boolean {
  return FIPS_REGION.test(region);
}

const AWS: PartitionFacts = { partition: 'aws', urlSuffix: 'amazonaws.com', dualStackSuffix: 'on.aws' };

/**
 * By prefix of the Region, so that a Region which is younger than this library or than the installed aws-cdk-lib is right as well.
 * Source: the partitions of the AWS SDK; dual-stack hosts: ECR user guide.
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

/** The partition of a Region, or undefined while the Region is a token. */
export function partitionOf(region: string): PartitionFacts | undefined {
  if (isUnknown(region)) { return undefined; }
  return BY_REGION_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;
}
