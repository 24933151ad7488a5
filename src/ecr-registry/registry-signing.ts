import { CfnResource, Resource } from 'aws-cdk-lib';
import * as signer from 'aws-cdk-lib/aws-signer';
import { Construct } from 'constructs';
import { claimSetting } from './claim-setting';
import { isUnknown } from '../private/known';
import { invalidProp, validateCount, validatePattern } from '../private/validation';

/** ECR's limits (schema of AWS::ECR::SigningConfiguration; the API allows fewer rules than the schema). */
const MAX_RULES = 10;
const MAX_FILTERS = 100;
const PROFILE = /^arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:\/signing-profiles\/[a-zA-Z0-9_]{2,}$/;
const FILTER = /^(?:[a-z0-9*]+(?:[._-][a-z0-9*]+)*\/)*[a-z0-9*]+(?:[._-][a-z0-9*]+)*$/;

/** Which images are signed, and with which profile. */
export interface SigningRule {
  /**
   * The profile of AWS Signer, with the platform `NOTATION_OCI_SHA384_ECDSA`. Refer to one that exists by
   * `signer.SigningProfile.fromSigningProfileAttributes()`.
   */
  readonly signingProfile: signer.ISigningProfile;

  /**
   * Repositories whose images are signed: 1 to 100 names (ECR's limit), with `*` for any text.
   *
   * @default - all repositories
   */
  readonly repositoryFilters?: string[];
}

/** Properties of `RegistrySigning`. */
export interface RegistrySigningProps {
  /** 1 to 10 rules (ECR's limit). */
  readonly rules: SigningRule[];
}

/**
 * Signs images with AWS Signer when they are pushed. The identity that pushes needs the right to sign with the profile.
 * The construct replaces the whole signing setting of the account's registry in this Region, so define it once.
 * Deleting it stops the signing and keeps the signatures.
 *
 * @example
 * new ecr_registry.RegistrySigning(this, 'Signing', {
 *   rules: [{
 *     signingProfile: new signer.SigningProfile(this, 'Profile', {
 *       platform: signer.Platform.NOTATION_OCI_SHA384_ECDSA,
 *     }),
 *   }],
 * });
 */
export class RegistrySigning extends Resource {
  /**
   * @throws when a rule is invalid; at synth, when the app defines signing twice
   */
  public constructor(scope: Construct, id: string, props: RegistrySigningProps) {
    super(scope, id);
    validateCount(
      'rules',
      props.rules,
      [1, MAX_RULES],
      "ECR's limit",
      'combine rules by listing several repositories in one rule',
    );
    props.rules.forEach(validateRule);
    // The oldest aws-cdk-lib that this library supports does not have the L1 class.
    const resource = new CfnResource(this, 'Resource', {
      type: 'AWS::ECR::SigningConfiguration',
      properties: {
        Rules: props.rules.map((rule) => ({
          SigningProfileArn: arnOf(rule.signingProfile),
          RepositoryFilters: rule.repositoryFilters?.map((filter) => ({
            Filter: filter,
            FilterType: 'WILDCARD_MATCH',
          })),
        })),
      },
    });
    claimSetting(resource);
  }
}

/** aws-cdk writes two slashes into the ARN of a profile that is referenced by name, which ECR refuses. */
function arnOf({ signingProfileArn }: signer.ISigningProfile): string {
  return signingProfileArn.replace('://signing-profiles/', ':/signing-profiles/');
}

function validateRule(rule: SigningRule): void {
  validatePattern(
    'signingProfile',
    arnOf(rule.signingProfile),
    PROFILE,
    '"arn:aws:signer:<region>:<account>:/signing-profiles/<name>"',
  );
  const filters = rule.repositoryFilters;
  validateCount(
    'repositoryFilters',
    filters,
    [1, MAX_FILTERS],
    "ECR's limit",
    'leave it out to sign the images of all repositories',
  );
  for (const filter of filters ?? []) {
    if (!isUnknown(filter) && (filter.length > 256 || !FILTER.test(filter))) {
      throw invalidProp(
        'repositoryFilters',
        'must be repository names with "*" for any text',
        filter,
        'correct the filter',
      );
    }
  }
}
