import { leftAsItIs, warned } from './log';
import { partsOf } from './rows';
import { Label } from '../../../src/contract/labels';
import { ResourceState, StackState } from '../../simulator/stack-state';
import { SECRET } from '../app';
import { secretNamed } from '../meddling/hand';
import type { Scene } from '../scene';

/** Whose name and texts prove nothing, since a second copy of an event may have come after a later one. */
export type Overtaken = (stackId: string, logicalId: string) => boolean;

/** Resources that a stack holds for done, and what is wrong with them. */
export function unfounded(scene: Scene, overtaken: Overtaken = () => false): string[] {
  return [...scene.world.cloudformation.stacks.values()]
    .filter(({ status }) => /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(status))
    .flatMap((stack) =>
      [...stack.resources.values()]
        .filter(({ type, status }) => type.startsWith('Custom::') && /_COMPLETE$/.test(status))
        .flatMap((resource) =>
          wrongWith(scene, stack, resource, overtaken).map(
            (text) => `${stack.name}/${resource.logicalId} ${resource.physicalId}: ${text}`,
          ),
        ),
    );
}

function wrongWith(scene: Scene, stack: StackState, resource: ResourceState, overtaken: Overtaken): string[] {
  const { watch } = scene;
  const id = partsOf(resource.physicalId);
  if (!id) { return ['no id of ours']; }
  const { Id, Name } = resource.attributes as { Id?: unknown; Name?: unknown };
  if (
    Object.keys(resource.attributes).sort().join() !== 'Id,Name'
    || Id !== id.uuid
    || typeof Name !== 'string'
    || Name === ''
  ) {
    return [`attributes ${JSON.stringify(resource.attributes)}`];
  }
  const server = Object.values(scene.servers).find(candidate => candidate.id === id.serverId);
  const object = server && watch.object(server, id.uuid);
  if (watch.touchedByOthers.has(id.uuid)) { return []; }
  if (!object) { return ['does not exist']; }
  // (What another stack has adopted since is that stack's to describe.)
  if (
    id.kind === 'stack-attachment'
    || object.labels[Label.STACK] !== stack.id
    || overtaken(stack.id, resource.logicalId)
  ) {
    return [];
  }
  if (isKnownToDiffer(scene, stack, resource)) { return []; }
  const { Description, Labels, Environment } = resource.properties as {
    Description?: string; Labels?: { text: string }; Environment?: { TEXT: string };
  };
  const row = JSON.parse(object.text) as {
    description?: string; labels: { text?: string }; environment?: Record<string, string>; secrets?: string[];
  };
  const secret = secretNamed(server, SECRET).id;
  return [
    ...(object.name === Name ? [] : [`is called "${object.name}", the attribute says "${Name}"`]),
    ...(row.environment?.TEXT === Environment?.TEXT
      ? [] : [`variable TEXT "${row.environment?.TEXT}" instead of "${Environment?.TEXT}"`]),
    ...(Environment === undefined || row.secrets?.includes(secret) ? [] : ['the secret is missing']),
    ...(row.labels.text === Labels?.text && (Description === undefined || row.description === Description)
      ? [] : [`text ${row.labels.text} "${row.description}" instead of ${Labels?.text} "${Description}"`]),
  ];
}

/**
 * A rollback that ends well with other texts warns of it. The warning holds until an Update writes: one that fails or
 * leaves the object as it is does not.
 */
function isKnownToDiffer(scene: Scene, stack: StackState, resource: ResourceState): boolean {
  const { world } = scene;
  const updates = world.cloudformation.custom.exchanges.filter(
    ({ request }) =>
      request.stackId === stack.id && request.logicalId === resource.logicalId && request.type === 'Update',
  );
  const written = updates
    .filter(({ event, outcome }) => outcome?.success && !leftAsItIs(world, event.RequestId))
    .at(-1);
  // The last Update that has written may itself have kept a name, and warned of it.
  return updates.slice(written ? updates.indexOf(written) : 0).some(({ event }) => warned(world, event.RequestId));
}
