import { Work } from './work';
import { ComponentReference, Reference } from '../../contract/properties';
import { UserError } from '../errors';
import { ServiceConnector } from '../zenml/service-connectors';
import { Stack } from '../zenml/stacks';

/** The component's id. One given by id is left to the server to find. */
export async function componentId(work: Work, reference: ComponentReference): Promise<string> {
  if (reference.Id !== undefined) { return reference.Id; }
  const found = await work.zenml.components.byName(reference.ComponentType, reference.Name!);
  return exactlyOne(work, found, reference.ComponentType.replace(/_/g, ' '), reference.Name!).id;
}

export async function connector(work: Work, reference: Reference): Promise<ServiceConnector> {
  if (reference.Id === undefined) {
    return exactlyOne(work, await work.zenml.connectors.byName(reference.Name!), 'service connector', reference.Name!);
  }
  return await work.zenml.connectors.get(reference.Id) ?? missing(work, 'service connector', reference.Id);
}

export async function stack(work: Work, reference: Reference): Promise<Stack> {
  if (reference.Id === undefined) {
    return exactlyOne(work, await work.zenml.stacks.byName(reference.Name!), 'stack', reference.Name!);
  }
  return await work.zenml.stacks.get(reference.Id) ?? missing(work, 'stack', reference.Id);
}

function exactlyOne<T>(work: Work, found: readonly T[], what: string, name: string): T {
  if (found.length > 1) { throw new UserError(`there are ${found.length} objects (${what}) named "${name}" at ${work.session.url}: refer to one by its id`); }
  return found[0] ?? missing(work, what, name);
}

function missing(work: Work, what: string, name: string): never {
  throw new UserError(`there is no ${what} "${name}" at ${work.session.url} that this account can see: create it first or correct the reference`);
}
