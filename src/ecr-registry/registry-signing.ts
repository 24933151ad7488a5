import { CfnResource, Resource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { assertSingleOwner } from './single-owner';
import { isUnknown } from '../private/known';

/** Limits of the schema of AWS::ECR::SigningConfiguration and of the API (which takes fewer rules). */
const MAX_RULES = 10;
const MAX_FILTERS = 100;
const PROFILE = /^arn:aws(-[a-z]+)*:signer:[a-z0-9-]+:[0-9]{12}:\/signing-profiles\/[a-zA-Z0-9_]{2,}$/;
const FILTER = /^(?:[a-z0-9*]+(?:[._-][a-z0-9*]+)*\/)*[a-z0-9*]+(?:[._-][a-z0-9*]+)*$/;

/** Which images are signed, and as whom. */
export interface SigningRule {
  /** ARN of the AWS Signer profile, `arn:aws:signer:<region>:<account>:/signing-profiles/<name>`. */
  readonly signingProfileArn: string;

  /**
   * Repositories whose images are signed: names, with `*` for any text; at most 100.
   *
   * @default - all repositories
   */
  readonly repositoryFilters?: string[];
}

/** Properties of `RegistrySigning`. */
export interface RegistrySigningProps {
  /** At most 10 rules. */
  readonly rules: SigningRule[];
}

/**
 * Signs images as they are pushed, with AWS Signer. Whoever pushes needs the right to sign with the profile. It replaces the whole signing
 * setting of the account's registry in this Region: define it once. Deleting it stops the signing and leaves the signatures.
 */
export class RegistrySigning extends Resource {
  /**
   * @throws when a rule is none that ECR takes, or the app sets signing twice
   */
  public constructor(scope: Construct, id: string, props: RegistrySigningProps) {
    super(scope, id);
    if (props.rules.length < 1 || props.rules.length > MAX_RULES) {
      throw new Error(`\`rules\`: ECR takes 1 to ${MAX_RULES}, got ${props.rules.length}`);
    }
    props.rules.forEach(assertRule);
    // The L1 class is younger than the oldest aws-cdk-lib that this library works with.
    const resource = new CfnResource(this, 'Resource', {
      type: 'AWS::ECR::SigningConfiguration',
      properties: {
        Rules: props.rules.map((rule) => ({
          SigningProfileArn: rule.signingProfileArn,
          RepositoryFilters: rule.repositoryFilters?.map((filter) => ({ Filter: filter, FilterType: 'WILDCARD_MATCH' })),
        })),
      },
    });
    assertSingleOwner(resource);
  }
}

function assertRule(rule: SigningRule): void {
  if (!isUnknown(rule.signingProfileArn) && !PROFILE.test(rule.signingProfileArn)) {
    throw new Error(`\`signingProfileArn\` looks like arn:aws:signer:<region>:<account>:/signing-profiles/<name>, got ${JSON.stringify(rule.signingProfileArn)}`);
  }
  const filters = rule.repositoryFilters;
  if (filters && (filters.length < 1 || filters.length > MAX_FILTERS)) {
    throw new Error(`\`repositoryFilters\`: ECR takes 1 to ${MAX_FILTERS}, got ${filters.length}; leave it out for all repositories`);
  }
  for (const filter of filters ?? []) {
    if (!isUnknown(filter) && (filter.length > 256 || !FILTER.test(filter))) {
      throw new Error(`\`repositoryFilters\`: a filter is a repository name with "*" for any text, got ${JSON.stringify(filter)}`);
    }
  }
}
