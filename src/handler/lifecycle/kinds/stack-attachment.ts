import { isEqual } from './give-back';
import { componentId, stack as resolveStack } from './references';
import { Label } from '../../../contract/labels';
import { formatPhysicalId, isUuid, parseFailedId, parsePhysicalId, PhysicalId } from '../../../contract/physical-id';
import { StackAttachmentProperties } from '../../../contract/properties';
import { isLater } from '../../cloudformation/issued-at';
import { MissingReferenceError, UserError, ZenmlError } from '../../errors';
import { Composition, holds, Stack, without } from '../../zenml/stacks';
import { Lifecycle, LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { readMarks } from '../marks';
import { cancelledError, requireNotCancelled } from '../named/replacement';
import { isTrue, readProperties, record, StackAttachmentSchema, textOf } from '../properties';
import { untilCreateIsOver } from '../wait-for-create';

/** ZenML has no versions of a stack: the last PUT wins, so the handler reads the stack again after its own. */
const TRIES = 4;
/** Of these types ZenML lets a stack hold several (`supports_multiple_per_stack` in its enums.py). */
const REPEATABLE_TYPES = ['alerter', 'experiment_tracker', 'step_operator', 'sandbox'];

export const STACK_ATTACHMENT_VITAL_PROPERTIES = ['ServerUrl', 'Stack', 'Component'];

/**
 * A component of this app in a stack that the app does not own. The component that it displaces is kept in the physical id, since nothing
 * of the library's can be written on a stack of others; only in the rare cases below it is also looked up in the process's memory.
 */
export const stackAttachmentLifecycle: Lifecycle = {
  create: async (context) => {
    const properties = readProperties(StackAttachmentSchema, context.event.ResourceProperties);
    return attach(context, properties, await resolveStack(context, properties.Stack));
  },

  update: async (context) => {
    const { ResourceProperties, OldResourceProperties, PhysicalResourceId } = context.event;
    const properties = readProperties(StackAttachmentSchema, ResourceProperties, OldResourceProperties);
    const id = parsePhysicalId(PhysicalResourceId);
    const attached = id?.kind === 'stack-attachment' && id.serverId === context.session.serverId ? await context.zenml.stacks.get(id.uuid) : undefined;
    if (id?.kind === 'stack-attachment' && !attached) { context.reportFound('gone'); }
    const stack = await resolveStack(context, properties.Stack);
    // The same stack keeps its id whatever it holds now: another id would have CloudFormation delete what was just attached.
    const isSame = attached?.id === stack.id;
    const outcome = await attach(context, properties, stack, isSame ? PhysicalResourceId : await idBeforeMove(context, properties, stack));
    if (!isSame) { await undoIfCancelled(context, stack, properties); }
    await detachOfCancelledUpdate(context, stack);
    return outcome;
  },

  delete: detach,
};

/**
 * The rollback of a move to another stack returns to the id from before, which says what had been displaced there. Not where somebody has put another
 * component there since, which is displaced now.
 */
async function idBeforeMove(context: LifecycleContext, { Component }: StackAttachmentProperties, stack: Stack): Promise<string | undefined> {
  const present = stack.components[Component.ComponentType] ?? [];
  if (present.length > 0 && !present.includes(await componentId(context, Component))) { return undefined; }
  const before = await context.physicalIdBefore();
  const id = parsePhysicalId(before);
  return id?.kind === 'stack-attachment' && id.uuid === stack.id && id.serverId === context.session.serverId ? before : undefined;
}

/** CloudFormation never learns of an attachment to another stack that it has cancelled, so the Update takes it back itself. */
async function undoIfCancelled(context: LifecycleContext, stack: Stack, properties: StackAttachmentProperties): Promise<void> {
  if (!await context.isCancelled()) { return; }
  const component = await componentId(context, properties.Component);
  await takeOut(context, stack, component, context.displacedComponents.get(memoryKey(context, stack.id)) ?? 'none');
  throw cancelledError();
}

/** The rollback takes back an attachment to another stack, perhaps on another server, that the cancelled Update has left. Best effort. */
async function detachOfCancelledUpdate(context: LifecycleContext, current: Stack): Promise<void> {
  const { OldResourceProperties: old, ResourceProperties: now } = context.event;
  const [before, after] = [old, now].map((raw) => textOf(raw, 'ServerBinding'));
  if (isEqual([before, old.Stack], [after, now.Stack]) || await context.phase() !== 'rollback') { return; }
  try {
    const there = before !== undefined && before !== after ? await context.onServerOf(before) : context;
    const stack = await stackOf(there, old.Stack);
    const component = await componentOf(there, old.Component);
    const isCurrent = stack?.id === current.id && there.session.serverId === context.session.serverId;
    if (!stack || !component || isCurrent || !holds(stack, component)) { return; }
    await takeOut(there, stack, component, there.displacedComponents.get(memoryKey(there, stack.id)) ?? 'none');
    context.log(`detached from stack ${stack.id}, to which a cancelled update had attached the component`);
  } catch (error) {
    context.warn(`a cancelled update may have left an attachment: ${error instanceof UserError ? error.message : 'unexpected failure'}`);
  }
}

async function attach(context: LifecycleContext, properties: StackAttachmentProperties, stack: Stack, knownId?: string): Promise<Outcome> {
  if (stack.name === 'default') {
    throw new UserError('ZenML\'s stack "default" cannot be changed: attach the registry to another stack, or create one (new ZenMLStack)');
  }
  const type = properties.Component.ComponentType;
  const component = await componentId(context, properties.Component);
  const tail = knownId ? parsePhysicalId(knownId)!.tail : displacedBy(context, stack, type, component);
  const physicalId = knownId ?? formatPhysicalId({ kind: 'stack-attachment', serverId: context.session.serverId, uuid: stack.id, tail, component });
  // Before the PUT: a Delete leaves a stack alone that does not hold our component, so an id that comes too early does no harm.
  if (!knownId) { context.reportCreated(physicalId); }
  if (isAttached(stack, type, component)) { context.reportFound('as wanted'); }
  // Written all the same: the look-up may lag behind the write that this event takes back.
  await setComponent(context, stack, type, component, await formerComponent(context, component));
  return { physicalId, id: stack.id, name: tail };
}

function isAttached(stack: Stack, type: string, component: string): boolean {
  const present = stack.components[type] ?? [];
  return REPEATABLE_TYPES.includes(type) ? present.includes(component) : present.length === 1 && present[0] === component;
}

/**
 * The component that ours takes the place of. When ours is attached already, another delivery of this event, another attachment or a person has done it:
 * what it displaced is known only as long as the process lives.
 */
function displacedBy(context: LifecycleContext, stack: Stack, type: string, component: string): string {
  if (REPEATABLE_TYPES.includes(type)) { return 'none'; }
  const key = memoryKey(context, stack.id);
  const present = stack.components[type] ?? [];
  const displaced = present.includes(component) ? context.displacedComponents.get(key) ?? 'present' : present[0] ?? 'none';
  context.displacedComponents.set(key, displaced);
  return displaced;
}

function memoryKey(context: LifecycleContext, stackId: string): string {
  return `${context.event.StackId}|${context.event.LogicalResourceId}|${stackId}`;
}

/** The component that the attachment had before this Update: it goes, also where the stack could hold both. */
async function formerComponent(context: LifecycleContext, component: string): Promise<string | undefined> {
  const former = await componentOf(context, context.event.OldResourceProperties.Component);
  return former === component ? undefined : former;
}

async function setComponent(context: LifecycleContext, stack: Stack, type: string, component: string, former: string | undefined): Promise<void> {
  const compose = (current: Stack): Composition => {
    const components = former === undefined ? current.components : without(current.components, former);
    const others = REPEATABLE_TYPES.includes(type) ? (components[type] ?? []).filter((id) => id !== component) : [];
    return { ...components, [type]: [component, ...others] };
  };
  let current = stack;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) { await requireNotCancelled(context); }
    const written = await recompose(context, current, compose);
    // A look-up may lag behind the PUT; only one that goes on showing something else means that somebody has overwritten it.
    let last: Stack | undefined;
    const attached = written && await untilSeen(context, async () => {
      last = await context.zenml.stacks.get(stack.id);
      return last && isAttached(last, type, component) ? last : undefined;
    });
    if (!written || !last) { throw new UserError(`stack "${stack.name}" was deleted while the component was attached to it: deploy again`); }
    if (attached) { return logChangesOfOthers(context, attached, written); }
    current = last;
  }
  throw new UserError(`stack "${stack.name}" is being changed by another client at the same time: deploy again when that is done`);
}

async function recompose(context: LifecycleContext, stack: Stack, compose: (current: Stack) => Composition): Promise<Composition | undefined> {
  try {
    return await context.zenml.stacks.recompose(stack, compose);
  } catch (error) {
    if (!(error instanceof ZenmlError) || !error.isMissing) { throw error; }
    throw new MissingReferenceError(`a component of stack "${stack.name}" no longer exists in ZenML: change the refreshToken of the resource that creates it, so that this `
      + `deployment creates it again (${error.message})`);
  }
}

function logChangesOfOthers(context: LifecycleContext, now: Stack, written: Composition): void {
  const types = [...new Set([...Object.keys(now.components), ...Object.keys(written)])]
    .filter((type) => !isEqual(now.components[type], written[type]));
  if (types.length > 0) { context.log(`another client changed ${types.join(', ')} of stack "${now.name}" at the same time`); }
}

async function detach(context: LifecycleContext): Promise<void> {
  const id = parsePhysicalId(context.event.PhysicalResourceId);
  if (!id) { return detachOfCancelledCreate(context); }
  if (id.kind !== 'stack-attachment') { return context.log('not detached: the physical id is of another kind'); }
  if (id.serverId !== context.session.serverId) { return context.warn('not detached: the server has another id than the one on which the stack was'); }
  const component = await componentOf(context, context.event.ResourceProperties.Component);
  let last: Stack | undefined;
  const stack = component && await untilSeen(context, async () => {
    last = await context.zenml.stacks.get(id.uuid);
    return last && holds(last, component) ? last : undefined;
  });
  if (stack && component && await isAdoptedByAnother(context, component)) {
    return context.log('not detached: another CloudFormation stack has adopted the component');
  }
  if (stack && component && await isAttachedByAnother(context, id, stack, component)) { return; }
  if (stack && component) { return takeOut(context, stack, component, id.tail); }
  // A component that exists is not in that stack. One that no longer exists may have been replaced, also on a server that was created anew.
  if (component && await context.zenml.components.get(component) === undefined) {
    const present = last ?? await stackOf(context, context.event.ResourceProperties.Stack);
    const other = present && await otherComponentOfThisStack(context, present);
    if (present && other) { return takeOut(context, present, other, id.tail); }
  }
  context.log('not detached: the component is not in that stack');
}

/** A construct that gets another id is deleted here and created under another logical id: then the component stays, and so it does when that is rolled back. */
async function isAttachedByAnother(context: LifecycleContext, id: PhysicalId, stack: Stack, component: string): Promise<boolean> {
  if (id.tail === 'present' && await context.phase() === 'rollback') {
    context.log('not detached: the component was in that stack before');
    return true;
  }
  for (const [other, logicalId] of await context.idsOfDeployment() ?? []) {
    const parsed = parsePhysicalId(other);
    if (parsed?.kind !== 'stack-attachment' || parsed.serverId !== id.serverId || parsed.uuid !== stack.id || parsed.component !== component) { continue; }
    context.log(`not detached: ${logicalId} of this CloudFormation stack attaches the component from now on`);
    return true;
  }
  return false;
}

/** Whether the component, which this CloudFormation stack had created, is another one's now: then so are its places in ZenML stacks. */
async function isAdoptedByAnother(context: LifecycleContext, id: string): Promise<boolean> {
  if (!isTrue(context.event.ResourceProperties, 'OwnComponent')) { return false; }
  const labels = (await context.zenml.components.get(id))?.labels ?? {};
  return typeof labels[Label.STACK] === 'string' && labels[Label.STACK] !== context.event.StackId && labels[Label.FOUND] !== undefined;
}

/** After a rollback that could not put everything back, the stack may hold another component that this CloudFormation stack has created. */
async function otherComponentOfThisStack(context: LifecycleContext, stack: Stack): Promise<string | undefined> {
  const type = textOf(record(context.event.ResourceProperties.Component), 'ComponentType');
  // Of a type of which a stack holds several, another one is another attachment's.
  if (!type || REPEATABLE_TYPES.includes(type)) { return undefined; }
  for (const id of stack.components[type] ?? []) {
    const component = await context.zenml.components.get(id);
    if (component && component.labels[Label.STACK] === context.event.StackId) { return id; }
  }
  return undefined;
}

/** After a Create that crashed or was cancelled; one that failed has answered with a real id, or has changed nothing. */
async function detachOfCancelledCreate(context: LifecycleContext): Promise<void> {
  if (parseFailedId(context.event.PhysicalResourceId) !== undefined) { return; }
  await untilCreateIsOver(context, async () => {
    const component = await componentOf(context, context.event.ResourceProperties.Component);
    const stack = component && await stackOf(context, context.event.ResourceProperties.Stack);
    if (!component || !stack || !holds(stack, component)) { return 'nothing'; }
    // The attachment has no labels of its own: a component younger than this Delete shows that a later deployment is under way.
    const object = await context.zenml.components.get(component);
    if (object && isLater(readMarks(context, object).issuedAt, context.issuedAt)) { return 'over'; }
    const displaced = context.displacedComponents.get(memoryKey(context, stack.id));
    if (displaced === undefined) {
      context.warn(`the component was taken out of stack "${stack.name}" after a cancelled create, of which another process knows what it had displaced: `
        + 'if the stack had another one before, put that back by hand (zenml stack update)');
    }
    await takeOut(context, stack, component, displaced ?? 'none');
    return 'removed';
  });
}

async function takeOut(context: LifecycleContext, stack: Stack, component: string, displaced: string): Promise<void> {
  const restore = context.event.ResourceProperties.RestorePrevious !== 'false' && isUuid(displaced) && displaced !== component;
  const previous = restore ? await context.zenml.components.get(displaced) : undefined;
  let current: Stack | undefined = stack;
  for (let attempt = 0; current && attempt < TRIES; attempt++) {
    await context.zenml.stacks.recompose(current, (now) => {
      const rest = without(now.components, component);
      return previous && holds(now, component) && !rest[previous.type] ? { ...rest, [previous.type]: [previous.id] } : rest;
    });
    // The next event composes the stack from what it reads, so this one ends only when its own write can be read.
    current = await stillHolding(context, stack.id, component);
  }
  if (current) { throw new UserError(`stack "${stack.name}" is being changed by another client at the same time: delete again when that is done`); }
  context.displacedComponents.delete(memoryKey(context, stack.id));
}

/** The stack, if it goes on showing the component for as long as a look-up can lag behind a write: then another client has put the component back. */
async function stillHolding(context: LifecycleContext, stackId: string, component: string): Promise<Stack | undefined> {
  let last: Stack | undefined;
  const isOut = await untilSeen(context, async () => {
    last = await context.zenml.stacks.get(stackId);
    return last && holds(last, component) ? undefined : true;
  });
  return isOut ? undefined : last;
}

/** From properties that need not be complete. */
async function componentOf(context: LifecycleContext, reference: unknown): Promise<string | undefined> {
  const raw = record(reference);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? id : undefined; }
  const type = textOf(raw, 'ComponentType');
  const name = textOf(raw, 'Name');
  if (!type || !name) { return undefined; }
  const found = await context.zenml.components.byName(type, name);
  return found.length === 1 ? found[0]!.id : undefined;
}

async function stackOf(context: LifecycleContext, reference: unknown): Promise<Stack | undefined> {
  const raw = record(reference);
  const id = textOf(raw, 'Id');
  if (id !== undefined) { return isUuid(id) ? context.zenml.stacks.get(id) : undefined; }
  const name = textOf(raw, 'Name');
  const found = name ? await context.zenml.stacks.byName(name) : [];
  return found.length === 1 ? found[0] : undefined;
}
