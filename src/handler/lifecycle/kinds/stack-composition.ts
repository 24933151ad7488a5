import { isUuid } from '../../../contract/physical-id';
import { MissingReferenceError, UserError, ZenmlError } from '../../errors';
import { REPEATABLE_TYPES } from '../../zenml/server-versions';
import { Composition, holds, inZenmlOrder, Stack, without } from '../../zenml/stacks';
import { LifecycleContext } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { requireNotCancelled } from '../named/replacement';
import { isEqual } from '../properties';

/** ZenML has no versions of a stack: the last PUT wins, so the handler reads the stack again after its own. */
const TRIES = 4;

export function isAttached(stack: Stack, type: string, component: string): boolean {
  const present = stack.components[type] ?? [];
  return REPEATABLE_TYPES.includes(type)
    ? present.includes(component)
    : present.length === 1 && present[0] === component;
}

/** The key under which the process remembers which component this attachment has displaced in a stack. */
export function memoryKey(context: LifecycleContext, stackId: string): string {
  return `${context.event.StackId}|${context.event.LogicalResourceId}|${stackId}`;
}

/**
 * The composition of the stack with the component in the place of the former one. Where the stack takes several
 * components of the type, the component comes after those of others, so that the default of the type stays.
 */
export function withComponent(stack: Stack, type: string, component: string, former: string | undefined): Composition {
  const components = former === undefined ? stack.components : without(stack.components, former);
  if (!REPEATABLE_TYPES.includes(type)) { return { ...components, [type]: [component] }; }
  const present = stack.components[type] ?? [];
  // The former component may be the default of the type.
  const replaced = present.includes(component)
    ? present.filter((id) => id !== former)
    : present.map((id) => (id === former ? component : id));
  const ids = replaced.includes(component) ? replaced : [...replaced, component];
  return { ...components, [type]: inZenmlOrder(ids) };
}

/** What an attachment changes of a stack. */
interface Placement {
  readonly type: string;
  /** UUID of the component to attach. */
  readonly component: string;
  /** UUID of the component that the attachment had before. */
  readonly former: string | undefined;
}

export async function setComponent(
  context: LifecycleContext,
  stack: Stack,
  { type, component, former }: Placement,
): Promise<void> {
  const compose = (now: Stack): Composition => withComponent(now, type, component, former);
  let current = stack;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) {
      await requireNotCancelled(context);
    }
    const written = await recompose(context, current, compose);
    // A look-up may lag behind the PUT; only one that goes on showing something else means that somebody has
    // overwritten it.
    let last: Stack | undefined;
    const attached =
      written
      && (await untilSeen(context, async () => {
        last = await context.zenml.stacks.get(stack.id);
        return last && isAttached(last, type, component) ? last : undefined;
      }));
    if (!written || !last) {
      throw new UserError(
        'CZ350',
        `stack "${stack.name}" was deleted while the component was attached to it: deploy again`,
      );
    }
    if (attached) {
      return logChangesOfOthers(context, attached, written);
    }
    current = last;
  }
  throw new UserError(
    'CZ350',
    `stack "${stack.name}" is being changed by another client at the same time: deploy again when that is done`,
  );
}

async function recompose(
  context: LifecycleContext,
  stack: Stack,
  compose: (current: Stack) => Composition,
): Promise<Composition | undefined> {
  try {
    return await context.zenml.stacks.recompose(stack, compose);
  } catch (error) {
    if (!(error instanceof ZenmlError) || !error.isMissing) {
      throw error;
    }
    throw new MissingReferenceError(
      'CZ343',
      `a component of stack "${stack.name}" no longer exists in ZenML: change the repairTrigger of the resource that creates it, so that this `
        + `deployment creates it again (${error.message})`,
    );
  }
}

function logChangesOfOthers(context: LifecycleContext, now: Stack, written: Composition): void {
  const types = [...new Set([...Object.keys(now.components), ...Object.keys(written)])]
    .filter((type) => !isEqual(now.components[type], written[type]));
  if (types.length > 0) {
    context.log(`another client changed ${types.join(', ')} of stack "${now.name}" at the same time`);
  }
}

export async function takeOut(
  context: LifecycleContext,
  stack: Stack,
  component: string,
  displaced: string,
): Promise<void> {
  const restore =
    context.event.ResourceProperties.RestorePrevious !== 'false' && isUuid(displaced) && displaced !== component;
  const previous = restore ? await context.zenml.components.get(displaced) : undefined;
  let current: Stack | undefined = stack;
  for (let attempt = 0; current && attempt < TRIES; attempt++) {
    await context.zenml.stacks.recompose(current, (now) => {
      const rest = without(now.components, component);
      return previous && holds(now, component) && !rest[previous.type]
        ? { ...rest, [previous.type]: [previous.id] }
        : rest;
    });
    // The next event composes the stack from what it reads, so this one ends only when its own write can be read.
    current = await stillHolding(context, stack.id, component);
  }
  if (current) {
    throw new UserError(
      'CZ350',
      `stack "${stack.name}" is being changed by another client at the same time: delete again when that is done`,
    );
  }
  context.displacedComponents.delete(memoryKey(context, stack.id));
}

/**
 * The stack, if it goes on showing the component for as long as a look-up can lag behind a write: then another client
 * has put the component back.
 */
async function stillHolding(context: LifecycleContext, stackId: string, component: string): Promise<Stack | undefined> {
  let last: Stack | undefined;
  const isOut = await untilSeen(context, async () => {
    last = await context.zenml.stacks.get(stackId);
    return last && holds(last, component) ? undefined : true;
  });
  return isOut ? undefined : last;
}
