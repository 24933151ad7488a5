import { foundNow } from './give-back';
import { NamedKind } from './kind';
import { missingReference } from './missing-reference';
import { nameOf, outcome } from './naming';
import { hasWaited, requireNotCancelled, supersededError } from './replacement';
import { Label } from '../../../contract/labels';
import { parsePhysicalId } from '../../../contract/physical-id';
import { NamedProperties } from '../../../contract/properties';
import { UserError, ZenmlError } from '../../errors';
import { areAlike, ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { creationLabels, isSuperseded, ownerLabels, preservedLabels, readMarks } from '../marks';
import { revisionOf } from '../properties';

/** A verification that took longer than this has waited for AWS, in milliseconds. */
const QUICK_MS = 1_000;

/** Brings an object to the desired state. Undefined when it no longer exists. `extra`: labels to set besides. */
export async function updateInPlace(
  kind: NamedKind, context: LifecycleContext, object: ZenmlObject, physicalId: string, properties: NamedProperties, desired: unknown,
  extra: Readonly<Record<string, string>> = {},
): Promise<Outcome | undefined> {
  const name = nameOf(properties, parsePhysicalId(physicalId)!.tail);
  const revision = revisionOf(context.event.ResourceProperties);
  const isAsWanted = readMarks(context, object).revision === revision;
  const began = context.ports.clock.now();
  try {
    await kind.verify(context, desired, name, isAsWanted);
  } catch (error) {
    // A rollback must not fail over a fault in AWS that it did not cause and cannot repair: often the fault is why the update was made.
    if (!(error instanceof UserError) || (!isAsWanted && await context.phase() !== 'rollback')) { throw error; }
    if (isAsWanted) { context.log(`not verified: ${error.message}`); } else { context.warn(`rolled back without verification: ${error.message}`); }
  }
  await kind.prove?.(context, desired, object);

  let current = object;
  let look = context.ports.clock.now() - began > QUICK_MS;
  // CloudFormation may have cancelled this Update while it waited, and other people may have changed the labels.
  const refreshed = async () => {
    if (look) {
      current = await kind.get(context, object.id) ?? current;
      if (isSuperseded(context, current)) { throw supersededError(kind, context, current); }
    }
    if (look || hasWaited(context, began)) { await requireNotCancelled(context); }
    look = true;
    return current;
  };
  const labels = async (now: ZenmlObject, as: string) => {
    const preserved = preservedLabels(now, context.event.OldResourceProperties.Labels);
    const found = await foundNow(kind, context, now, desired);
    return {
      ...(preserved[Label.REQUEST] === undefined ? creationLabels(context) : {}),
      ...preserved,
      ...(found && { [Label.FOUND]: found }),
      ...extra,
      ...properties.Labels,
      ...ownerLabels(context, as, revision),
    };
  };
  const put = async (as: string) => kind.put(context, object.id, desired, async () => ({ name: as, labels: await labels(await refreshed(), as) }));
  try {
    await put(name);
  } catch (error) {
    if (!(error instanceof ZenmlError) || !(error.isMissing || error.status === 409)) { throw error; }
    if (error.isMissing) {
      if (await kind.get(context, object.id) !== undefined) { throw missingReference(kind, error) ?? error; }
      return undefined;
    }
    return updateUnderOtherName(kind, context, current, name, physicalId, put, revision);
  }
  return outcome(physicalId, object.id, name);
}

/** The server says that the name is taken. */
async function updateUnderOtherName(
  kind: NamedKind, context: LifecycleContext, current: ZenmlObject, name: string, physicalId: string,
  put: (as: string) => Promise<unknown>, revision: string,
): Promise<Outcome> {
  if (current.name !== name && areAlike(current.name, name)) {
    // A server that ignores case counts the object itself as the one that has the name: by way of another name it is free.
    await put(`${name.slice(0, 200)}-renamed-${revision}`);
    await put(name);
    return outcome(physicalId, current.id, name);
  }
  if (current.name !== name && await context.phase() === 'rollback') {
    // Somebody has renamed the object and taken its name. A rollback must not fail over that.
    context.warn(`the ${kind.what} keeps the name "${current.name}", because "${name}" is taken: rename or delete the other one, then change refreshToken`);
    await put(current.name);
    return outcome(physicalId, current.id, current.name);
  }
  throw new UserError(`ZenML already has a ${kind.what} named "${name}": choose another name, or rename or delete that one in ZenML`);
}
