import { isTrue } from './properties';
import { Work } from './work';
import { UserError, ZenmlError } from '../errors';
import { ServiceConnector } from '../zenml/service-connectors';
import { StackComponent } from '../zenml/stack-components';
import { Stack, without } from '../zenml/stacks';

/** A moment for the server to forget a user that has just gone. */
const TRIES_WHILE_USED = 3;
const NAMES_IN_MESSAGE = 10;

export async function componentGuard(work: Work, object: StackComponent): Promise<void> {
  const users = await work.zenml.stacks.byComponent(object.id);
  if (users.length > 0) {
    if (!isTrue(work.event.ResourceProperties, 'DetachFromStacks')) {
      const flag = object.type === 'container_registry' ? '-c' : `--${object.type}`;
      throw new UserError(`${object.type.replace(/_/g, ' ')} "${object.name}" is still in ${names('stack', users)} (and perhaps in others that this account cannot see); `
        + `nothing was changed. For each run "zenml stack remove-component <stack> ${flag}" or "zenml stack update <stack> ${flag} <other>", `
        + 'or set detachFromStacks, or keep it with removalPolicy RETAIN');
    }
    for (const user of users) {
      await work.zenml.stacks.update(user.id, { components: without(user.components, object.id) });
      work.note(`detached from stack ${user.id}`);
    }
  }
  await deleteUnused(work, `${object.type.replace(/_/g, ' ')} "${object.name}"`, async () => work.zenml.components.delete(object.id));
}

export async function connectorGuard(work: Work, object: ServiceConnector): Promise<void> {
  const users = await work.zenml.components.byConnector(object.id);
  if (users.length > 0) {
    if (!isTrue(work.event.ResourceProperties, 'DetachFromStacks')) {
      throw new UserError(`service connector "${object.name}" is still used by ${names('component', users)} (and perhaps by others that this account cannot see); `
        + 'nothing was changed. For each run "zenml container-registry disconnect <component>" (or the like for its type), '
        + 'or set detachFromStacks, or keep it with removalPolicy RETAIN');
    }
    for (const user of users) {
      await work.zenml.components.disconnect(user.id);
      work.note(`disconnected component ${user.id}`);
    }
  }
  await deleteUnused(work, `service connector "${object.name}"`, async () => work.zenml.connectors.delete(object.id));
}

export async function stackGuard(work: Work, object: Stack): Promise<void> {
  await deleteUnused(work, `stack "${object.name}"`, async () => work.zenml.stacks.delete(object.id));
}

async function deleteUnused(work: Work, what: string, run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ZenmlError) || error.status !== 403 || error.className !== 'IllegalOperationError') { throw error; }
      if (attempt >= TRIES_WHILE_USED) {
        throw new UserError(`${what} is in use by something that this account cannot see: detach it with another account, or keep it with removalPolicy RETAIN `
          + `(ZenML said: ${error.detail})`);
      }
      await work.ports.clock.sleep(1_000 * attempt, work.deadline.signal);
    }
  }
}

function names(what: string, objects: ReadonlyArray<{ readonly name: string }>): string {
  const shown = objects.slice(0, NAMES_IN_MESSAGE).map((object) => `"${object.name}"`).join(', ');
  const more = objects.length - NAMES_IN_MESSAGE;
  return `${what}${objects.length === 1 ? '' : 's'} ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
