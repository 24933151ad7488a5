import { RepositoryReference } from '../../../contract/properties';
import { UserError } from '../../errors';
import { AwsError } from '../../ports';
import { whileDenied } from '../../server/while-denied';
import { LifecycleContext } from '../context';

/** Throws when a repository that the app imports does not exist, or is on another registry than the component. */
export async function checkReferencedRepositories(
  context: LifecycleContext,
  repositories: readonly RepositoryReference[],
  uri: unknown,
): Promise<void> {
  for (const repository of repositories) { await checkUnlessRollback(context, repository, uri); }
}

/** A rollback puts the component back also when a repository is gone: often that is why the update was made. */
async function checkUnlessRollback(
  context: LifecycleContext,
  repository: RepositoryReference,
  uri: unknown,
): Promise<void> {
  try {
    await checkRepository(context, repository, uri);
  } catch (error) {
    if (
      !(error instanceof UserError)
      || context.event.RequestType !== 'Update'
      || (await context.phase()) !== 'rollback'
    ) {
      throw error;
    }
    context.warn('CZ401', `rolled back although the check failed: ${error.message}`);
  }
}

/** A referenced repository must exist, on the very registry that the component names. */
async function checkRepository(
  context: LifecycleContext,
  repository: RepositoryReference,
  uri: unknown,
): Promise<void> {
  const { ports, deadline } = context;
  const request = { name: repository.Name, registryId: repository.RegistryId, region: repository.Region };
  const called = `ECR repository "${repository.Name}" (account ${repository.RegistryId}, Region ${repository.Region})`;
  let found: string;
  try {
    found = await whileDenied(ports, deadline, context.propagationSeconds, async () =>
      ports.aws.getRepositoryUri(request, deadline.signal),
    );
  } catch (error) {
    if (!(error instanceof AwsError)) {
      throw error;
    }
    if (error.missing) {
      throw new UserError(
        'CZ365',
        `${called} does not exist: create it first, or take it out of the registry's repositories`,
      );
    }
    throw new UserError(
      'CZ365',
      `${called} cannot be read (${error.code}): allow ecr:DescribeRepositories to the registration function in the repository's policy or its account`,
    );
  }
  const host = found.split('/')[0];
  if (host !== uri) {
    throw new UserError(
      'CZ365',
      `${called} is on registry ${host}, not on ${String(uri).slice(0, 100)}: one registry has one account and Region`,
    );
  }
}
