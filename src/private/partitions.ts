import { isUnknown } from './known';
import { PartitionFacts, partitionOfRegion } from '../contract/partitions';

/**
 * Regions with FIPS hosts: the Regions of the United States, including GovCloud (endpoint data of the AWS SDKs,
 * botocore 1.44.8).
 */
const FIPS_REGION = /^us-(gov-)?(east|west)-\d+$/;

/** Whether ECR has FIPS hosts in the Region. */
export function hasFips(region: string): boolean {
  return FIPS_REGION.test(region);
}

/** The partition of a Region; undefined when the Region is unknown at synth. */
export function partitionOf(region: string): PartitionFacts | undefined {
  return isUnknown(region) ? undefined : partitionOfRegion(region);
}
