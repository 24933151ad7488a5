import * as ecr from 'aws-cdk-lib/aws-ecr';

const MAX_FILTERS = 5;
/** AWS: at most two wildcards in one filter. aws-cdk does not check it, CloudFormation would fail at deploy. */
const MAX_WILDCARDS = 2;

/** Exclusion filters as CloudFormation takes them. */
export function renderExclusionFilters(
  filters: ecr.ImageTagMutabilityExclusionFilter[],
): ecr.CfnRepository.ImageTagMutabilityExclusionFilterProperty[] {
  return filters.map((filter) => filter._render());
}

/** Throws when mutability and filters do not fit each other or break a limit. */
export function assertExclusionFilters(mutability: ecr.TagMutability, filters: ecr.ImageTagMutabilityExclusionFilter[] | undefined): void {
  const wanted = mutability === ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION || mutability === ecr.TagMutability.MUTABLE_WITH_EXCLUSION;
  if (!wanted && filters) {
    throw new Error('`imageTagMutabilityExclusionFilters` goes with TagMutability.IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION, '
      + `got ${mutability}; change \`imageTagMutability\` or drop the filters`);
  }
  if (!wanted) { return; }
  if (!filters || filters.length < 1 || filters.length > MAX_FILTERS) {
    throw new Error(`\`imageTagMutabilityExclusionFilters\`: ${mutability} takes 1 to ${MAX_FILTERS} filters, got ${filters?.length ?? 'none'}`);
  }
  for (const { imageTagMutabilityExclusionFilterValue: value } of renderExclusionFilters(filters)) {
    const wildcards = value.split('*').length - 1;
    if (wildcards > MAX_WILDCARDS) {
      throw new Error(`\`imageTagMutabilityExclusionFilters\`: a filter has at most ${MAX_WILDCARDS} wildcards, got ${JSON.stringify(value)}`);
    }
  }
}
