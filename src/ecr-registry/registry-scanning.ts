import { Resource } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { isUnknown } from '../private/known';

/** ECR's rules of scan filters. */
const FILTER = /^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$/;
const MAX_FILTERS = 100;

/** How ECR scans for vulnerabilities. */
export enum RegistryScanType {
  /** Packages of the operating system. Free of charge. */
  BASIC = 'BASIC',
  /** Operating system and programming languages, by Amazon Inspector, at Inspector's price. */
  ENHANCED = 'ENHANCED',
}

/** Properties of `RegistryScanning`. */
export interface RegistryScanningProps {
  /**
   * How to scan.
   *
   * @default RegistryScanType.BASIC
   */
  readonly scanType?: RegistryScanType;

  /**
   * Repositories whose images are scanned when they are pushed: names, with `*` for any text; at most 100.
   *
   * @default ['*'] - all repositories, unless `scanContinuously` says something
   */
  readonly scanOnPush?: string[];

  /**
   * Repositories whose images are scanned on push and again whenever a new vulnerability is known; at most 100. Enhanced scanning only.
   *
   * @default - none
   */
  readonly scanContinuously?: string[];
}

/**
 * Which images the registry scans. The construct replaces the whole scanning setting of the account's registry in this Region: define it once.
 * Deleting it goes back to basic scanning without rules; repositories with scan on push of their own still scan then.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 *
 * @example
 * new ecr_registry.RegistryScanning(this, 'Scanning', {
 *   scanType: ecr_registry.RegistryScanType.ENHANCED,
 *   scanContinuously: ['team/*'],
 * });
 */
export class RegistryScanning extends Resource {
  /**
   * @throws when a filter is none that ECR takes, continuous scanning is asked of basic scanning, or the app sets scanning twice
   */
  public constructor(scope: Construct, id: string, props: RegistryScanningProps = {}) {
    super(scope, id);
    const scanType = props.scanType ?? RegistryScanType.BASIC;
    const continuous = props.scanContinuously ?? [];
    const onPush = props.scanOnPush ?? (continuous.length > 0 ? [] : ['*']);
    if (continuous.length > 0 && scanType !== RegistryScanType.ENHANCED) {
      throw new Error('`scanContinuously` needs `scanType: RegistryScanType.ENHANCED`: basic scanning scans on push only');
    }
    assertFilters('scanOnPush', onPush);
    assertFilters('scanContinuously', continuous);
    const resource = new ecr.CfnRegistryScanningConfiguration(this, 'Resource', {
      scanType,
      rules: [['SCAN_ON_PUSH', onPush] as const, ['CONTINUOUS_SCAN', continuous] as const]
        .filter(([, filters]) => filters.length > 0)
        .map(([scanFrequency, filters]) => ({
          scanFrequency, repositoryFilters: filters.map((filter) => ({ filter, filterType: 'WILDCARD' })),
        })),
    });
    assertSingleOwner(resource);
  }
}

function assertFilters(prop: string, filters: string[]): void {
  if (filters.length > MAX_FILTERS) { throw new Error(`\`${prop}\` has at most ${MAX_FILTERS} filters, got ${filters.length}`); }
  for (const filter of filters) {
    if (!isUnknown(filter) && (filter.length > 255 || !FILTER.test(filter))) {
      throw new Error(`\`${prop}\`: a filter is a repository name with "*" for any text, got ${JSON.stringify(filter)}`);
    }
  }
}
