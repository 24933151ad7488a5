import { UserError, ZenmlError } from '../../errors';
import { Retries, SECONDS } from '../../retries';
import { ServiceConnector } from '../../zenml/service-connectors';
import { StackComponent } from '../../zenml/stack-components';
import { Stack, without } from '../../zenml/stacks';
import { LifecycleContext } from '../context';
import { isTrue } from '../properties';

/** The server needs a moment to forget a user that has just gone. */
const TRIES_WHILE_USED = 3;
const NAMES_IN_MESSAGE = 10;

export async function componentGuard(context: LifecycleContext, object: StackComponent): Promise<void> {
  const what = `${object.type.replace(/_/g, ' ')} "${object.name}"`;
  await deleteUnlessUsed(context, what, {
    run: async () => context.zenml.components.delete(object.id),
    users: async () => context.zenml.stacks.byComponent(object.id),
    detach: async (user) => {
      await context.zenml.stacks.recompose(user as Stack, ({ components }) => without(components, object.id));
      context.log(`removed from stack ${user.id}`);
    },
    refusal: (users) => {
      const flag = object.type === 'container_registry' ? '-c' : `--${object.type}`;
      return (
        `${what} was not deleted, because it is still used by ${names('stack', users)} (and perhaps by stacks that this account cannot see). `
        + `For each stack run "zenml stack remove-component <stack> ${flag}" or "zenml stack update <stack> ${flag} <other>", or set detachFromStacks, then delete again`
      );
    },
  });
}

export async function connectorGuard(context: LifecycleContext, object: ServiceConnector): Promise<void> {
  const what = `service connector "${object.name}"`;
  await deleteUnlessUsed(context, what, {
    run: async () => context.zenml.connectors.delete(object.id),
    users: async () => context.zenml.components.byConnector(object.id),
    detach: async (user) => {
      await context.zenml.components.disconnect(user.id);
      context.log(`disconnected component ${user.id}`);
    },
    refusal: (users) =>
      `${what} was not deleted, because it is still used by ${names('component', users)} (and perhaps by components that this account cannot see). `
      + 'For each component run "zenml container-registry disconnect <component>" (or the like for its type), or set detachFromStacks, then delete again',
  });
}

export async function stackGuard(context: LifecycleContext, object: Stack): Promise<void> {
  await deleteUnused(context, `stack "${object.name}"`, async () => context.zenml.stacks.delete(object.id));
}

interface Usage {
  readonly run: () => Promise<void>;
  readonly users: () => Promise<ReadonlyArray<{ readonly id: string; readonly name: string }>>;
  readonly detach: (user: { readonly id: string; readonly name: string }) => Promise<void>;
  readonly refusal: (users: ReadonlyArray<{ readonly name: string }>) => string;
}

/**
 * ZenML refuses to delete what is in use, so the users are looked up only then: what is used by others is not touched
 * in between.
 */
async function deleteUnlessUsed(context: LifecycleContext, what: string, usage: Usage): Promise<void> {
  try {
    return await usage.run();
  } catch (error) {
    if (!isRefusedInUse(error)) { throw explained(what, error); }
  }
  const users = await usage.users();
  if (users.length > 0 && !isTrue(context.event.ResourceProperties, 'DetachFromStacks')) {
    throw new UserError('CZ345', usage.refusal(users));
  }
  for (const user of users) { await usage.detach(user); }
  await deleteUnused(context, what, usage.run);
}

export async function deleteUnused(context: LifecycleContext, what: string, run: () => Promise<void>): Promise<void> {
  const retries = new Retries(context, SECONDS, { tries: TRIES_WHILE_USED });
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isRefusedInUse(error)) { throw explained(what, error); }
      if (!await retries.pause()) {
        throw new UserError(
          'CZ345',
          `${what} is in use by something that this account cannot see: detach it with another account, or keep it with removalPolicy RETAIN `
            + `(ZenML said: ${error.detail})`,
        );
      }
    }
  }
}

function isRefusedInUse(error: unknown): error is ZenmlError {
  return (
    error instanceof ZenmlError
    && error.status === 403
    && error.className === 'IllegalOperationError'
    && !isMissingPermission(error)
  );
}

/** ZenML Pro's access control answers with the same status and class. */
function isMissingPermission({ detail }: ZenmlError): boolean {
  return /insufficient permissions?|not authorized|permission denied/i.test(detail);
}

function explained(what: string, error: unknown): unknown {
  return error instanceof ZenmlError && error.status === 403 && isMissingPermission(error)
    ? new UserError(
      'CZ346',
      `${what} was not deleted, because the API key's account lacks the permission: give its role the right to delete, then delete again (ZenML said: ${error.detail})`,
    )
    : error;
}

function names(what: string, objects: ReadonlyArray<{ readonly name: string }>): string {
  const shown = objects.slice(0, NAMES_IN_MESSAGE).map((object) => `"${object.name}"`).join(', ');
  const more = objects.length - NAMES_IN_MESSAGE;
  return `${what}${objects.length === 1 ? '' : 's'} ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
