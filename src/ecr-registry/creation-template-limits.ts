import { CfnResource } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CreationScenario, RepositoryCreationTemplateProps } from './creation-template-props';
import { validatePrefix } from './prefixes';
import { validateExclusionFilters } from '../ecr-repository/exclusion-filters';
import { isUnknown } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp, validateCount, validateLength } from '../private/validation';

/** ECR's limits (schema of AWS::ECR::RepositoryCreationTemplate). */
const MAX_PREFIX_LENGTH = 256;
const MAX_DESCRIPTION_LENGTH = 256;
const MAX_TAGS = 50;
const MAX_TAG_KEY_LENGTH = 128;
const MAX_TAG_VALUE_LENGTH = 256;

/** Throws when a setting of a template is not one that ECR accepts. */
export function validateTemplate(
  props: RepositoryCreationTemplateProps, prefix: string, mutability: ecr.TagMutability, tags: [string, string][],
): void {
  validatePrefix('prefix', prefix, 1, MAX_PREFIX_LENGTH);
  validateExclusionFilters(mutability, props.imageTagMutabilityExclusionFilters);
  validateScenarios(props.appliedFor);
  validateLength('description', props.description, [0, MAX_DESCRIPTION_LENGTH], 'ECR\'s limit');
  validateTags(tags);
  if (props.role) { validateRolePath(props.role); }
}

function validateScenarios(scenarios: CreationScenario[] | undefined): void {
  if (scenarios?.length === 0) {
    throw synthError('CZ102', '`appliedFor` must have at least one scenario: add a scenario or leave it out');
  }
  const twice = scenarios?.find((scenario, index) => scenarios.indexOf(scenario) !== index);
  if (twice !== undefined) { throw invalidProp('appliedFor', 'must not have a scenario twice', twice, 'remove one'); }
}

function validateTags(tags: [string, string][]): void {
  validateCount('resourceTags', tags, [0, MAX_TAGS], 'ECR\'s limit', 'remove tags');
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > MAX_TAG_KEY_LENGTH) {
      throw invalidProp(
        'resourceTags',
        `must have keys of 1 to ${MAX_TAG_KEY_LENGTH} characters (ECR's limit)`,
        key,
        'change the key',
      );
    }
    if (!isUnknown(value) && value.length > MAX_TAG_VALUE_LENGTH) {
      throw synthError(
        'CZ100',
        `\`resourceTags\` must have values of at most ${MAX_TAG_VALUE_LENGTH} characters (ECR's limit), `
          + `got: ${value.length} characters for "${key}": shorten the value`,
      );
    }
  }
}

/** ECR's pattern of `CustomRoleArn` permits no slash in the name of the role. */
function validateRolePath(role: iam.IRole): void {
  const child = role.node.defaultChild;
  const path = child && CfnResource.isCfnResource(child) && child.cfnResourceType === iam.CfnRole.CFN_RESOURCE_TYPE_NAME
    ? (child as iam.CfnRole).path
    : undefined;
  const nested = path !== undefined ? path !== '/' : !isUnknown(role.roleArn) && role.roleArn.split('/').length > 2;
  if (nested) {
    throw invalidProp(
      'role',
      'must have the path "/" (ECR\'s limit for repository creation templates)',
      path ?? role.roleArn,
      'use a role without a path',
    );
  }
}
