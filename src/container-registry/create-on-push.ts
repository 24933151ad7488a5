import { ROOT } from '../ecr-registry/prefixes';
import type { RepositoryCreationTemplate } from '../ecr-registry/repository-creation-template';
import { assertZenmlCanPush } from '../ecr-repository/zenml-guards';
import { areDifferent } from '../private/known';

export interface PrefixContext {
  readonly region: string;
  readonly account: string;
  readonly repositoryPrefix?: string;
}

/** Start of the names of the repositories that the template makes. Throws when ZenML could not push to a new one. */
export function prefixOf(template: RepositoryCreationTemplate, { region, account, repositoryPrefix }: PrefixContext): string {
  if (!template._createsOnPush) {
    throw new Error('`repositoryTemplate` makes no repository on a push: add CreationScenario.CREATE_ON_PUSH to its `appliedFor`');
  }
  if (template.prefix === ROOT) {
    throw new Error('`repositoryTemplate` is for names without a common start (ROOT), so ZenML would get rights on all repositories of the account: give it a prefix');
  }
  if (areDifferent(template.env.region, region) || areDifferent(template.env.account, account)) {
    throw new Error(`\`repositoryTemplate\` is for the registry of account ${template.env.account} in ${template.env.region}, got a registry of ${account} in ${region}`);
  }
  assertZenmlCanPush(template._tags, '`repositoryTemplate`');
  const prefix = `${template.prefix}/`;
  if (repositoryPrefix !== undefined && repositoryPrefix !== prefix) {
    throw new Error(`\`repositoryPrefix\` comes from \`repositoryTemplate\`, "${prefix}": leave it out, got: "${repositoryPrefix}"`);
  }
  return prefix;
}
