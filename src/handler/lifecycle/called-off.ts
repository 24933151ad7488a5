import { NamedKind } from './named-kind';
import { namesUs } from './ownership';
import { revisionOf, stableJson } from './properties';
import { Work } from './work';
import { Label } from '../../contract/labels';
import { NamedProperties } from '../../contract/properties';
import { CALL_TIMEOUT_MS } from '../zenml/call';
import { ZenmlObject } from '../zenml/objects';

/**
 * CloudFormation calls an Update off when another resource fails, and sends its rollback at once. ZenML has no versions of objects that would
 * make the older of two PUTs fail, so the rollback looks a second time when the older one must have arrived or been given up.
 */
export async function undoneByOlderPut<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, before: O,
): Promise<O | undefined> {
  if (!mayMeetOlderPut(kind, work, before)) { return undefined; }
  if (work.deadline.left() < 2 * CALL_TIMEOUT_MS) {
    work.note('not looked at a second time: no time left');
    return undefined;
  }
  await work.ports.clock.sleep(CALL_TIMEOUT_MS, work.deadline.signal);
  const now = await kind.get(work, before.id);
  if (!now || !namesUs(work, now) || now.labels[Label.REVISION] === revisionOf(work.event.ResourceProperties)) { return undefined; }
  work.note('put once more: the Update before was still at work');
  return now;
}

/** Whether an Update that would have changed this object in place has not been seen on it, and is not known to have ended. */
function mayMeetOlderPut<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, work: Work, before: O): boolean {
  const { ResourceProperties: now, OldResourceProperties: old } = work.event;
  const applied = before.labels[Label.REVISION];
  return !work.followsNoChange && applied !== undefined && applied !== revisionOf(old)
    && stableJson(kind.fixedProperties(old)) === stableJson(kind.fixedProperties(now));
}
