import { giveBack, giveBackUnknown } from './give-back';
import { NamedKind, Target } from './kind';
import { newPhysicalId, suffixOf } from './naming';
import { parsePhysicalId } from '../../../contract/physical-id';
import { isLater } from '../../cloudformation/issued-at';
import { UserError } from '../../errors';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { isCreatedByThisResource, isSuperseded, mostRecent, readMarks } from '../marks';
import { revisionOf, stableJson, textOf } from '../properties';

/**
 * An Update that replaces an object creates the new one first, and CloudFormation may never learn of it: the Update can
 * crash or be cancelled. Its rollback runs either after or before the new object is created; whichever of the two runs
 * second cleans up. Both are best effort and touch only what has this resource's marks.
 */

/** The refusal of an event that a newer one has superseded. */
export function supersededError(
  kind: { readonly what: string },
  context: LifecycleContext,
  object: ZenmlObject,
): UserError {
  const { appliedAt, issuedAt } = readMarks(context, object);
  return new UserError(
    'CZ349',
    `the ${kind.what} "${object.name}" was created or changed by a later request for this resource (${appliedAt ?? issuedAt}): `
      + 'this event arrived too late and is not applied',
  );
}

/** CloudFormation issues no other request for a resource so soon, in milliseconds. */
const ALONE_MS = 5_000;

/**
 * Whether so much time has passed since CloudFormation issued this event, or since `began`, that it may have cancelled
 * it.
 */
export function hasWaited(context: LifecycleContext, began: number): boolean {
  const now = context.ports.clock.now();
  return now - Math.min(began, context.issuedAt ? Date.parse(context.issuedAt) : began) > ALONE_MS;
}

/** Ends a request that has waited, if CloudFormation has cancelled it meanwhile: nothing has been written yet. */
export async function requireNotCancelled(context: LifecycleContext): Promise<void> {
  if (await context.isCancelled()) { throw cancelledError(); }
}

export function cancelledError(): UserError {
  return new UserError(
    'CZ349',
    'CloudFormation has cancelled this request, because another resource failed: it is not applied',
  );
}

/** The object to go back to when a replacement is rolled back, with the physical id that it had. */
export async function replacedObject(
  kind: NamedKind, context: LifecycleContext, current: ZenmlObject | undefined, desired: unknown,
): Promise<Target | undefined> {
  // What an earlier deployment has left is used again only by a rollback, or where it has the explicit name that is
  // wanted.
  const isKnown = parsePhysicalId(context.event.PhysicalResourceId)?.kind === kind.kind;
  if (
    isKnown
    && textOf(context.event.ResourceProperties, 'Name') === undefined
    && (await context.phase()) === 'forward'
  ) {
    return undefined;
  }
  const fits = (object: ZenmlObject) => kind.immutableDifferences(object, desired).length === 0;
  const before = await context.physicalIdBefore();
  const replaces = parsePhysicalId(before) ? before : current && readMarks(context, current).replaces;
  const id = parsePhysicalId(replaces);
  if (replaces && id?.kind === kind.kind && id.uuid !== current?.id && id.serverId === context.session.serverId) {
    const object = await kind.get(context, id.uuid);
    // Whoever owns it in ZenML, and whatever became of its labels: the service account may have changed, and people
    // edit labels.
    if (object && readMarks(context, object).owner !== 'another') { return { object, physicalId: replaces }; }
  }
  const candidates = (await kind.candidates(context, context.event.ResourceProperties))
    .filter((object) => object.id !== current?.id && isCreatedByThisResource(context, object) && fits(object));
  // Of several (retained ones of earlier deployments) the most recent is the one that the last replacement left.
  const object = mostRecent(context, candidates);
  if (!object) { return undefined; }
  const tail = suffixOf({ ...context.event, RequestId: String(readMarks(context, object).request) });
  const isAdopted = readMarks(context, object).found !== undefined;
  return { object, physicalId: newPhysicalId(context, kind, object.id, isAdopted).replace(/[0-9a-f]{6}$/, tail) };
}

/**
 * The rollback runs after the Update has created its object: deletes that. `kept` is the old object; where somebody has
 * deleted that, the Update has created another one whatever it had changed, and `created` is the one that this event
 * has created. In a rollback the look-up may not show the object yet, so it is repeated, unless this process knows that
 * the Update had ended.
 */
export async function deleteOrphanedReplacement(
  kind: NamedKind, context: LifecycleContext, kept: ZenmlObject | undefined, created?: Outcome,
): Promise<void> {
  const { OldResourceProperties: old, ResourceProperties: now, PhysicalResourceId } = context.event;
  const isReplaced = stableJson(kind.immutableProperties(old)) !== stableJson(kind.immutableProperties(now));
  try {
    const there = await whereOrphanMayBe(context, isReplaced || !kept);
    if (!there) { return; }
    // CloudFormation deletes the one that it knows.
    const known = [kept?.id, created?.id, parsePhysicalId(PhysicalResourceId)?.uuid];
    let others: readonly ZenmlObject[] = [];
    const look = async () => {
      const unknown = (await kind.candidates(there, now)).filter(
        (object) => !known.includes(object.id) && isCreatedByThisResource(there, object),
      );
      const orphans = unknown.filter((object) => isFromUpdateBefore(context, kept, object));
      others = unknown.filter((object) => !orphans.includes(object) && readMarks(there, object).found === undefined);
      for (const object of orphans) {
        await kind.remove(there, object);
        context.log(`deleted ${object.id}, which a failed replacement had left`);
      }
      await giveBackUnknown(kind, there, old, known);
      return orphans.length > 0 ? true : undefined;
    };
    const mayLag = !context.revertsEndedUpdate && await context.phase() !== 'forward';
    await (mayLag ? untilSeen(there, look) : look());
    // A kept object's earlier replacements were retained on purpose. Where the object is gone, a restored backup may
    // have brought others back.
    for (const { name, id } of kept ? [] : others) {
      context.warn(
        'CZ404',
        `${kind.what} "${name}" (${id}) has the labels of this resource, and CloudFormation does not know it (it was retained, or a restored backup has it): `
          + 'if it is not in use, delete it in ZenML',
      );
    }
  } catch (error) {
    context.warn(
      'CZ404',
      `a failed replacement may have left an object: ${error instanceof UserError ? error.message : 'unexpected failure'}`,
    );
  }
}

/**
 * The other server of an Update that had moved the object, else this one where the Update may have created another
 * object; undefined: nowhere.
 */
async function whereOrphanMayBe(
  context: LifecycleContext,
  mayBeOnThisServer: boolean,
): Promise<LifecycleContext | undefined> {
  const { OldResourceProperties: old, ResourceProperties: now } = context.event;
  const before = textOf(old, 'ServerBinding');
  const other =
    before !== undefined && before !== textOf(now, 'ServerBinding') ? await context.onServerOf(before) : undefined;
  if (other && other.session.serverId !== context.session.serverId) {
    return other;
  }
  return mayBeOnThisServer ? context : undefined;
}

/**
 * Not older than the kept object and not younger than this event: only the Update in between can have created it. Or it
 * is as that one wanted it.
 */
function isFromUpdateBefore(context: LifecycleContext, kept: ZenmlObject | undefined, object: ZenmlObject): boolean {
  const { issuedAt, revision, found } = readMarks(context, object);
  if (
    found !== undefined
    || issuedAt === undefined
    || context.issuedAt === undefined
    || isLater(issuedAt, context.issuedAt)
  ) {
    return false;
  }
  return kept
    ? !isLater(readMarks(context, kept).issuedAt, issuedAt)
    : revision === revisionOf(context.event.OldResourceProperties);
}

/**
 * The rollback has run before the Update has created its object: the old object or CloudFormation says so, and the
 * Update deletes its own again.
 */
export async function undoIfSuperseded(
  kind: NamedKind,
  context: LifecycleContext,
  created: Outcome,
  began: number,
): Promise<void> {
  // CloudFormation issues no other request for this resource so soon; a rollback that comes later deletes the object
  // itself.
  if (!hasWaited(context, began)) {
    return;
  }
  const old = await supersededObject(kind, context);
  if (!old && !(await context.isCancelled())) {
    return;
  }
  const object = await kind.get(context, created.id);
  if (parsePhysicalId(created.physicalId)?.adopted) {
    if (object) {
      await giveBack(kind, context, object, readMarks(context, object).found);
    }
  } else if (!object) {
    await kind.removeById(context, created.id);
  } else if (readMarks(context, object).owner !== 'another') {
    await kind.remove(context, object);
  }
  throw old ? supersededError(kind, context, old) : cancelledError();
}

async function supersededObject(kind: NamedKind, context: LifecycleContext): Promise<ZenmlObject | undefined> {
  const id = parsePhysicalId(context.event.PhysicalResourceId);
  if (id?.kind !== kind.kind) { return undefined; }
  const before = textOf(context.event.OldResourceProperties, 'ServerBinding');
  try {
    const there = id.serverId === context.session.serverId ? context : before && await context.onServerOf(before);
    if (!there || there.session.serverId !== id.serverId) { return undefined; }
    // Where somebody has deleted the old object, the rollback has created another.
    const old = await kind.get(there, id.uuid);
    const standing = old
      ? [old]
      : (await kind.candidates(there, context.event.OldResourceProperties)).filter((object) =>
        isCreatedByThisResource(there, object),
      );
    return standing.find((object) => isSuperseded(there, object));
  } catch (error) {
    // The old server may be the reason for the move.
    if (error instanceof UserError) { return undefined; }
    throw error;
  }
}
