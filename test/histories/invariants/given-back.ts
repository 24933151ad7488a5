import { attachmentsTo, holdersOf } from './holders';
import { warned } from './log';
import { Known, partsOf, snapshot } from './rows';
import { PRODUCTION } from '../app';
import type { Scene } from '../scene';
import { Overtaken } from './beliefs';

const ATTACHMENT = 'Custom::ZenMLStackAttachment';

/**
 * Objects of others, field by field: as they were left, unless a CloudFormation stack has adopted them or is attached
 * to them at this moment.
 */
export function notGivenBack(scene: Scene, excused: Overtaken): string[] {
  return Object.values(scene.servers).flatMap(server => [...snapshot(server).values()].flatMap(row => {
    if (row.userId === null || scene.watch.isOurUser(row.userId)) { return []; }
    const fields = wrongFields(scene, row, excused);
    const told = fields.map(field => `${field} ${scene.watch.left.field(row.id, field) ?? 'absent'}`).join(', ');
    return told === '' ? [] : [`foreign ${row.kind} "${row.name}" is not as it was left: ${told}\n  ${row.text}`];
  }));
}

function wrongFields(scene: Scene, row: Known, excused: Overtaken): string[] {
  const { world, watch } = scene;
  if (holdersOf(world, row.id).length > 0 || wasKept(scene, row.id) || watch.left.isTampered(row.id)) { return []; }
  const takers = new Set(
    everOf(scene, row.id)
      .filter(({ resourceType }) => resourceType !== ATTACHMENT)
      .map(({ stackId, logicalId }) => `${stackId}|${logicalId}`),
  );
  if (wasRefused(scene, row.id, takers)) { return []; }
  // The second that takes an object over finds what the first has made of it.
  if (takers.size > 1 || [...takers].some(key => excused(...key.split('|') as [string, string]))) { return []; }
  return watch.left.differences(row).filter(field => !mayDiffer(scene, row, field, excused));
}

function mayDiffer(scene: Scene, row: Known, field: string, excused: Overtaken): boolean {
  const { world, watch } = scene;
  if (row.kind === 'component' && watch.detachAllowed && ['connector', 'connectorResourceId'].includes(field)) {
    const connector = watch.left.field(row.id, 'connector');
    return connector !== undefined && connector !== 'null' && watch.isOurs(JSON.parse(connector) as string);
  }
  const [, type] = /^components\.(.+)$/.exec(field) ?? [];
  if (type === undefined) { return false; }
  const now = row.components![type] ?? [];
  const was = JSON.parse(watch.left.field(row.id, field) ?? '[]') as string[];
  const gone = was.filter(id => !now.includes(id));
  if (row.name !== PRODUCTION) {
    return watch.detachAllowed && gone.every((id) => watch.isOurs(id)) && now.every((id) => was.includes(id));
  }
  const attachments = attachmentsTo(world, row.id);
  if (attachments.length > 0) { return true; }
  if (type === 'container_registry' && watch.replacedByOthers.has(row.id)) { return true; }
  const attachers = new Set(everAttached(scene, row.id).map(({ stackId, logicalId }) => `${stackId}|${logicalId}`));
  // A cancelled Update attaches to a stack that CloudFormation never hears of; only CloudFormation could say that it
  // was cancelled (decision 5).
  if (world.everUnreachable && now.every(id => was.includes(id) || watch.isOurs(id))) { return true; }
  // Of several that displaced each other, the last one to go may find nothing to put back.
  if (someDetachFailed(scene)) { return true; }
  if (attachers.size > 1 || [...attachers].some(key => excused(...key.split('|') as [string, string]))) { return true; }
  return (
    gone.every((id) => watch.isOurs(id))
    && now.every((id) => was.includes(id) || watch.putInByOthers.has(`${row.id} ${id}`))
  );
}

/** A Delete of an attachment that failed, or any event that warns, has been told to a person. */
function someDetachFailed({ world }: Scene): boolean {
  const events = world.cloudformation.custom.exchanges.filter(({ request }) => request.resourceType === ATTACHMENT);
  return events.some(({ request, outcome, event }) => warned(world, event.RequestId)
    || (request.type === 'Delete' && (outcome?.success === false || request.properties.AbandonUnreachable === 'true')));
}

/** Whether a person has told CloudFormation to keep it, or to forget it. */
function wasKept(scene: Scene, uuid: string): boolean {
  return scene.world.cloudformation.events.some(
    ({ status, physicalId }) => status === 'DELETE_SKIPPED' && partsOf(physicalId)?.uuid === uuid,
  );
}

/**
 * A Delete that failed says so: what it should have given back is known to a person. After a cancelled Create, it has
 * an id of CloudFormation's.
 */
function wasRefused({ world }: Scene, uuid: string, takers: ReadonlySet<string>): boolean {
  return world.cloudformation.custom.exchanges.some(({ request, outcome }) => {
    const id = partsOf(request.physicalId);
    return (
      request.type === 'Delete'
      && outcome?.success === false
      && (id ? id.uuid === uuid : takers.has(`${request.stackId}|${request.logicalId}`))
    );
  });
}

function everOf(scene: Scene, uuid: string) {
  const { exchanges } = scene.world.cloudformation.custom;
  return exchanges
    .filter(({ request, outcome }) => [request.physicalId, outcome?.id].some((id) => partsOf(id)?.uuid === uuid))
    .map(({ request }) => request);
}

function everAttached(scene: Scene, uuid: string) {
  return everOf(scene, uuid).filter(({ resourceType }) => resourceType === ATTACHMENT);
}
