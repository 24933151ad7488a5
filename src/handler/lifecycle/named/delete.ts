import { giveBack, giveBackUnknown } from './give-back';
import { NamedKind } from './kind';
import { formatPhysicalId, parseFailedId, parsePhysicalId, PhysicalId } from '../../../contract/physical-id';
import { isLater } from '../../cloudformation/issued-at';
import { UserError } from '../../errors';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { isCreatedByThisResource, isNewerThanEvent, mostRecent, readMarks } from '../marks';
import { isTrue } from '../properties';
import { untilCreateIsOver } from '../wait-for-create';

/**
 * What was created longer before a Delete with a made-up id was issued cannot come from the Create that this Delete is
 * about.
 */
const CREATE_TO_DELETE_MAX_MS = 24 * 3_600_000;

export async function deleteNamed(kind: NamedKind, context: LifecycleContext): Promise<void> {
  const { event } = context;
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (id) { return deleteByPhysicalId(kind, context, id); }
  const request = parseFailedId(event.PhysicalResourceId);
  return request === undefined ? deleteOfCancelledCreate(kind, context) : deleteOfFailedCreate(kind, context, request);
}

async function deleteByPhysicalId(kind: NamedKind, context: LifecycleContext, id: PhysicalId): Promise<void> {
  if (id.kind !== kind.kind) { return context.log(`not deleted: ${formatPhysicalId(id)} is the id of another kind`); }
  const isSameServer = id.serverId === context.session.serverId;
  const object = id.adopted ? await adoptedObject(kind, context, id.uuid) : await kind.get(context, id.uuid);
  const { owner, stack, found } = object
    ? readMarks(context, object)
    : { owner: 'nobody' as const, stack: undefined, found: undefined };
  if (!isSameServer && owner !== 'this resource') {
    return context.warn(
      'CZ404',
      `the server has another id than the one on which the ${kind.what} ${id.uuid} was created, and the object is not there: if the former server still exists, it still has the object`,
    );
  }
  if (!object) {
    if (id.adopted) { return context.log('does not exist'); }
    // A look-up may lag behind the write that created the object; a DELETE does not.
    await kind.removeById(context, id.uuid);
    return context.log('does not exist');
  }
  if (owner === 'another') {
    return context.log(`not deleted: a resource of CloudFormation stack ${stack} has adopted it`);
  }
  if (id.adopted && !await mayDeleteAdopted(context)) { return giveBack(kind, context, object, found); }
  if (owner === 'nobody' && object.userId !== context.session.userId) {
    throw new UserError(
      'CZ347',
      `${kind.what} "${object.name}" no longer has the labels of this CloudFormation stack and belongs to another ZenML account: `
        + 'delete it in ZenML, then delete again, or keep it with removalPolicy RETAIN',
    );
  }
  await kind.remove(context, object);
}

/** An adopted object says in its labels what was found; one that does not may be seen as it was before the adoption. */
async function adoptedObject(kind: NamedKind, context: LifecycleContext, id: string): Promise<ZenmlObject | undefined> {
  let last: ZenmlObject | undefined;
  await untilSeen(context, async () => {
    last = await kind.get(context, id);
    return last && readMarks(context, last).owner === 'another' ? last : last && readMarks(context, last).found;
  });
  return last;
}

/** An adopted object is deleted only on request, and never because an operation is rolled back. */
async function mayDeleteAdopted(context: LifecycleContext): Promise<boolean> {
  if (!isTrue(context.event.ResourceProperties, 'DeleteAdopted')) { return false; }
  const isRemoval = await context.isRemoval();
  if (isRemoval === undefined) {
    context.warn(
      'CZ403',
      'an adopted object was given back instead of deleted, because CloudFormation could not be asked whether this is a rollback (allow cloudformation:DescribeStackEvents, '
        + 'or add a VPC endpoint for CloudFormation)',
    );
  }
  return isRemoval === true;
}

/**
 * The Create has answered and had created nothing: only a second delivery of it can have created or adopted an object.
 */
async function deleteOfFailedCreate(kind: NamedKind, context: LifecycleContext, request: string): Promise<void> {
  let candidates: ZenmlObject[];
  try {
    candidates = await kind.candidates(context, context.event.ResourceProperties);
  } catch (error) {
    if (!(error instanceof UserError)) { throw error; }
    // Failing would lock the rollback over an object that most likely does not exist.
    return context.warn(
      'CZ404',
      `not looked for: the Create had created nothing, but a second delivery of it could have: ${error.message}`,
    );
  }
  for (const object of candidates.filter((candidate) => readMarks(context, candidate).request === request)) {
    const { found } = readMarks(context, object);
    if (found !== undefined) {
      await giveBack(kind, context, object, found);
    } else if (isCreatedByThisResource(context, object)) {
      await kind.remove(context, object);
    } else {
      warnOfCopy(kind, context, object);
    }
  }
}

/**
 * A Delete whose id names no object: after a Create that crashed, timed out or was cancelled, and may still be running.
 */
async function deleteOfCancelledCreate(kind: NamedKind, context: LifecycleContext): Promise<void> {
  const { event } = context;
  const earliest =
    context.issuedAt === undefined ? undefined : new Date(Date.parse(context.issuedAt) - CREATE_TO_DELETE_MAX_MS);
  const seen = new Set<string>();
  await untilCreateIsOver(context, async () => {
    await giveBackUnknown(kind, context, event.ResourceProperties);
    const all = await kind.candidates(context, event.ResourceProperties, earliest);
    const mayBeTheCreates = all.filter(
      (candidate) => !seen.has(candidate.id) && mayComeFromCancelledCreate(context, candidate, earliest),
    );
    const copies = mayBeTheCreates.filter((candidate) => !isCreatedByThisResource(context, candidate));
    for (const copy of copies) { warnOfCopy(kind, context, copy); }
    const object = mostRecent(context, mayBeTheCreates.filter((candidate) => !copies.includes(candidate)));
    // Other candidates are leftovers of earlier deployments (retained objects keep their labels). From here on, only
    // new ones can come from the cancelled Create.
    for (const { id } of all) { seen.add(id); }
    if (!object) { return 'nothing'; }
    await kind.remove(context, object);
    return 'removed';
  });
}

/** ZenML's `copy` command duplicates labels, but not the name that was written beside them. */
function warnOfCopy(kind: NamedKind, context: LifecycleContext, object: ZenmlObject): void {
  context.warn(
    'CZ404',
    `${kind.what} "${object.name}" (${object.id}) has the labels of this resource but another name than it was created with: if it is not in use, delete it in ZenML`,
  );
}

function mayComeFromCancelledCreate(
  context: LifecycleContext,
  object: ZenmlObject,
  earliest: Date | undefined,
): boolean {
  const { issuedAt, found } = readMarks(context, object);
  return found === undefined && !isNewerThanEvent(context, object) && !isLater(earliest?.toISOString(), issuedAt);
}
