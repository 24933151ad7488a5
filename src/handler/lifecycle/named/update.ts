import { overwrittenByOlderPut } from './cancelled-update';
import { createNamed } from './create';
import { Change, NamedKind, Target } from './kind';
import { nameOf, outcome } from './naming';
import { deleteOrphanedReplacement, replacedObject, supersededError, undoIfSuperseded } from './replacement';
import { updateInPlace } from './update-in-place';
import { Label } from '../../../contract/labels';
import { parsePhysicalId } from '../../../contract/physical-id';
import { UserError } from '../../errors';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { isSuperseded, readMarks } from '../marks';
import { differOnlyInChecks, revisionOf, stableJson } from '../properties';

/**
 * State decides, not the event's old properties: a rollback swaps those, with the old id after a failed replacement and
 * with the new one after a replacement that worked and was followed by another failure.
 */
export async function updateNamed(kind: NamedKind, context: LifecycleContext): Promise<Outcome> {
  const { ResourceProperties, OldResourceProperties, PhysicalResourceId } = context.event;
  const properties = kind.parse(ResourceProperties, OldResourceProperties);
  const current = await currentObject(kind, context);
  const change: Change = { kind, context, properties, desired: await kind.prepare(context, properties) };
  if (!current) { return replace(change, undefined); }
  const target: Target = { object: current, physicalId: PhysicalResourceId! };
  if (isCheckedOnly(context, current)) {
    await kind.prove?.(context, change.desired, current);
    return outcome(target.physicalId, current.id, nameOf(properties, parsePhysicalId(target.physicalId)!.tail));
  }
  if (canChangeInPlace(change, current)) {
    const updated = await lookAgainIfRefused(change, current, async () => updateAndCleanUp(change, target));
    if (updated) { return updated; }
    context.reportFound('gone');
  }
  return replace(change, current);
}

/**
 * The object of the event's id, if it exists and is still this resource's. Reports what is found, for a rollback that
 * fails.
 */
async function currentObject(kind: NamedKind, context: LifecycleContext): Promise<ZenmlObject | undefined> {
  const { event, session } = context;
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (id?.kind !== kind.kind) { return undefined; }
  const object = await kind.get(context, id.uuid);
  const isSameServer = id.serverId === session.serverId;
  if (!object) {
    // A server created anew at the same URL has another id, and the object went with the old one.
    if (isSameServer || event.OldResourceProperties.ServerUrl === event.ResourceProperties.ServerUrl) {
      context.reportFound('gone');
    }
    return undefined;
  }
  const { owner, stack, revision } = readMarks(context, object);
  // The uuid of another server means nothing here, unless the labels say that this server is that one with another id
  // (a restored backup).
  if (!isSameServer && owner !== 'this resource') { return undefined; }
  if (owner === 'another') {
    context.reportFound('adopted by another');
    throw new UserError(
      'CZ348',
      `the ${kind.what} "${object.name}" was adopted by a resource of CloudFormation stack ${stack}: remove it from this stack's template, `
        + 'or adopt it back (a new construct with its name and adoptExisting)',
    );
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

/**
 * An immutable property that the template does not change can only differ because somebody edited the object: it is
 * written back.
 */
function canChangeInPlace({ kind, context, desired }: Change, current: ZenmlObject): boolean {
  const { ResourceProperties: now, OldResourceProperties: old } = context.event;
  return kind.immutableDifferences(current, desired).length === 0
    || stableJson(kind.immutableProperties(old)) === stableJson(kind.immutableProperties(now));
}

async function updateAndCleanUp(change: Change, target: Target): Promise<Outcome | undefined> {
  const { kind, context } = change;
  const updated = await updateInPlace(change, target);
  if (!updated) { return undefined; }
  await deleteOrphanedReplacement(kind, context, target.object);
  const overwritten = await overwrittenByOlderPut(kind, context, target.object);
  return (overwritten && await updateInPlace(change, { ...target, object: overwritten })) ?? updated;
}

/**
 * A rollback that cannot write ends well if the object is as wanted already. A look-up that has shown it so may have
 * lagged behind the Update, so the handler looks again for as long as that can be.
 */
async function lookAgainIfRefused<T>(
  { kind, context }: Change,
  current: ZenmlObject,
  update: () => Promise<T>,
): Promise<T> {
  try {
    return await update();
  } catch (error) {
    const wanted = revisionOf(context.event.ResourceProperties);
    const mayLag =
      readMarks(context, current).revision === wanted
      && !context.revertsEndedUpdate
      && (await context.phase()) === 'rollback';
    if (mayLag && (await isSeenToDiffer(kind, context, current.id, wanted))) {
      context.reportFound(undefined);
    }
    throw error;
  }
}

async function isSeenToDiffer(
  kind: NamedKind,
  context: LifecycleContext,
  id: string,
  wanted: string,
): Promise<boolean> {
  try {
    return (
      (await untilSeen(context, async () => {
        const now = await kind.get(context, id);
        return now && readMarks(context, now).revision !== wanted ? true : undefined;
      })) ?? false
    );
  } catch (error) {
    // The server cannot be reached: what was seen counts, as far as `judgeFailedUpdate` believes it.
    if (error instanceof UserError) {
      return false;
    }
    throw error;
  }
}

/** Goes back to the object that a replacement has replaced, or creates a new one. */
async function replace(change: Change, current: ZenmlObject | undefined): Promise<Outcome> {
  const { kind, context, properties, desired } = change;
  const replaced = await replacedObject(kind, context, current, desired);
  const updated = replaced && await goBack(change, replaced);
  if (updated) { return updated; }
  if (current && properties.Name !== undefined && current.name === properties.Name) {
    throw new UserError(
      'CZ352',
      `the ${kind.immutableDifferences(current, desired).join(', ')} of ${kind.what} "${current.name}" cannot change in place and the new object needs another name: `
        + 'change the name too (or leave it out)',
    );
  }
  const began = context.ports.clock.now();
  const created = await createNamed(change, current && context.event.PhysicalResourceId);
  await undoIfSuperseded(kind, context, created, began);
  if (!current) { await deleteOrphanedReplacement(kind, context, undefined, created); }
  return created;
}

/**
 * A replaced object that still is as these properties want it needs no write: a refused one must not stop the rollback.
 */
async function goBack(change: Change, replaced: Target): Promise<Outcome | undefined> {
  const { kind, context } = change;
  const { object, physicalId } = replaced;
  // The adoption counts from now on: an event that CloudFormation issued before this Update is about an earlier
  // adoption.
  const extraLabels: Record<string, string> = context.issuedAt ? { [Label.ISSUED_AT]: context.issuedAt } : {};
  try {
    return await updateInPlace(change, replaced, extraLabels);
  } catch (error) {
    const { revision } = readMarks(context, object);
    if (!(error instanceof UserError) || revision !== revisionOf(context.event.ResourceProperties)) { throw error; }
    context.warn(
      'CZ401',
      `the ${kind.what} "${object.name}", which the update had replaced, is used again as it is: ${error.message}`,
    );
    return outcome(physicalId, object.id, object.name);
  }
}
