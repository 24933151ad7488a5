import { NamedKind, Raw } from './kind';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';
import { isNewerThanEvent, readMarks } from '../marks';
import { isTrue } from '../properties';

/** Gives an adopted object back, which the properties `written` had changed. `found`: what its label says of the time before. */
export async function giveBack(
  kind: NamedKind, context: LifecycleContext, object: ZenmlObject, found: string | undefined, written: Raw,
): Promise<void> {
  if (found === undefined) { return context.log('not deleted: it was adopted, and nothing of it had been changed'); }
  await kind.adoption?.giveBack(context, object, found, written);
  context.log('given back as it was before the adoption');
}

/** Gives back what a request with these properties has adopted without CloudFormation's knowledge: it crashed or was cancelled. */
export async function giveBackUnknown(
  kind: NamedKind, context: LifecycleContext, written: Raw, known: readonly (string | undefined)[] = [],
): Promise<void> {
  if (!kind.adoption || !isTrue(written, 'AdoptExisting')) { return; }
  for (const object of await kind.adoption.find(context, written)) {
    const { owner, found } = readMarks(context, object);
    if (owner !== 'this resource' || found === undefined || known.includes(object.id) || isNewerThanEvent(context, object)) { continue; }
    await giveBack(kind, context, object, found, written);
  }
}
