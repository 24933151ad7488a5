import { ComponentReference, Reference } from '../../../contract/properties';
import { MissingReferenceError, UserError } from '../../errors';
import { ServiceConnector } from '../../zenml/service-connectors';
import { StackComponent } from '../../zenml/stack-components';
import { Stack } from '../../zenml/stacks';
import { LifecycleContext } from '../context';

/** The component's id. One given by id is left to the server to find. */
export async function componentId(context: LifecycleContext, reference: ComponentReference): Promise<string> {
  if (reference.Id !== undefined) { return reference.Id; }
  const found = await context.zenml.components.byName(reference.ComponentType, reference.Name!);
  return exactlyOne(context, found, wordOf(reference), reference.Name!).id;
}

/** The components' ids, in the order of the references. Several of one name (`default`) are looked up with one list. */
export async function componentIds(
  context: LifecycleContext,
  references: readonly ComponentReference[],
): Promise<string[]> {
  const names = references.flatMap(({ Name }) => (Name === undefined ? [] : [Name]));
  const lists = new Map<string, StackComponent[]>();
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
    lists.set(name, await context.zenml.components.byNameOfAnyType(name));
  }
  const ids: string[] = [];
  for (const reference of references) {
    const found = lists.get(reference.Name ?? '')?.filter(({ type }) => type === reference.ComponentType);
    ids.push(
      found ? exactlyOne(context, found, wordOf(reference), reference.Name!).id : await componentId(context, reference),
    );
  }
  return ids;
}

function wordOf({ ComponentType }: ComponentReference): string {
  return ComponentType.replace(/_/g, ' ');
}

export async function connector(context: LifecycleContext, reference: Reference): Promise<ServiceConnector> {
  if (reference.Id === undefined) {
    return exactlyOne(
      context,
      await context.zenml.connectors.byName(reference.Name!),
      'service connector',
      reference.Name!,
    );
  }
  return await context.zenml.connectors.get(reference.Id) ?? missing(context, 'service connector', reference.Id);
}

/**
 * The UUIDs of secrets, by name. They are looked up, because ZenML drops a PUT that adds a secret which the object has
 * already, and shows UUIDs only.
 */
export async function secretIds(context: LifecycleContext, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const { id, isPrivate } = exactlyOne(context, await context.zenml.secrets.byName(name), 'secret', name);
    if (isPrivate) {
      throw new UserError(
        'CZ354',
        `secret "${name}" at ${context.session.url} is private, so pipelines of others could not read it: `
          + `make it public (zenml secret update ${name} --private=false), or name another one`,
      );
    }
    ids.push(id);
  }
  return ids;
}

export async function stack(context: LifecycleContext, reference: Reference): Promise<Stack> {
  if (reference.Id === undefined) {
    return exactlyOne(context, await context.zenml.stacks.byName(reference.Name!), 'stack', reference.Name!);
  }
  return await context.zenml.stacks.get(reference.Id) ?? missing(context, 'stack', reference.Id);
}

function exactlyOne<T>(context: LifecycleContext, found: readonly T[], what: string, name: string): T {
  if (found.length > 1) {
    throw new UserError(
      'CZ344',
      `there are ${found.length} objects (${what}) named "${name}" at ${context.session.url}: refer to one by its id`,
    );
  }
  return found[0] ?? missing(context, what, name);
}

function missing(context: LifecycleContext, what: string, name: string): never {
  throw new MissingReferenceError(
    'CZ343',
    `there is no ${what} "${name}" at ${context.session.url} that this account can see: create it first or correct the reference`,
  );
}
