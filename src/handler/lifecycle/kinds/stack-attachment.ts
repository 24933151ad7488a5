import { componentOf, stackOf } from './optional-references';
import { componentId, stack as resolveStack } from './references';
import { isAttached, memoryKey, setComponent, takeOut, withComponent } from './stack-composition';
import { detach } from './stack-detachment';
import { formatPhysicalId, parsePhysicalId } from '../../../contract/physical-id';
import { StackAttachmentProperties } from '../../../contract/properties';
import { UserError } from '../../errors';
import { REPEATABLE_TYPES, requireSeveralPerStack } from '../../zenml/server-versions';
import { holds, Stack } from '../../zenml/stacks';
import { Lifecycle, LifecycleContext, Outcome } from '../context';
import { cancelledError } from '../named/replacement';
import { isEqual, readProperties, StackAttachmentSchema, textOf } from '../properties';

export const STACK_ATTACHMENT_VITAL_PROPERTIES = ['ServerUrl', 'Stack', 'Component'];

/**
 * A component of this app in a stack that the app does not own. The component that it displaces is kept in the physical
 * id, since nothing of the library's can be written on a stack of others; only in the rare cases below it is also
 * looked up in the process's memory.
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
    const attached =
      id?.kind === 'stack-attachment' && id.serverId === context.session.serverId
        ? await context.zenml.stacks.get(id.uuid)
        : undefined;
    if (id?.kind === 'stack-attachment' && !attached) { context.reportFound('gone'); }
    const stack = await resolveStack(context, properties.Stack);
    // The same stack keeps its id whatever it holds now: another id would have CloudFormation delete what was just
    // attached.
    const isSame = attached?.id === stack.id;
    const outcome = await attach(
      context,
      properties,
      stack,
      isSame ? PhysicalResourceId : await idBeforeMove(context, properties, stack),
    );
    if (!isSame) { await undoIfCancelled(context, stack, properties); }
    await detachOfCancelledUpdate(context, stack);
    return outcome;
  },

  delete: detach,
};

/**
 * The rollback of a move to another stack returns to the id from before, which says what had been displaced there. Not
 * where somebody has put another component there since, which is displaced now.
 */
async function idBeforeMove(
  context: LifecycleContext,
  { Component }: StackAttachmentProperties,
  stack: Stack,
): Promise<string | undefined> {
  const present = stack.components[Component.ComponentType] ?? [];
  if (present.length > 0 && !present.includes(await componentId(context, Component))) {
    return undefined;
  }
  const before = await context.physicalIdBefore();
  const id = parsePhysicalId(before);
  return id?.kind === 'stack-attachment' && id.uuid === stack.id && id.serverId === context.session.serverId
    ? before
    : undefined;
}

/**
 * CloudFormation never learns of an attachment to another stack that it has cancelled, so the Update takes it back
 * itself.
 */
async function undoIfCancelled(
  context: LifecycleContext,
  stack: Stack,
  properties: StackAttachmentProperties,
): Promise<void> {
  if (!(await context.isCancelled())) {
    return;
  }
  const component = await componentId(context, properties.Component);
  await takeOut(context, stack, component, context.displacedComponents.get(memoryKey(context, stack.id)) ?? 'none');
  throw cancelledError();
}

/**
 * The rollback takes back an attachment to another stack, perhaps on another server, that the cancelled Update has
 * left. Best effort.
 */
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
    context.warn(
      'CZ404',
      `a cancelled update may have left an attachment: ${error instanceof UserError ? error.message : 'unexpected failure'}`,
    );
  }
}

async function attach(
  context: LifecycleContext,
  properties: StackAttachmentProperties,
  stack: Stack,
  knownId?: string,
): Promise<Outcome> {
  if (stack.name === 'default') {
    throw new UserError(
      'CZ351',
      'ZenML\'s stack "default" cannot be changed: attach the registry to another stack, or create one (new ZenMLStack)',
    );
  }
  const type = properties.Component.ComponentType;
  const component = await componentId(context, properties.Component);
  const former = await formerComponent(context, component);
  await requireSeveralPerStack(context.session, withComponent(stack, type, component, former));
  const tail = knownId ? parsePhysicalId(knownId)!.tail : displacedBy(context, stack, type, component);
  const physicalId =
    knownId
    ?? formatPhysicalId({
      kind: 'stack-attachment',
      serverId: context.session.serverId,
      uuid: stack.id,
      tail,
      component,
    });
  // Before the PUT: a Delete leaves a stack alone that does not hold the attached component, so an id that comes too
  // early does no harm.
  if (!knownId) {
    context.reportCreated(physicalId);
  }
  if (isAttached(stack, type, component)) {
    context.reportFound('as wanted');
  }
  // Written all the same: the look-up may lag behind the write that this event takes back.
  await setComponent(context, stack, { type, component, former });
  return { physicalId, id: stack.id, name: tail };
}

/**
 * The component whose place the attached one takes. When the attached one is there already, another delivery of this
 * event, another attachment or a person has done it: what it displaced is known only as long as the process lives.
 */
function displacedBy(context: LifecycleContext, stack: Stack, type: string, component: string): string {
  if (REPEATABLE_TYPES.includes(type)) { return 'none'; }
  const key = memoryKey(context, stack.id);
  const present = stack.components[type] ?? [];
  const displaced = present.includes(component)
    ? (context.displacedComponents.get(key) ?? 'present')
    : (present[0] ?? 'none');
  context.displacedComponents.set(key, displaced);
  return displaced;
}

/** The component that the attachment had before this Update: it goes, also where the stack could hold both. */
async function formerComponent(context: LifecycleContext, component: string): Promise<string | undefined> {
  const former = await componentOf(context, context.event.OldResourceProperties.Component);
  return former === component ? undefined : former;
}
