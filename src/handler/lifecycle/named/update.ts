import { overwrittenByOlderPut } from './cancelled-update';
import { createNamed } from './create';
import { NamedKind } from './kind';
import { nameOf, outcome } from './naming';
import { deleteOrphanedReplacement, replacedObject, supersededError, undoIfSuperseded } from './replacement';
import { updateInPlace } from './update-in-place';
import { Label } from '../../../contract/labels';
import { parsePhysicalId } from '../../../contract/physical-id';
import { NamedProperties } from '../../../contract/properties';
import { UserError } from '../../errors';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { isSuperseded, readMarks } from '../marks';
import { differOnlyInChecks, revisionOf, stableJson } from '../properties';

/**
 * State decides, not the event's old properties: a rollback swaps those, with the old id after a failed replacement and with the new one
 * after a replacement that worked and was followed by another failure.
 */
export async function updateNamed(kind: NamedKind, context: LifecycleContext): Promise<Outcome> {
  const { event } = context;
  const properties = kind.parse(event.ResourceProperties, event.OldResourceProperties);
  const current = await currentObject(kind, context);
  const desired = await kind.prepare(context, properties);
  if (current && isCheckedOnly(context, current)) {
    await kind.prove?.(context, desired, current);
    return outcome(event.PhysicalResourceId!, current.id, nameOf(properties, parsePhysicalId(event.PhysicalResourceId)!.tail));
  }
  if (current && canChangeInPlace(kind, context, current, desired)) {
    const updated = await lookAgainIfRefused(kind, context, current, async () => updateAndCleanUp(kind, context, current, properties, desired));
    if (updated) { return updated; }
    context.reportFound('gone');
  }
  return replace(kind, context, current, properties, desired);
}

/** The object of the event's id, if it exists and is still this resource's. Reports what is found, for a rollback that fails. */
async function currentObject(kind: NamedKind, context: LifecycleContext): Promise<ZenmlObject | undefined> {
  const { event, session } = context;
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (id?.kind !== kind.kind) { return undefined; }
  const object = await kind.get(context, id.uuid);
  const isSameServer = id.serverId === session.serverId;
  if (!object) {
    // A server created anew at the same URL has another id, and the object went with the old one.
    if (isSameServer || event.OldResourceProperties.ServerUrl === event.ResourceProperties.ServerUrl) { context.reportFound('gone'); }
    return undefined;
  }
  const { owner, stack, revision } = readMarks(context, object);
  // The uuid of another server means nothing here, unless the labels say that this server is that one with another id (a restored backup).
  if (!isSameServer && owner !== 'this resource') { return undefined; }
  if (owner === 'another') {
    context.reportFound('adopted by another');
    throw new UserError(`the ${kind.what} "${object.name}" was adopted by a resource of CloudFormation stack ${stack}: remove it from this stack's template, `
      + 'or adopt it back (a new construct with its name and adoptExisting)');
  }
  if (isSuperseded(context, object)) { throw supersededError(kind, context, object); }
  if (revision === revisionOf(event.ResourceProperties)) { context.reportFound('as wanted'); }
  return object;
}

/** The object is as wanted, and the template changes only what is to be checked: the object needs no write. */
function isCheckedOnly(context: LifecycleContext, current: ZenmlObject): boolean {
  const { ResourceProperties: now, OldResourceProperties: old } = context.event;
  return differOnlyInChecks(old, now) && readMarks(context, current).revision === revisionOf(now);
}

/** An immutable property that the template does not change can only differ because somebody edited the object: it is written back. */
function canChangeInPlace(kind: NamedKind, context: LifecycleContext, current: ZenmlObject, desired: unknown): boolean {
  const { ResourceProperties: now, OldResourceProperties: old } = context.event;
  return kind.immutableDifferences(current, desired).length === 0
    || stableJson(kind.immutableProperties(old)) === stableJson(kind.immutableProperties(now));
}

async function updateAndCleanUp(
  kind: NamedKind, context: LifecycleContext, current: ZenmlObject, properties: NamedProperties, desired: unknown,
): Promise<Outcome | undefined> {
  const physicalId = context.event.PhysicalResourceId!;
  const updated = await updateInPlace(kind, context, current, physicalId, properties, desired);
  if (!updated) { return undefined; }
  await deleteOrphanedReplacement(kind, context, current);
  const overwritten = await overwrittenByOlderPut(kind, context, current);
  return (overwritten && await updateInPlace(kind, context, overwritten, physicalId, properties, desired)) ?? updated;
}

/**
 * A rollback that cannot write ends well if the object is as wanted already. A look-up that has shown it so may have lagged behind the Update,
 * so the handler looks again for as long as that can be.
 */
async function lookAgainIfRefused<T>(kind: NamedKind, context: LifecycleContext, current: ZenmlObject, update: () => Promise<T>): Promise<T> {
  try {
    return await update();
  } catch (error) {
    const wanted = revisionOf(context.event.ResourceProperties);
    const mayLag = readMarks(context, current).revision === wanted && !context.revertsEndedUpdate && await context.phase() === 'rollback';
    if (mayLag && await isSeenToDiffer(kind, context, current.id, wanted)) { context.reportFound(undefined); }
    throw error;
  }
}

async function isSeenToDiffer(kind: NamedKind, context: LifecycleContext, id: string, wanted: string): Promise<boolean> {
  try {
    return await untilSeen(context, async () => {
      const now = await kind.get(context, id);
      return now && readMarks(context, now).revision !== wanted ? true : undefined;
    }) ?? false;
  } catch (error) {
    // The server cannot be reached: what was seen counts.
    if (error instanceof UserError) { return false; }
    throw error;
  }
}

/** Goes back to the object that a replacement has replaced, or creates a new one. */
async function replace(
  kind: NamedKind, context: LifecycleContext, current: ZenmlObject | undefined, properties: NamedProperties, desired: unknown,
): Promise<Outcome> {
  const replaced = await replacedObject(kind, context, current, desired);
  if (replaced) {
    // It counts as of now: what CloudFormation issued before this Update is not about this life of it.
    const extra: Record<string, string> = context.issuedAt ? { [Label.ISSUED_AT]: context.issuedAt } : {};
    const updated = await goBack(kind, context, replaced, async () =>
      updateInPlace(kind, context, replaced.object, replaced.physicalId, properties, desired, extra));
    if (updated) { return updated; }
  }
  if (current && properties.Name !== undefined && current.name === properties.Name) {
    throw new UserError(`the ${kind.immutableDifferences(current, desired).join(', ')} of ${kind.what} "${current.name}" cannot change in place and the new object needs another name: `
      + 'change the name too (or leave it out)');
  }
  const began = context.ports.clock.now();
  const created = await createNamed(kind, context, properties, desired, current && context.event.PhysicalResourceId);
  await undoIfSuperseded(kind, context, created, began);
  if (!current) { await deleteOrphanedReplacement(kind, context, undefined, created); }
  return created;
}

/** A replaced object that still is as these properties want it needs no write: a refused one must not stop the rollback. */
async function goBack(
  kind: NamedKind, context: LifecycleContext, { object, physicalId }: { object: ZenmlObject; physicalId: string },
  update: () => Promise<Outcome | undefined>,
): Promise<Outcome | undefined> {
  try {
    return await update();
  } catch (error) {
    const { revision } = readMarks(context, object);
    if (!(error instanceof UserError) || revision !== revisionOf(context.event.ResourceProperties)) { throw error; }
    context.warn(`the ${kind.what} "${object.name}", which the update had replaced, is used again as it is: ${error.message}`);
    return outcome(physicalId, object.id, object.name);
  }
}
