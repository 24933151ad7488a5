import { foundNow } from './give-back';
import { NamedKind } from './kind';
import { withReferences } from './missing-reference';
import { nameOf, newPhysicalId, outcome, suffixOf } from './naming';
import { LookUp, postOnce } from './post-once';
import { hasWaited, requireNotCancelled, supersededError } from './replacement';
import { Label } from '../../../contract/labels';
import { NamedProperties } from '../../../contract/properties';
import { NameTakenError, UserError } from '../../errors';
import { areAlike, ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { creationLabels, isCreatedByThisResource, isNewerThanEvent, onlyMatch, ownerLabels, preservedLabels, readMarks } from '../marks';
import { revisionOf } from '../properties';

/** Verifies, then creates the object under the name of the properties. `replaces`: physical id of the object that it takes the place of. */
export async function createNamed(
  kind: NamedKind, context: LifecycleContext, properties: NamedProperties, desired: unknown, replaces?: string,
): Promise<Outcome> {
  const name = nameOf(properties, suffixOf(context.event));
  try {
    return await createAs(name, kind, context, properties, desired, replaces);
  } catch (error) {
    if (!(error instanceof NameTakenError) || context.event.RequestType !== 'Update' || await context.phase() !== 'rollback') { throw error; }
    // People have deleted the object and taken its name. A rollback must not fail over that.
    const other = `${name.slice(0, 200)}-${suffixOf(context.event)}`;
    context.warn(`the ${kind.what} was created again with the name "${other}", because "${name}" is taken: rename or delete the other one, then change refreshToken`);
    return createAs(other, kind, context, properties, desired, replaces);
  }
}

async function createAs(
  name: string, kind: NamedKind, context: LifecycleContext, properties: NamedProperties, desired: unknown, replaces: string | undefined,
): Promise<Outcome> {
  const labels = {
    ...properties.Labels,
    ...creationLabels(context),
    ...ownerLabels(context, name, revisionOf(context.event.ResourceProperties)),
    ...(replaces && { [Label.REPLACES]: replaces }),
  };
  const created = (object: ZenmlObject) => {
    const physicalId = newPhysicalId(context, kind, object.id);
    context.reportCreated(physicalId);
    return outcome(physicalId, object.id, name);
  };
  const isOfThisRequest = (object: ZenmlObject) =>
    isCreatedByThisResource(context, object) && readMarks(context, object).request === context.event.RequestId
    && readMarks(context, object).found === undefined;

  const began = context.ports.clock.now();
  await kind.verify(context, desired, name, false);
  await kind.prove?.(context, desired);
  // Another delivery of this event may have created the object already, and an Update may have renamed it since.
  if (hasWaited(context, began)) {
    const earlier = (await kind.candidates(context, context.event.ResourceProperties)).find(isOfThisRequest);
    if (earlier && earlier.name !== name) { throw supersededError(kind, context, earlier); }
    await requireNotCancelled(context);
  }
  const posted = await postOnce(
    context,
    async () => withReferences(kind, async () => kind.post(context, desired, name, labels)),
    async (): Promise<LookUp<ZenmlObject>> => {
      const found = await kind.byName(context, desired, name);
      const own = onlyMatch(found, isOfThisRequest);
      return own ? { own } : found.length > 0 ? 'others' : 'nothing';
    },
  );
  if (posted) { return created(posted); }

  // The name is taken: by another delivery of this event, or by an object that this request did not create. A look-up that shows neither lags behind.
  const existing = await untilSeen(context, async () => {
    const found = await kind.byName(context, desired, name);
    return found.length > 0 ? found : undefined;
  }) ?? [];
  const own = onlyMatch(existing, (object) => object.name === name && isOfThisRequest(object));
  return own ? created(own) : adopt(kind, context, properties, desired, name, labels, existing);
}

/** Takes over an existing object, if that is wanted and can be undone. */
async function adopt(
  kind: NamedKind, context: LifecycleContext, properties: NamedProperties, desired: unknown, name: string,
  labels: Readonly<Record<string, unknown>>, existing: readonly ZenmlObject[],
): Promise<Outcome> {
  const object = onlyMatch(existing, (other) => other.name === name);
  const newer = object && isCreatedByThisResource(context, object) && isNewerThanEvent(context, object);
  if (newer) { throw supersededError(kind, context, object); }
  if (!object || properties.AdoptExisting !== 'true') { throw takenError(kind, context, name, existing, object); }
  if (!kind.adoption) {
    throw new NameTakenError(`ZenML already has a ${kind.what} named "${name}", and a ${kind.what} cannot be adopted, because its credentials could not be given back: `
      + 'leave the name out to create a new one, or use the existing one (RegistryAuthentication.existingConnector)');
  }
  const differences = kind.immutableDifferences(object, desired);
  if (differences.length > 0) {
    throw new NameTakenError(`the existing ${kind.what} "${name}" cannot be adopted: its ${differences.join(', ')} differs and cannot change in place; `
      + 'choose another name or delete it');
  }
  const physicalId = newPhysicalId(context, kind, object.id, true);
  // Refuses what could not be given back.
  kind.adoption.describe(object, desired);
  // From here on a failure makes CloudFormation delete this id, which gives the object back; without the label there is nothing to give back.
  context.reportCreated(physicalId);
  await kind.put(context, object.id, desired, async () => {
    const now = await kind.get(context, object.id) ?? object;
    return { name, labels: { ...preservedLabels(now, {}), ...labels, [Label.FOUND]: await describeFound(kind, context, now, desired) } };
  });
  context.log('adopted');
  return outcome(physicalId, object.id, name);
}

/** An object that this resource has adopted before is given back as it was found then. */
async function describeFound(kind: NamedKind, context: LifecycleContext, now: ZenmlObject, desired: unknown): Promise<string> {
  const earlier = readMarks(context, now).owner === 'this resource' ? await foundNow(kind, context, now, desired) : undefined;
  return earlier ?? kind.adoption!.describe(now, desired);
}

function takenError(
  kind: NamedKind, context: LifecycleContext, name: string, existing: readonly ZenmlObject[], object: ZenmlObject | undefined,
): UserError {
  const alike = existing.find((other) => other.name !== name && areAlike(other.name, name));
  if (!object && alike) {
    return new NameTakenError(`this ZenML server takes the names "${name}" and "${alike.name}" for one, and a ${kind.what} named "${alike.name}" exists: choose another name`);
  }
  const ours = object && readMarks(context, object).owner === 'this resource'
    ? 'that an earlier deployment of this resource left there' : 'that this CloudFormation resource did not create';
  const remedy = kind.adoption ? 'choose another name, delete it in ZenML, or set adoptExisting' : 'choose another name or delete it in ZenML';
  const unseen = object ? '' : ' (this account cannot see exactly one such object)';
  return new NameTakenError(`ZenML already has a ${kind.what} named "${name}" ${ours}: ${remedy}${unseen}`);
}
