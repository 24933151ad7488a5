import * as ecr from 'aws-cdk-lib/aws-ecr';
import { synthError } from '../private/synth-error';
import { invalidProp, validateCount } from '../private/validation';

/** ECR's limit for the filters of one repository. */
const MAX_FILTERS = 5;
/** ECR's limit for the wildcards in one filter. aws-cdk does not check it, so the deployment would fail. */
const MAX_WILDCARDS = 2;

const PROP = 'imageTagMutabilityExclusionFilters';

/** Exclusion filters in the form of CloudFormation. */
export function renderExclusionFilters(
  filters: ecr.ImageTagMutabilityExclusionFilter[],
): ecr.CfnRepository.ImageTagMutabilityExclusionFilterProperty[] {
  return filters.map((filter) => filter._render());
}

/** Throws when the filters do not go with the tag mutability or exceed a limit of ECR. */
export function validateExclusionFilters(
  mutability: ecr.TagMutability, filters: ecr.ImageTagMutabilityExclusionFilter[] | undefined,
): void {
  const wanted = mutability === ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION
    || mutability === ecr.TagMutability.MUTABLE_WITH_EXCLUSION;
  if (!wanted && filters) {
    throw synthError('CZ101', `\`${PROP}\` must only be set with TagMutability.IMMUTABLE_WITH_EXCLUSION or `
      + `MUTABLE_WITH_EXCLUSION, got: ${mutability}: change \`imageTagMutability\` or remove the filters`);
  }
  if (!wanted) { return; }
  if (!filters) {
    throw synthError(
      'CZ102',
      `\`${PROP}\` is missing, but TagMutability.${mutability} needs 1 to ${MAX_FILTERS} filters: add a filter`,
    );
  }
  validateCount(PROP, filters, [1, MAX_FILTERS], 'ECR\'s limit', 'use wildcards to cover several tags with one filter');
  for (const { imageTagMutabilityExclusionFilterValue: value } of renderExclusionFilters(filters)) {
    if (value.split('*').length - 1 > MAX_WILDCARDS) {
      throw invalidProp(PROP, `must have at most ${MAX_WILDCARDS} wildcards in a filter (ECR's limit)`, value,
        'remove wildcards from the filter');
    }
  }
}
