import { undoneByOlderPut } from './called-off';
import { createFresh } from './fresh';
import { putInPlace } from './in-place';
import { deleteNamed } from './named-delete';
import { NamedKind } from './named-kind';
import { nameOf, outcomeOf, tailOf } from './naming';
import { isOvertaken, namesAnother, newest } from './ownership';
import { revisionOf } from './properties';
import { late, sweepFailedReplacement, undoWhenOvertaken } from './replacement';
import { Lifecycle, Outcome, Work } from './work';
import { Label } from '../../contract/labels';
import { parsePhysicalId } from '../../contract/physical-id';
import { NamedProperties } from '../../contract/properties';
import { UserError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

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
    if (!id || !own || own.labels[Label.REVISION] !== revisionOf(event.ResourceProperties) || !(error instanceof UserError)) { throw error; }
    work.note(`unchanged, though not checked: ${error.message}`);
    return outcomeOf(kind, work, own.id, id.tail, nameOf(properties, id.tail));
  }

  if (id && own && kind.differences(own, desired).length === 0) {
    const done = await putInPlace(kind, work, own, id.tail, properties, desired, {});
    if (done) {
      await sweepFailedReplacement(kind, work, own);
      const undone = await undoneByOlderPut(kind, work, own);
      return (undone && await putInPlace(kind, work, undone, id.tail, properties, desired, {})) ?? done;
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
  if (!own) { await sweepFailedReplacement(kind, work, undefined); }
  return fresh;
}
