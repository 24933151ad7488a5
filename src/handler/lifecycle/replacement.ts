import { NamedKind } from './named-kind';
import { issuedAtOf, isOvertaken, namesAnother } from './ownership';
import { revisionOf, stableJson, textOf } from './properties';
import { Outcome, Work } from './work';
import { Label } from '../../contract/labels';
import { parsePhysicalId } from '../../contract/physical-id';
import { NamedProperties } from '../../contract/properties';
import { isLater } from '../cloudformation/issued-at';
import { UserError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

/**
 * An Update that replaces makes a second object beside the first, and CloudFormation does not always get to hear of it: the Update may
 * crash, or be called off while it works because another resource failed. The rollback then meets it in one of two orders, and each side
 * clears up in the order in which it comes second. Both are best effort and touch only what bears this resource's labels.
 */

/** The refusal of an event that a newer one has overtaken. */
export function late(kind: { readonly what: string }, object: ZenmlObject): UserError {
  return new UserError(`the ${kind.what} "${object.name}" was changed by a later request for this resource: this event came late and changes nothing`);
}

/** The rollback comes after the Update has made its object: removes that. `kept` is the old object, undefined if somebody has deleted it. */
export async function sweepFailedReplacement<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, kept: O | undefined,
): Promise<void> {
  const { event } = work;
  const before = textOf(event.OldResourceProperties, 'ServerBinding');
  const moved = before !== undefined && before !== textOf(event.ResourceProperties, 'ServerBinding');
  const replaced = stableJson(kind.fixedProperties(event.OldResourceProperties)) !== stableJson(kind.fixedProperties(event.ResourceProperties));
  if (!moved && !replaced) { return; }
  try {
    const other = moved ? await work.on(before) : undefined;
    const there = other && other.session.serverId !== work.session.serverId ? other : work;
    if (there === work && !replaced) { return; }
    // The one that CloudFormation knows is CloudFormation's to delete.
    const known = [kept?.id, parsePhysicalId(event.PhysicalResourceId)?.uuid];
    for (const object of await kind.candidates(there, event.ResourceProperties)) {
      if (known.includes(object.id) || object.labels[Label.ADOPTED] === 'true' || !isFromUpdateBefore(work, kept, object)) { continue; }
      await kind.remove(there, object);
      work.note(`removed ${object.id}, left by a failed replacement`);
    }
  } catch (error) {
    work.note(`left what a failed replacement made: ${error instanceof UserError ? error.message : 'unexpected failure'}`);
  }
}

/** Not older than what is kept, and not younger than this event: only the Update in between can have made it. Or it is as that one wanted it. */
function isFromUpdateBefore(work: Work, kept: ZenmlObject | undefined, object: ZenmlObject): boolean {
  const made = issuedAtOf(object);
  if (made === undefined || work.issuedAt === undefined || isLater(made, work.issuedAt)) { return false; }
  return kept ? !isLater(issuedAtOf(kept), made) : object.labels[Label.REVISION] === revisionOf(work.event.OldResourceProperties);
}

/** The rollback has come before the Update has made its object: the old object tells, and the Update takes its own away again. */
export async function undoWhenOvertaken<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, fresh: Outcome,
): Promise<void> {
  const old = await overtaken(kind, work);
  if (!old) { return; }
  const made = await kind.get(work, fresh.id);
  if (made && !namesAnother(work, made)) { await kind.remove(work, made); }
  throw late(kind, old);
}

async function overtaken<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, work: Work): Promise<O | undefined> {
  const id = parsePhysicalId(work.event.PhysicalResourceId);
  if (id?.kind !== kind.kind) { return undefined; }
  const before = textOf(work.event.OldResourceProperties, 'ServerBinding');
  try {
    const there = id.serverId === work.session.serverId ? work : before && await work.on(before);
    if (!there || there.session.serverId !== id.serverId) { return undefined; }
    // Where somebody has deleted the old object, the rollback has made another.
    const old = await kind.get(there, id.uuid);
    const standing = old ? [old] : await kind.candidates(there, work.event.OldResourceProperties);
    return standing.find((object) => isOvertaken(there, object));
  } catch (error) {
    // The old server may be the reason for the move.
    if (error instanceof UserError) { return undefined; }
    throw error;
  }
}
