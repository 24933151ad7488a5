import { componentOf, stackOf } from './optional-references';
import { memoryKey, takeOut } from './stack-composition';
import { Label } from '../../../contract/labels';
import { parseFailedId, parsePhysicalId, PhysicalId } from '../../../contract/physical-id';
import { isLater } from '../../cloudformation/issued-at';
import { REPEATABLE_TYPES } from '../../zenml/server-versions';
import { holds, Stack } from '../../zenml/stacks';
import { LifecycleContext } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { readMarks } from '../marks';
import { isTrue, record, textOf } from '../properties';
import { untilCreateIsOver } from '../wait-for-create';

const NOT_IN_STACK = 'not detached: the component is not in that stack';

export async function detach(context: LifecycleContext): Promise<void> {
  const id = parsePhysicalId(context.event.PhysicalResourceId);
  if (!id) { return detachOfCancelledCreate(context); }
  if (id.kind !== 'stack-attachment') { return context.log('not detached: the physical id is of another kind'); }
  if (id.serverId !== context.session.serverId) {
    return context.warn('CZ404', 'not detached: the server has another id than the one on which the stack was');
  }
  const component = await componentOf(context, context.event.ResourceProperties.Component);
  if (component === undefined) { return context.log(NOT_IN_STACK); }
  let last: Stack | undefined;
  const stack = await untilSeen(context, async () => {
    last = await context.zenml.stacks.get(id.uuid);
    return last && holds(last, component) ? last : undefined;
  });
  if (stack) { return detachFrom(context, id, stack, component); }
  // A component that exists is not in that stack. One that no longer exists may have been replaced, also on a server
  // that was created anew.
  if (await context.zenml.components.get(component) !== undefined) { return context.log(NOT_IN_STACK); }
  const present = last ?? await stackOf(context, context.event.ResourceProperties.Stack);
  const other = present && await otherComponentOfThisStack(context, present);
  if (!present || !other) { return context.log(NOT_IN_STACK); }
  if (await attachedBy(context, present, other) === undefined) { await takeOut(context, present, other, id.tail); }
}

/** Takes the component out of the stack, unless it is there for somebody else as well. */
async function detachFrom(context: LifecycleContext, id: PhysicalId, stack: Stack, component: string): Promise<void> {
  if (await isAdoptedByAnother(context, component)) {
    return context.log('not detached: another CloudFormation stack has adopted the component');
  }
  if (await staysAttached(context, id, stack, component)) { return; }
  await takeOut(context, stack, component, id.tail);
}

/**
 * A construct that gets another id is deleted here and created under another logical id: then the component stays, and
 * so it does when that is rolled back.
 */
async function staysAttached(
  context: LifecycleContext,
  id: PhysicalId,
  stack: Stack,
  component: string,
): Promise<boolean> {
  if (id.tail === 'present' && (await context.phase()) === 'rollback') {
    context.log('not detached: the component was in that stack before');
    return true;
  }
  return (await attachedBy(context, stack, component)) !== undefined;
}

/**
 * The resource that has attached the component in the deployment at work: another one, or this one under a later id.
 */
async function attachedBy(context: LifecycleContext, stack: Stack, component: string): Promise<string | undefined> {
  for (const [physicalId, logicalId] of await context.idsOfDeployment() ?? []) {
    const id = parsePhysicalId(physicalId);
    if (
      id?.kind !== 'stack-attachment'
      || id.serverId !== context.session.serverId
      || id.uuid !== stack.id
      || id.component !== component
    ) {
      continue;
    }
    context.log(`not detached: ${logicalId} of this CloudFormation stack attaches the component from now on`);
    return logicalId;
  }
  return undefined;
}

/**
 * Whether the component, which this CloudFormation stack had created, is another one's now: then so are its places in
 * ZenML stacks.
 */
async function isAdoptedByAnother(context: LifecycleContext, id: string): Promise<boolean> {
  if (!isTrue(context.event.ResourceProperties, 'OwnComponent')) { return false; }
  const labels = (await context.zenml.components.get(id))?.labels ?? {};
  return (
    typeof labels[Label.STACK] === 'string'
    && labels[Label.STACK] !== context.event.StackId
    && labels[Label.FOUND] !== undefined
  );
}

/**
 * After a rollback that could not put everything back, the stack may hold another component that this CloudFormation
 * stack has created.
 */
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

/**
 * After a Create that crashed or was cancelled; one that failed has answered with a real id, or has changed nothing.
 */
async function detachOfCancelledCreate(context: LifecycleContext): Promise<void> {
  if (parseFailedId(context.event.PhysicalResourceId) !== undefined) { return; }
  await untilCreateIsOver(context, async () => {
    const component = await componentOf(context, context.event.ResourceProperties.Component);
    const stack = component && await stackOf(context, context.event.ResourceProperties.Stack);
    if (!component || !stack || !holds(stack, component)) { return 'nothing'; }
    // The attachment has no labels of its own: a component younger than this Delete shows that a later deployment is
    // under way.
    const object = await context.zenml.components.get(component);
    if (object && isLater(readMarks(context, object).issuedAt, context.issuedAt)) { return 'over'; }
    const displaced = context.displacedComponents.get(memoryKey(context, stack.id));
    if (displaced === undefined) {
      context.warn(
        'CZ404',
        `the component was taken out of stack "${stack.name}" after a cancelled create, of which another process knows what it had displaced: `
          + 'if the stack had another one before, put that back by hand (zenml stack update)',
      );
    }
    await takeOut(context, stack, component, displaced ?? 'none');
    return 'removed';
  });
}
