import { isUnknown } from './known';

/** Facts about an AWS partition that ECR's host names depend on. */
interface PartitionFacts {
  readonly partition: string;
  /** Domain of the standard hosts. */
  readonly urlSuffix: string;
  /** Domain of the dual-stack hosts; absent where AWS publishes none. */
  readonly dualStackSuffix?: string;
}

/** Regions with FIPS hosts: those of the US, including GovCloud (endpoint data of the AWS SDKs, botocore 1.44.8). */
const FIPS_REGION = /^us-(gov-)?(east|west)-\d+$/;

/** Whether ECR has FIPS hosts in the Region. */
export function hasFips(region: string): boolean {
  return FIPS_REGION.test(region);
}

const AWS: PartitionFacts = { partition: 'aws', urlSuffix: 'amazonaws.com', dualStackSuffix: 'on.aws' };

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

/** The partition of a Region; undefined when the Region is unknown at synth. */
export function partitionOf(region: string): PartitionFacts | undefined {
  if (isUnknown(region)) { return undefined; }
  return BY_REGION_PREFIX.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;
}
