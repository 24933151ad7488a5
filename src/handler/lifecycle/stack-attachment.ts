import { untilCreateIsOver } from './late-create';
import { issuedAtOf } from './ownership';
import { readProperties, StackAttachmentSchema, textOf } from './properties';
import { componentId, stack as resolveStack } from './references';
import { Lifecycle, Outcome, Work } from './work';
import { formatPhysicalId, isUuid, parseFailedId, parsePhysicalId } from '../../contract/physical-id';
import { StackAttachmentProperties } from '../../contract/properties';
import { isLater } from '../cloudformation/issued-at';
import { UserError } from '../errors';
import { Composition, holds, Stack, without } from '../zenml/stacks';

/** ZenML has no versions of a stack: whoever writes last wins, so look whether that was us. */
const TRIES = 4;

/**
 * Our component in a stack that is not ours. The component that it displaced is kept in the physical id, since nothing of ours can be
 * written on the foreign stack; only in the rare cases below it is also looked up in the process's memory.
 */
export const stackAttachmentLifecycle: Lifecycle = {
  create: async (work) => {
    const properties = readProperties(StackAttachmentSchema, work.event.ResourceProperties);
    return attach(work, properties, await resolveStack(work, properties.Stack));
  },

  update: async (work) => {
    const properties = readProperties(StackAttachmentSchema, work.event.ResourceProperties);
    const stack = await resolveStack(work, properties.Stack);
    const id = parsePhysicalId(work.event.PhysicalResourceId);
    const same = id?.kind === 'stack-attachment' && id.serverId === work.session.serverId && id.uuid === stack.id;
    // The same stack keeps its id whatever it holds now: an id of its own would have CloudFormation delete what was just set.
    return attach(work, properties, stack, same ? id.tail : undefined);
  },

  delete: detach,
};

async function attach(work: Work, properties: StackAttachmentProperties, stack: Stack, knownTail?: string): Promise<Outcome> {
  if (stack.name === 'default') {
    throw new UserError('ZenML\'s stack "default" cannot be changed: attach the registry to another stack, or make one (new ZenMLStack)');
  }
  const type = properties.Component.ComponentType;
  const component = await componentId(work, properties.Component);
  const tail = knownTail ?? displacedBy(work, stack, type, component);
  const physicalId = formatPhysicalId({ kind: 'stack-attachment', serverId: work.session.serverId, uuid: stack.id, tail });
  // Before the PUT: a Delete leaves a stack alone that does not hold our component, so an id too early does no harm.
  if (!knownTail) { work.made(physicalId); }
  await setComponent(work, stack, type, component);
  return { physicalId, id: stack.id, name: tail };
}

/**
 * The component that ours takes the place of. When ours is in place already, a delivery of the same event, or an earlier life of this
 * attachment, has put it there: what it displaced is known only as long as the process lives.
 */
function displacedBy(work: Work, stack: Stack, type: string, component: string): string {
  const key = memoryKey(work, stack.id);
  const present = stack.components[type] ?? [];
  const displaced = present.includes(component) ? work.displaced.get(key) ?? 'none' : present[0] ?? 'none';
  work.displaced.set(key, displaced);
  return displaced;
}

function memoryKey(work: Work, stackId: string): string {
  return `${work.event.StackId}|${work.event.LogicalResourceId}|${stackId}`;
}

async function setComponent(work: Work, stack: Stack, type: string, component: string): Promise<void> {
  let current: Stack | undefined = stack;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) { await work.ports.clock.sleep(500 * 2 ** attempt * (0.5 + work.ports.random()), work.deadline.signal); }
    await work.zenml.stacks.update(stack.id, { components: { ...current.components, [type]: [component] } });
    current = await work.zenml.stacks.get(stack.id);
    if (!current) { throw new UserError(`stack "${stack.name}" was deleted while the component was put into it: deploy again`); }
    const present: readonly string[] = current.components[type] ?? [];
    if (present.length === 1 && present[0] === component) { return; }
  }
  throw new UserError(`stack "${stack.name}" is being changed by somebody else at the same time: deploy again when they are done`);
}

async function detach(work: Work): Promise<void> {
  const id = parsePhysicalId(work.event.PhysicalResourceId);
  if (!id) { return detachUnnamed(work); }
  if (id.kind !== 'stack-attachment') { return work.note('not touched: the id is of another kind'); }
  if (id.serverId !== work.session.serverId) { return work.note('not touched: the id is of another server'); }
  const stack = await work.zenml.stacks.get(id.uuid);
  const component = await ourComponent(work);
  if (!stack || !component || !holds(stack, component)) { return work.note('not touched: our component is not in that stack'); }
  await takeOut(work, stack, component, id.tail);
}

/** After a Create that crashed or was cancelled; one that failed has answered with a real id, or has changed nothing. */
async function detachUnnamed(work: Work): Promise<void> {
  if (parseFailedId(work.event.PhysicalResourceId) !== undefined) { return; }
  await untilCreateIsOver(work, async () => {
    const component = await ourComponent(work);
    const stack = component && await stackOfProperties(work);
    if (!component || !stack || !holds(stack, component)) { return 'nothing'; }
    // The attachment has no labels of its own: a component younger than this Delete shows that a later deployment is at work.
    const object = await work.zenml.components.get(component);
    if (object && isLater(issuedAtOf(object), work.issuedAt)) { return 'over'; }
    await takeOut(work, stack, component, work.displaced.get(memoryKey(work, stack.id)) ?? 'none');
    return 'removed';
  });
}

async function takeOut(work: Work, stack: Stack, component: string, displaced: string): Promise<void> {
  const rest = without(stack.components, component);
  const restore = work.event.ResourceProperties.RestorePrevious !== 'false' && isUuid(displaced) && displaced !== component;
  const previous = restore ? await work.zenml.components.get(displaced) : undefined;
  const components: Composition = previous && !rest[previous.type] ? { ...rest, [previous.type]: [previous.id] } : rest;
  await work.zenml.stacks.update(stack.id, { components });
  work.displaced.delete(memoryKey(work, stack.id));
}

/** Of a Delete's properties, which need not be whole. */
async function ourComponent(work: Work): Promise<string | undefined> {
  const raw = record(work.event.ResourceProperties.Component);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? id : undefined; }
  const type = textOf(raw, 'ComponentType');
  const name = textOf(raw, 'Name');
  if (!type || !name) { return undefined; }
  const found = await work.zenml.components.byName(type, name);
  return found.length === 1 ? found[0]!.id : undefined;
}

async function stackOfProperties(work: Work): Promise<Stack | undefined> {
  const raw = record(work.event.ResourceProperties.Stack);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? work.zenml.stacks.get(id) : undefined; }
  const name = textOf(raw, 'Name');
  const found = name ? await work.zenml.stacks.byName(name) : [];
  return found.length === 1 ? found[0] : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}
