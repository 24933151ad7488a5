import { NamedKind } from './named-kind';
import { nameOf, outcomeOf } from './naming';
import { birthLabels, isOvertaken, keptLabels, ownerLabels } from './ownership';
import { revisionOf } from './properties';
import { late } from './replacement';
import { Outcome, Work } from './work';
import { Label } from '../../contract/labels';
import { NamedProperties } from '../../contract/properties';
import { UserError, ZenmlError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

/** A verification that took longer has waited, in milliseconds. */
const QUICK_MS = 1_000;

/** Undefined when the object is not there any more. */
export async function putInPlace<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, object: O, tail: string, properties: P, desired: D, extra: Readonly<Record<string, string>>,
): Promise<Outcome | undefined> {
  const name = nameOf(properties, tail);
  const revision = revisionOf(work.event.ResourceProperties);
  const applied = object.labels[Label.REVISION] === revision;
  const began = work.ports.clock.now();
  try {
    await kind.verify(work, desired, name, applied);
  } catch (error) {
    // What is desired is what was applied last: a rollback, say. Failing it would lock the CloudFormation stack over a fault in AWS that
    // this request did not make and cannot mend.
    if (!applied || !(error instanceof UserError)) { throw error; }
    work.note(`unchanged, though not verified: ${error.message}`);
  }
  // CloudFormation may have called this Update off while it waited for AWS, and the rollback be through.
  const refuseWhenOvertaken = async () => {
    const now = await kind.get(work, object.id);
    if (now && isOvertaken(work, now)) { throw late(kind, now); }
  };
  if (work.ports.clock.now() - began > QUICK_MS) { await refuseWhenOvertaken(); }
  const kept = keptLabels(object, work.event.OldResourceProperties.Labels);
  const labels = {
    ...(kept[Label.REQUEST] === undefined ? birthLabels(work) : {}), ...kept, ...extra, ...properties.Labels, ...ownerLabels(work, name, revision),
  };
  try {
    await kind.put(work, object.id, desired, name, labels, refuseWhenOvertaken);
  } catch (error) {
    if (!(error instanceof ZenmlError)) { throw error; }
    if (error.status === 404 && await kind.get(work, object.id) === undefined) { return undefined; }
    if (error.status === 409) {
      throw new UserError(`a ${kind.what} named "${name}" exists already in ZenML: choose another name or delete it; nothing was changed`);
    }
    throw error;
  }
  return outcomeOf(kind, work, object.id, tail, name);
}
