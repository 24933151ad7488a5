import { DeadlineError, UnreachableError, UserError, ZenmlError, UNEXPECTED, withCode } from './errors';
import { Invocation } from './invocation';
import { LifecycleContext, Outcome } from './lifecycle/context';
import { outcomeFromEvent } from './lifecycle/failed-update';
import { differOnlyInBehaviour, isTrue } from './lifecycle/properties';
import { openContext } from './open-context';
import { parseFailedId, parsePhysicalId } from '../contract/physical-id';

/** Serves one event; undefined is a Delete's outcome. */
export async function dispatch(invocation: Invocation): Promise<Outcome | undefined> {
  const { event, handler } = invocation;
  switch (event.RequestType) {
    case 'Create': return handler.lifecycle.create(await openContext(invocation));
    case 'Update': return update(invocation);
    case 'Delete': await deleteObject(invocation); return undefined;
  }
}

async function update(invocation: Invocation): Promise<Outcome> {
  const { event, handler } = invocation;
  // A change to delete behaviour only must not call the server. Otherwise it could not be deployed once the server is
  // gone, which is when it is needed.
  const unchanged = outcomeFromEvent(handler.kind, event);
  if (unchanged && differOnlyInBehaviour(event.OldResourceProperties, event.ResourceProperties)) { return unchanged; }
  return handler.lifecycle.update(await openContext(invocation));
}

async function deleteObject(invocation: Invocation): Promise<void> {
  let context: LifecycleContext | undefined;
  try {
    context = await openContext(invocation);
    await invocation.handler.lifecycle.delete(context);
  } catch (error) {
    if (context && !isOfServer(error)) { throw error; }
    afterUnreachableServer(invocation, error, context !== undefined);
  }
}

/** Whether a Delete failed because of the server, not because of the object. */
function isOfServer(error: unknown): boolean {
  return (
    (error instanceof ZenmlError && error.status === 401)
    || error instanceof UnreachableError
    || error instanceof DeadlineError
  );
}

/**
 * Ends a Delete that has not reached its server, or no longer. Before the server is open, whatever goes wrong is about
 * reaching it: a fault here must not make the resource undeletable.
 */
function afterUnreachableServer({ event, notes, warnings }: Invocation, error: unknown, wasOpen: boolean): void {
  const { code, message: reason } = error instanceof UserError
    ? error : { code: UNEXPECTED, message: 'unexpected failure on the way to the server' };
  // The Create has answered that it had created nothing: there is most likely nothing to delete, and a failure would
  // lock the rollback.
  if (!wasOpen && parseFailedId(event.PhysicalResourceId) !== undefined) {
    const text = `not looked for: the Create had created nothing, but a second delivery of it could have: ${reason}`;
    warnings.push(withCode('CZ404', text));
    return;
  }
  if (isTrue(event.ResourceProperties, 'AbandonUnreachable')) {
    notes.push(`abandoned: ${reason}`);
    return;
  }
  const object = parsePhysicalId(event.PhysicalResourceId) ? '' : ' An object of this resource may exist in ZenML.';
  throw new UserError(
    code,
    `${reason}.${object} To delete this resource without the server, update it with onUnreachableServer ABANDON first, `
      + 'or delete the stack again and retain this resource',
  );
}
