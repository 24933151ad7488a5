import { foundNow } from './give-back';
import { Change } from './kind';
import { newPhysicalId, outcome } from './naming';
import { supersededError } from './replacement';
import { Label } from '../../../contract/labels';
import { NameTakenError, UserError } from '../../errors';
import { areAlike, ZenmlObject } from '../../zenml/objects';
import { Outcome } from '../context';
import { isCreatedByThisResource, isNewerThanEvent, onlyMatch, preservedLabels, readMarks } from '../marks';

/** A name that is taken, and the objects that have it. */
interface TakenName {
  readonly name: string;
  /** The labels that the object is to have. */
  readonly labels: Readonly<Record<string, unknown>>;
  /** The objects whose name the server takes for this one. */
  readonly existing: readonly ZenmlObject[];
}

/** Takes over an existing object, if that is wanted and can be undone. */
export async function adopt(change: Change, taken: TakenName): Promise<Outcome> {
  const { kind, context, desired } = change;
  const { name, labels } = taken;
  const object = adoptable(change, taken);
  const physicalId = newPhysicalId(context, kind, object.id, true);
  // Refuses what could not be given back.
  kind.adoption!.describe(object, desired);
  // From here on a failure makes CloudFormation delete this id, which gives the object back; without the label there is
  // nothing to give back.
  context.reportCreated(physicalId);
  await kind.put(context, object.id, desired, async () => {
    const now = await kind.get(context, object.id) ?? object;
    return {
      name,
      labels: { ...preservedLabels(now, {}), ...labels, [Label.FOUND]: await describeFound(change, now) },
      now,
    };
  });
  context.log('adopted');
  return outcome(physicalId, object.id, name);
}

/** The one object of the name. Throws where it must not be adopted. */
function adoptable({ kind, context, properties, desired }: Change, taken: TakenName): ZenmlObject {
  const { name, existing } = taken;
  const object = onlyMatch(existing, (other) => other.name === name);
  const newer = object && isCreatedByThisResource(context, object) && isNewerThanEvent(context, object);
  if (newer) { throw supersededError(kind, context, object); }
  if (!object || properties.AdoptExisting !== 'true') { throw takenError({ kind, context }, taken, object); }
  if (!kind.adoption) {
    throw new NameTakenError(
      'CZ342',
      `ZenML already has a ${kind.what} named "${name}", and a ${kind.what} cannot be adopted, because its credentials could not be given back: `
        + 'leave the name out to create a new one, or use the existing one (RegistryAuthentication.existingConnector)',
    );
  }
  const differences = kind.immutableDifferences(object, desired);
  if (differences.length > 0) {
    throw new NameTakenError(
      'CZ342',
      `the existing ${kind.what} "${name}" cannot be adopted: its ${differences.join(', ')} differs and cannot change in place; `
        + 'choose another name or delete it',
    );
  }
  return object;
}

/** An object that this resource has adopted before is given back as it was found then. */
async function describeFound({ kind, context, desired }: Change, now: ZenmlObject): Promise<string> {
  const earlier =
    readMarks(context, now).owner === 'this resource' ? await foundNow(kind, context, now, desired) : undefined;
  return earlier ?? kind.adoption!.describe(now, desired);
}

function takenError(
  { kind, context }: Pick<Change, 'kind' | 'context'>,
  { name, existing }: TakenName,
  object: ZenmlObject | undefined,
): UserError {
  const alike = existing.find((other) => other.name !== name && areAlike(other.name, name));
  if (!object && alike) {
    return new NameTakenError(
      'CZ341',
      `this ZenML server takes the names "${name}" and "${alike.name}" for one, and a ${kind.what} named "${alike.name}" exists: choose another name`,
    );
  }
  const origin =
    object && readMarks(context, object).owner === 'this resource'
      ? 'that an earlier deployment of this resource left there'
      : 'that this CloudFormation resource did not create';
  const remedy = kind.adoption
    ? 'choose another name, delete it in ZenML, or set adoptExisting'
    : 'choose another name or delete it in ZenML';
  const unseen = object ? '' : ' (this account cannot see exactly one such object)';
  return new NameTakenError('CZ341', `ZenML already has a ${kind.what} named "${name}" ${origin}: ${remedy}${unseen}`);
}
