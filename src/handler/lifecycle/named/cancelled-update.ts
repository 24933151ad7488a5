import { NamedKind } from './kind';
import { CALL_TIMEOUT_MS } from '../../zenml/call';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';
import { readMarks } from '../marks';
import { revisionOf, stableJson } from '../properties';

/**
 * CloudFormation cancels an Update when another resource fails, and sends its rollback at once. ZenML has no versions of objects that would
 * make the older of two PUTs fail. So the rollback reads the object a second time, when the PUT of the cancelled Update must have arrived
 * or been given up, and returns the object if that PUT has overwritten the rollback's own.
 */
export async function overwrittenByOlderPut(kind: NamedKind, context: LifecycleContext, before: ZenmlObject): Promise<ZenmlObject | undefined> {
  if (!mayMeetOlderPut(kind, context, before)) { return undefined; }
  if (context.deadline.left() < 2 * CALL_TIMEOUT_MS) {
    context.log('not read a second time: no time left');
    return undefined;
  }
  await context.ports.clock.sleep(CALL_TIMEOUT_MS, context.deadline.signal);
  const now = await kind.get(context, before.id);
  const marks = now && readMarks(context, now);
  if (marks?.owner !== 'this resource' || marks.revision === revisionOf(context.event.ResourceProperties)) { return undefined; }
  context.log('updated once more: the cancelled Update had overwritten the object');
  return now;
}

/** Whether an Update that would have changed this object in place has not been seen on it, and is not known to have ended. */
function mayMeetOlderPut(kind: NamedKind, context: LifecycleContext, before: ZenmlObject): boolean {
  const { ResourceProperties: now, OldResourceProperties: old } = context.event;
  const { revision } = readMarks(context, before);
  return !context.revertsEndedUpdate && revision !== undefined && revision !== revisionOf(old)
    && stableJson(kind.immutableProperties(old)) === stableJson(kind.immutableProperties(now));
}
