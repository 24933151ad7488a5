import { adopt } from './adopt';
import { Change } from './kind';
import { withReferences } from './missing-reference';
import { nameOf, newPhysicalId, outcome, suffixOf } from './naming';
import { LookUp, postOnce } from './post-once';
import { hasWaited, requireNotCancelled, supersededError } from './replacement';
import { Label } from '../../../contract/labels';
import { NameTakenError } from '../../errors';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext, Outcome } from '../context';
import { untilSeen } from '../lagging-look-ups';
import { creationLabels, isCreatedByThisResource, onlyMatch, ownerLabels, readMarks } from '../marks';
import { revisionOf } from '../properties';

/**
 * Verifies, then creates the object under the name of the properties. `replaces`: physical id of the object that it
 * takes the place of.
 */
export async function createNamed(change: Change, replaces?: string): Promise<Outcome> {
  const { kind, context, properties } = change;
  const name = nameOf(properties, suffixOf(context.event));
  try {
    return await createAs(name, change, replaces);
  } catch (error) {
    if (
      !(error instanceof NameTakenError)
      || context.event.RequestType !== 'Update'
      || (await context.phase()) !== 'rollback'
    ) {
      throw error;
    }
    // People have deleted the object and taken its name. A rollback must not fail over that.
    const other = `${name.slice(0, 200)}-${suffixOf(context.event)}`;
    context.warn(
      'CZ405',
      `the ${kind.what} was created again with the name "${other}", because "${name}" is taken: rename or delete the other one, then change repairTrigger`,
    );
    return createAs(other, change, replaces);
  }
}

async function createAs(name: string, change: Change, replaces: string | undefined): Promise<Outcome> {
  const { kind, context, desired } = change;
  const labels = labelsOfCreation(name, change, replaces);
  const began = context.ports.clock.now();
  await kind.verify(context, desired, name, false);
  await kind.prove?.(context, desired);
  if (hasWaited(context, began)) { await requireStillWanted(name, change); }
  const posted = await post(name, change, labels);
  if (posted) { return created(name, change, posted); }

  // The name is taken: by another delivery of this event, or by an object that this request did not create. A look-up
  // that shows neither lags behind.
  const existing = await untilSeen(context, async () => {
    const found = await kind.byName(context, desired, name);
    return found.length > 0 ? found : undefined;
  }) ?? [];
  const own = onlyMatch(existing, (object) => object.name === name && isOfThisRequest(context, object));
  return own ? created(name, change, own) : adopt(change, { name, labels, existing });
}

function labelsOfCreation(
  name: string,
  { context, properties }: Change,
  replaces: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    ...properties.Labels,
    ...creationLabels(context),
    ...ownerLabels(context, name, revisionOf(context.event.ResourceProperties)),
    ...(replaces && { [Label.REPLACES]: replaces }),
  };
}

/** Another delivery of this event may have created the object already, and an Update may have renamed it since. */
async function requireStillWanted(name: string, { kind, context }: Change): Promise<void> {
  const candidates = await kind.candidates(context, context.event.ResourceProperties);
  const earlier = candidates.find((object) => isOfThisRequest(context, object));
  if (earlier && earlier.name !== name) { throw supersededError(kind, context, earlier); }
  await requireNotCancelled(context);
}

/** Undefined when the name is taken by another object. */
async function post(
  name: string,
  { kind, context, desired }: Change,
  labels: Readonly<Record<string, unknown>>,
): Promise<ZenmlObject | undefined> {
  return postOnce(
    context,
    async () => withReferences(kind, async () => kind.post(context, desired, name, labels)),
    async (): Promise<LookUp<ZenmlObject>> => {
      const found = await kind.byName(context, desired, name);
      const own = onlyMatch(found, (object) => isOfThisRequest(context, object));
      return own ? { own } : found.length > 0 ? 'others' : 'nothing';
    },
  );
}

function isOfThisRequest(context: LifecycleContext, object: ZenmlObject): boolean {
  const { request, found } = readMarks(context, object);
  return isCreatedByThisResource(context, object) && request === context.event.RequestId && found === undefined;
}

function created(name: string, { kind, context }: Change, object: ZenmlObject): Outcome {
  const physicalId = newPhysicalId(context, kind, object.id);
  context.reportCreated(physicalId);
  return outcome(physicalId, object.id, name);
}
