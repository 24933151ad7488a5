import { ROOT } from '../ecr-registry/prefixes';
import type { RepositoryCreationTemplate } from '../ecr-registry/repository-creation-template';
import { RegistryEnvironment } from '../ecr-repository/repository-arns';
import { validateZenmlCanPush } from '../ecr-repository/zenml-guards';
import { areKnownToDiffer } from '../private/known';
import { synthError } from '../private/synth-error';
import { invalidProp } from '../private/validation';

/**
 * The prefix of the repositories that ECR creates from the template. Throws when ZenML could not push to a new
 * repository.
 */
export function prefixOf(
  template: RepositoryCreationTemplate, registry: RegistryEnvironment, repositoryPrefix: string | undefined,
): string {
  const { account, region } = template.env;
  if (!template._createsOnPush) {
    throw synthError(
      'CZ102',
      '`repositoryTemplate` must create repositories on push: add CreationScenario.CREATE_ON_PUSH to its `appliedFor`',
    );
  }
  if (template.prefix === ROOT) {
    throw invalidProp('repositoryTemplate', 'must have a prefix, because ZenML gets rights on all repositories that '
      + 'the template covers', ROOT,
    'set `prefix` of the template');
  }
  if (areKnownToDiffer(region, registry.region) || areKnownToDiffer(account, registry.account)) {
    throw synthError(
      'CZ110',
      `\`repositoryTemplate\` must be in the account and Region of the registry, ${registry.account} in ${registry.region}, `
        + `got: ${account} in ${region}: define the template in a stack of that account and Region`,
    );
  }
  validateZenmlCanPush(template._tags, '`repositoryTemplate`');
  const prefix = `${template.prefix}/`;
  if (repositoryPrefix !== undefined && repositoryPrefix !== prefix) {
    throw invalidProp('repositoryPrefix', `must be "${prefix}", the prefix of \`repositoryTemplate\``, repositoryPrefix,
      'remove `repositoryPrefix`');
  }
  return prefix;
}
