import { Resource } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { isUnknown } from '../private/known';
import { invalidProp, validateCount } from '../private/validation';

/** ECR's pattern and limit for scan filters. */
const FILTER = /^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$/;
const MAX_FILTERS = 100;

/** How ECR scans images for vulnerabilities. */
export enum RegistryScanType {
  /** Basic scanning: operating system packages. Free of charge. */
  BASIC = 'BASIC',
  /**
   * Enhanced scanning: packages of operating system and programming languages, by Amazon Inspector and at its price.
   */
  ENHANCED = 'ENHANCED',
}

/** Properties of `RegistryScanning`. */
export interface RegistryScanningProps {
  /**
   * How ECR scans images.
   *
   * @default RegistryScanType.BASIC
   */
  readonly scanType?: RegistryScanType;

  /**
   * Repositories whose images are scanned when they are pushed: at most 100 names (ECR's limit), with `*` for any text.
   *
   * @default ['*'] - all repositories; none if `scanContinuously` is given
   */
  readonly scanOnPush?: string[];

  /**
   * Repositories whose images are scanned on push and again for each new vulnerability: at most 100 names (ECR's
   * limit), with `*` for any text. Needs `RegistryScanType.ENHANCED`.
   *
   * @default - none
   */
  readonly scanContinuously?: string[];
}

/**
 * Which images the registry scans. The construct replaces the whole scanning setting of the account's registry in this
 * Region, so define it once. Deleting it restores basic scanning without rules. Repositories with their own scan on
 * push still scan images then.
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
   * @throws when a filter is invalid, or `scanContinuously` is used without enhanced scanning; at synth, when the app
   * defines scanning twice
   */
  public constructor(scope: Construct, id: string, props: RegistryScanningProps = {}) {
    super(scope, id);
    const scanType = props.scanType ?? RegistryScanType.BASIC;
    const continuous = props.scanContinuously ?? [];
    const onPush = props.scanOnPush ?? (continuous.length > 0 ? [] : ['*']);
    if (continuous.length > 0 && scanType !== RegistryScanType.ENHANCED) {
      throw invalidProp(
        'scanType',
        'must be RegistryScanType.ENHANCED with `scanContinuously`',
        scanType,
        'set it, or use `scanOnPush`',
      );
    }
    validateFilters('scanOnPush', onPush);
    validateFilters('scanContinuously', continuous);
    const resource = new ecr.CfnRegistryScanningConfiguration(this, 'Resource', {
      scanType,
      rules: [['SCAN_ON_PUSH', onPush] as const, ['CONTINUOUS_SCAN', continuous] as const]
        .filter(([, filters]) => filters.length > 0)
        .map(([scanFrequency, filters]) => ({
          scanFrequency, repositoryFilters: filters.map((filter) => ({ filter, filterType: 'WILDCARD' })),
        })),
    });
    claimSetting(resource);
  }
}

function validateFilters(prop: string, filters: string[]): void {
  validateCount(
    prop,
    filters,
    [0, MAX_FILTERS],
    "ECR's limit",
    'use "*" to cover several repositories with one filter',
  );
  for (const filter of filters) {
    if (!isUnknown(filter) && (filter.length > 255 || !FILTER.test(filter))) {
      throw invalidProp(prop, 'must be repository names with "*" for any text', filter, 'correct the filter');
    }
  }
}
