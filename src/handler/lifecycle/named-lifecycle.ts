import { createHash } from 'node:crypto';
import { postOnce } from './create-once';
import { deleteNamed } from './named-delete';
import { NamedKind } from './named-kind';
import { nameOf, tailOf } from './naming';
import { birthLabels, isNewerThanEvent, isOurs, isOvertaken, keptLabels, namesAnother, newest, ownerLabels, single } from './ownership';
import { stableJson, withoutBehaviour } from './properties';
import { late, sweepFailedReplacement, undoWhenOvertaken } from './replacement';
import { Lifecycle, Outcome, Work } from './work';
import { Label } from '../../contract/labels';
import { formatPhysicalId, parsePhysicalId } from '../../contract/physical-id';
import { NamedProperties } from '../../contract/properties';
import { UserError, ZenmlError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

/** A verification that took longer has waited, in milliseconds. */
const QUICK_MS = 1_000;

/** The lifecycle that connectors, components and stacks share. */
export function namedLifecycle<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>): Lifecycle {
  return {
    create: async (work) => {
      const properties = kind.parse(work.event.ResourceProperties);
      return createFresh(kind, work, properties, await kind.prepare(work, properties));
    },
    update: async (work) => update(kind, work),
    delete: async (work) => deleteNamed(kind, work),
  };
}

/** Verify, then make the object under a name of this very request. */
async function createFresh<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, properties: P, desired: D,
): Promise<Outcome> {
  const tail = tailOf(work.event);
  const name = nameOf(properties, tail);
  const labels = { ...properties.Labels, ...birthLabels(work), ...ownerLabels(work, name, revisionOf(work)) };
  const made = (object: O) => outcome(kind, work, object.id, tail, name);

  const isThisRequests = (object: O) => isOurs(work, object) && object.labels[Label.REQUEST] === work.event.RequestId;
  await kind.verify(work, desired, name, false);
  const posted = await postOnce(
    work,
    async () => kind.post(work, desired, name, labels),
    async () => single(await kind.byName(work, desired, name), isThisRequests),
  );
  if (posted) {
    work.made(made(posted).physicalId);
    return made(posted);
  }

  // The name is taken: by an earlier delivery of this event, by an earlier life of this resource, or by somebody else.
  const existing = await kind.byName(work, desired, name);
  const own = single(existing, (object) => isOurs(work, object));
  if (own && isThisRequests(own)) {
    work.made(made(own).physicalId);
    return made(own);
  }
  if (own && isNewerThanEvent(work, own)) {
    throw new UserError(`the ${kind.what} "${name}" was made by a later request for this resource: this event came late and changes nothing`);
  }
  const adopted = own ? undefined : adoptable(kind, properties, existing, name);
  const taken = own ?? adopted!;
  const differences = kind.differences(taken, desired);
  if (differences.length > 0) {
    throw new UserError(`the existing ${kind.what} "${name}" cannot be used: its ${differences.join(', ')} differs and cannot change in place; `
      + 'choose another name or delete it');
  }
  // Not `made` before the PUT: without our labels on it, CloudFormation's Delete after a failure must leave the object alone.
  await kind.put(work, taken.id, desired, name, {
    ...keptLabels(taken, {}), ...labels, ...(adopted || taken.labels[Label.ADOPTED] === 'true' ? { [Label.ADOPTED]: 'true' } : {}),
  });
  work.note(adopted ? 'adopted' : 'took up again');
  return made(taken);
}

function adoptable<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, properties: P, existing: O[], name: string): O {
  const found = single(existing, () => true);
  if (properties.AdoptExisting === 'true' && found) { return found; }
  throw new UserError(`a ${kind.what} named "${name}" exists already in ZenML and is not ours: choose another name, delete it, or set adoptExisting`
    + `${properties.AdoptExisting === 'true' ? ' (it is set, but this account cannot see exactly one such object)' : ''}`);
}

/**
 * State decides, not the event's old properties: a rollback swaps those, with the old id after a failed replacement and with the new one
 * after a replacement that worked and was followed by another failure.
 */
async function update<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, work: Work): Promise<Outcome> {
  const { event } = work;
  const properties = kind.parse(event.ResourceProperties);
  const id = parsePhysicalId(event.PhysicalResourceId);
  const current = id && id.kind === kind.kind && id.serverId === work.session.serverId ? await kind.get(work, id.uuid) : undefined;
  const own = current && !namesAnother(work, current) ? current : undefined;
  if (own && isOvertaken(work, own)) { throw late(kind, own); }
  let desired: D;
  try {
    desired = await kind.prepare(work, properties);
  } catch (error) {
    // A rollback to what is there already must not fail over a reference that went away in the meantime: nobody could get out of that.
    if (!id || !own || own.labels[Label.REVISION] !== revisionOf(work) || !(error instanceof UserError)) { throw error; }
    work.note(`unchanged, though not checked: ${error.message}`);
    return outcome(kind, work, own.id, id.tail, nameOf(properties, id.tail));
  }

  if (id && own && kind.differences(own, desired).length === 0) {
    const done = await putInPlace(kind, work, own, id.tail, properties, desired, {});
    if (done) {
      await sweepFailedReplacement(kind, work, own);
      return done;
    }
    // Gone between the GET and the PUT: as if it had not been there.
  } else {
    // Of several (kept ones of earlier lives) the youngest is the one that the last replacement left.
    const earlier = newest((await kind.candidates(work, event.ResourceProperties)).filter(
      (object) => object.id !== current?.id && kind.differences(object, desired).length === 0,
    ));
    if (earlier) {
      const tail = tailOf({ ...event, RequestId: String(earlier.labels[Label.REQUEST]) });
      // It counts as of now: what CloudFormation sent before this Update is not about this life of it.
      const done = await putInPlace(kind, work, earlier, tail, properties, desired, work.issuedAt ? { [Label.ISSUED_AT]: work.issuedAt } : {});
      if (done) { return done; }
    }
    if (own && properties.Name !== undefined && own.name === properties.Name) {
      throw new UserError(`the ${kind.differences(own, desired).join(', ')} of ${kind.what} "${own.name}" cannot change in place and the new object needs another name: `
        + 'change the name too (or leave it out)');
    }
  }
  const fresh = await createFresh(kind, work, properties, desired);
  await undoWhenOvertaken(kind, work, fresh);
  return fresh;
}

/** Undefined when the object is not there any more. */
async function putInPlace<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, object: O, tail: string, properties: P, desired: D, extra: Readonly<Record<string, string>>,
): Promise<Outcome | undefined> {
  const name = nameOf(properties, tail);
  const revision = revisionOf(work);
  const applied = object.labels[Label.REVISION] === revision;
  const began = work.ports.clock.now();
  try {
    await kind.verify(work, desired, name, applied);
  } catch (error) {
    // What is desired is what was applied last: a rollback, say. Failing it would lock the CloudFormation stack over a fault in AWS that
    // this request did not make and cannot mend.
    if (!applied || !(error instanceof UserError)) { throw error; }
    work.note(`unchanged, though not verified: ${error.message}`);
  }
  // CloudFormation may have called this Update off while it waited for AWS, and the rollback be through.
  const now = work.ports.clock.now() - began > QUICK_MS ? await kind.get(work, object.id) : undefined;
  if (now && isOvertaken(work, now)) { throw late(kind, now); }
  const kept = keptLabels(object, work.event.OldResourceProperties.Labels);
  try {
    await kind.put(work, object.id, desired, name, {
      ...(kept[Label.REQUEST] === undefined ? birthLabels(work) : {}), ...kept, ...extra, ...properties.Labels, ...ownerLabels(work, name, revision),
    });
  } catch (error) {
    if (!(error instanceof ZenmlError)) { throw error; }
    if (error.status === 404 && await kind.get(work, object.id) === undefined) { return undefined; }
    if (error.status === 409) {
      throw new UserError(`a ${kind.what} named "${name}" exists already in ZenML: choose another name or delete it; nothing was changed`);
    }
    throw error;
  }
  return outcome(kind, work, object.id, tail, name);
}

function outcome(kind: { kind: NamedKind<never, never, never>['kind'] }, work: Work, uuid: string, tail: string, name: string): Outcome {
  return { physicalId: formatPhysicalId({ kind: kind.kind, serverId: work.session.serverId, uuid, tail }), id: uuid, name };
}

/** Digest of what was asked for, without what only says how a Delete behaves. */
function revisionOf(work: Work): string {
  return createHash('sha256').update(stableJson(withoutBehaviour(work.event.ResourceProperties))).digest('hex').slice(0, 16);
}
