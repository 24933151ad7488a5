import { NamedKind } from './kind';
import { MAX_START_DELAY_SECONDS, MAX_TIMEOUT_SECONDS } from '../../../contract/timing';
import { CALL_TIMEOUT_MS } from '../../zenml/call';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';
import { readMarks } from '../marks';
import { revisionOf, stableJson } from '../properties';

/** A rollback that comes later cannot meet an Update that is still running, in milliseconds. */
const LONGEST_UPDATE_MS = (MAX_TIMEOUT_SECONDS + MAX_START_DELAY_SECONDS) * 1000;

/**
 * CloudFormation cancels an Update when another resource fails, and sends its rollback at once. ZenML has no versions
 * of objects that would make the older of two PUTs fail. So the rollback reads the object a second time, when the PUT
 * of the cancelled Update must have arrived or been given up, and returns the object if that PUT has overwritten the
 * rollback's own.
 */
export async function overwrittenByOlderPut(
  kind: NamedKind,
  context: LifecycleContext,
  before: ZenmlObject,
): Promise<ZenmlObject | undefined> {
  if (!(await mayMeetOlderPut(kind, context, before))) {
    return undefined;
  }
  if (context.deadline.left() < 2 * CALL_TIMEOUT_MS) {
    context.log('not read a second time, because no time was left');
    return undefined;
  }
  await context.ports.clock.sleep(CALL_TIMEOUT_MS, context.deadline.signal);
  const now = await kind.get(context, before.id);
  const marks = now && readMarks(context, now);
  if (marks?.owner !== 'this resource' || marks.revision === revisionOf(context.event.ResourceProperties)) {
    return undefined;
  }
  context.log('updated once more: the cancelled Update had overwritten the object');
  return now;
}

/**
 * Whether an Update that would have changed this object in place may still send a PUT, or has sent one that the server
 * has not begun.
 */
async function mayMeetOlderPut(kind: NamedKind, context: LifecycleContext, before: ZenmlObject): Promise<boolean> {
  const { ResourceProperties: now, OldResourceProperties: old } = context.event;
  if (
    context.revertsEndedUpdate
    || stableJson(kind.immutableProperties(old)) !== stableJson(kind.immutableProperties(now))
  ) {
    return false;
  }
  const { revision, appliedAt } = readMarks(context, before);
  // An ordinary Update finds the object as the one before had written it, mostly long ago: then CloudFormation need not
  // be asked.
  const hasArrived = revision === undefined || revision === revisionOf(old);
  if (hasArrived && !isRecent(context, appliedAt)) { return false; }
  return await context.mayRevertedUpdateRun() ?? !hasArrived;
}

function isRecent({ issuedAt }: LifecycleContext, appliedAt: string | undefined): boolean {
  return (
    issuedAt !== undefined
    && appliedAt !== undefined
    && Date.parse(issuedAt) - Date.parse(appliedAt) <= LONGEST_UPDATE_MS
  );
}
