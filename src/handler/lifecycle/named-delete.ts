import { untilCreateIsOver } from './late-create';
import { NamedKind } from './named-kind';
import { issuedAtOf, isNewerThanEvent, isOurs, namesAnother, newest, single } from './ownership';
import { isTrue } from './properties';
import { Work } from './work';
import { Label } from '../../contract/labels';
import { parseFailedId, parsePhysicalId } from '../../contract/physical-id';
import { NamedProperties } from '../../contract/properties';
import { isLater } from '../cloudformation/issued-at';
import { UserError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

/** What was made longer before a Delete with a made-up id was issued cannot come from the Create that this Delete is about. */
const CREATE_TO_DELETE_MAX_MS = 24 * 3_600_000;

export async function deleteNamed<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, work: Work): Promise<void> {
  const { event, session } = work;
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (!id) { return deleteUnnamed(kind, work); }
  if (id.kind !== kind.kind) { return work.note('not touched: the id is of another kind'); }
  if (id.serverId !== session.serverId) { return work.note('not touched: the id is of another server'); }

  const object = await kind.get(work, id.uuid);
  if (!object) { return work.note('not there'); }
  if (namesAnother(work, object)) { return work.note('not touched: it belongs to another resource now'); }
  if (object.labels[Label.ADOPTED] === 'true' && !isTrue(event.ResourceProperties, 'DeleteAdopted')) { return work.note('not touched: it was adopted'); }
  if (object.labels[Label.STACK] === undefined && object.userId !== session.userId) {
    throw new UserError(`${kind.what} "${object.name}" carries our labels no more and belongs to another account of ZenML: `
      + 'delete it there by hand, or keep it with removalPolicy RETAIN');
  }
  await kind.remove(work, object);
}

/** A Delete whose id names no object: after a Create that failed, crashed, timed out or was cancelled. */
async function deleteUnnamed<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, work: Work): Promise<void> {
  const { event } = work;
  const request = parseFailedId(event.PhysicalResourceId);
  if (request !== undefined) {
    // That Create has answered, so nothing can appear any more.
    const object = single(await kind.candidates(work, event.ResourceProperties), (candidate) => candidate.labels[Label.REQUEST] === request);
    if (object && isOurs(work, object) && object.labels[Label.ADOPTED] !== 'true') { await kind.remove(work, object); }
    return;
  }
  const seen = new Set<string>();
  await untilCreateIsOver(work, async () => {
    const all = await kind.candidates(work, event.ResourceProperties);
    const object = newest(all.filter((candidate) => !seen.has(candidate.id) && mayComeFromCancelledCreate(work, candidate)));
    // What was there beside the youngest belongs to earlier lives (retained ones carry our labels); only what appears now is the Create's.
    for (const { id } of all) { seen.add(id); }
    if (!object) { return 'nothing'; }
    await kind.remove(work, object);
    return 'removed';
  });
}

function mayComeFromCancelledCreate(work: Work, object: ZenmlObject): boolean {
  if (object.labels[Label.ADOPTED] === 'true' || isNewerThanEvent(work, object)) { return false; }
  const earliest = work.issuedAt && new Date(Date.parse(work.issuedAt) - CREATE_TO_DELETE_MAX_MS).toISOString();
  return !isLater(earliest, issuedAtOf(object));
}
