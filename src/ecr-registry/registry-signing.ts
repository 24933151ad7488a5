import { CfnResource, Resource } from 'aws-cdk-lib';
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
  /** ARN of the AWS Signer profile, `arn:aws:signer:<region>:<account>:/signing-profiles/<name>`. */
  readonly signingProfileArn: string;

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
          SigningProfileArn: rule.signingProfileArn,
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

function validateRule(rule: SigningRule): void {
  validatePattern(
    'signingProfileArn',
    rule.signingProfileArn,
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
