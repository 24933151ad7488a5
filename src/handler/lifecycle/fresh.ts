import { postOnce } from './create-once';
import { NamedKind } from './named-kind';
import { nameOf, outcomeOf, tailOf } from './naming';
import { birthLabels, isNewerThanEvent, isOurs, keptLabels, ownerLabels, single } from './ownership';
import { revisionOf } from './properties';
import { late } from './replacement';
import { Outcome, Work } from './work';
import { Label } from '../../contract/labels';
import { NamedProperties } from '../../contract/properties';
import { UserError } from '../errors';
import { ZenmlObject } from '../zenml/objects';

/** No Update follows a Create so soon, in milliseconds. */
const FRESH_MS = 5_000;

/** Verify, then make the object under a name of this very request. */
export async function createFresh<P extends NamedProperties, O extends ZenmlObject, D>(
  kind: NamedKind<P, O, D>, work: Work, properties: P, desired: D,
): Promise<Outcome> {
  const tail = tailOf(work.event);
  const name = nameOf(properties, tail);
  const labels = { ...properties.Labels, ...birthLabels(work), ...ownerLabels(work, name, revisionOf(work.event.ResourceProperties)) };
  const told = (object: O) => outcomeOf(kind, work, object.id, tail, name);

  const isThisRequests = (object: O) => isOurs(work, object) && object.labels[Label.REQUEST] === work.event.RequestId;
  const began = work.ports.clock.now();
  await kind.verify(work, desired, name, false);
  if (mayBeLate(work, began)) {
    const made = (await kind.candidates(work, work.event.ResourceProperties)).find(isThisRequests);
    if (made && made.name !== name) { throw late(kind, made); }
  }
  const posted = await postOnce(
    work,
    async () => kind.post(work, desired, name, labels),
    async () => single(await kind.byName(work, desired, name), isThisRequests),
  );
  if (posted) {
    work.made(told(posted).physicalId);
    return told(posted);
  }

  // The name is taken: by an earlier delivery of this event, by an earlier life of this resource, or by somebody else.
  const existing = await kind.byName(work, desired, name);
  const own = single(existing, (object) => isOurs(work, object));
  if (own && isThisRequests(own)) {
    work.made(told(own).physicalId);
    return told(own);
  }
  if (own && isNewerThanEvent(work, own)) {
    throw new UserError(`the ${kind.what} "${name}" was made by a later request for this resource: this event came late and changes nothing`);
  }
  const adopted = own ? undefined : adoptable(kind, properties, existing, name);
  const taken = own ?? adopted!;
  const differences = kind.differences(taken, desired);
  if (differences.length > 0) {
    throw new UserError(`the existing ${kind.what} "${name}" cannot be used: its ${differences.join(', ')} differs and cannot change in place; `
      + 'choose another name or delete it');
  }
  // Not `made` before the PUT: without our labels on it, CloudFormation's Delete after a failure must leave the object alone.
  await kind.put(work, taken.id, desired, name, {
    ...keptLabels(taken, {}), ...labels, ...(adopted || taken.labels[Label.ADOPTED] === 'true' ? { [Label.ADOPTED]: 'true' } : {}),
  });
  work.note(adopted ? 'adopted' : 'took up again');
  return told(taken);
}

function adoptable<P extends NamedProperties, O extends ZenmlObject, D>(kind: NamedKind<P, O, D>, properties: P, existing: O[], name: string): O {
  const found = single(existing, () => true);
  if (properties.AdoptExisting === 'true' && found) { return found; }
  throw new UserError(`a ${kind.what} named "${name}" exists already in ZenML and is not ours: choose another name, delete it, or set adoptExisting`
    + `${properties.AdoptExisting === 'true' ? ' (it is set, but this account cannot see exactly one such object)' : ''}`);
}

/** Whether another delivery of this event may have made the object already, and an Update renamed it since: then the name says nothing. */
function mayBeLate(work: Work, began: number): boolean {
  const now = work.ports.clock.now();
  return now - Math.min(began, work.issuedAt ? Date.parse(work.issuedAt) : began) > FRESH_MS;
}
