import { isUuid } from '../../../contract/physical-id';
import { Stack } from '../../zenml/stacks';
import { LifecycleContext } from '../context';
import { record, textOf } from '../properties';

/** From properties that need not be complete. */
export async function componentOf(context: LifecycleContext, reference: unknown): Promise<string | undefined> {
  const raw = record(reference);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? id : undefined; }
  const type = textOf(raw, 'ComponentType');
  const name = textOf(raw, 'Name');
  if (!type || !name) { return undefined; }
  const found = await context.zenml.components.byName(type, name);
  return found.length === 1 ? found[0]!.id : undefined;
}

export async function stackOf(context: LifecycleContext, reference: unknown): Promise<Stack | undefined> {
  const raw = record(reference);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? context.zenml.stacks.get(id) : undefined; }
  const name = textOf(raw, 'Name');
  const found = name ? await context.zenml.stacks.byName(name) : [];
  return found.length === 1 ? found[0] : undefined;
}
