import { NamedKind, Raw } from './kind';
import { Label } from '../../../contract/labels';
import { ZenmlError } from '../../errors';
import { parseJson } from '../../zenml/answers';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';
import { isNewerThanEvent, readMarks } from '../marks';
import { isTrue, record } from '../properties';

/** Gives an adopted object back. `found`: what its label says of the time before. */
export async function giveBack(
  kind: NamedKind,
  context: LifecycleContext,
  object: ZenmlObject,
  found: string | undefined,
): Promise<void> {
  if (found === undefined) {
    const isMarked = readMarks(context, object).owner === 'this resource';
    return isMarked
      ? context.warn(
        'CZ403',
        `not given back: ${kind.what} "${object.name}" was adopted, and somebody has removed its label ${Label.FOUND}: check the object by hand`,
      )
      : context.log('not deleted: it was adopted, and nothing of the object had been changed');
  }
  if (!isDescription(found)) {
    return context.warn(
      'CZ403',
      `not given back: the label ${Label.FOUND} of ${kind.what} "${object.name}" was edited: check the object by hand`,
    );
  }
  try {
    await kind.adoption?.giveBack(context, object, found);
    context.log('given back as it was before the adoption');
  } catch (error) {
    if (!(error instanceof ZenmlError) || !error.isMissing || (await kind.get(context, object.id)) !== undefined) {
      throw error;
    }
    context.log('no longer exists');
  }
}

/**
 * What an adopted object is given back as, after a write that overwrites what people have changed since the last one:
 * that is theirs, too. Undefined for an object that was not adopted.
 */
export async function foundNow(
  kind: NamedKind,
  context: LifecycleContext,
  object: ZenmlObject,
  desired: unknown,
): Promise<string | undefined> {
  const { found } = readMarks(context, object);
  return kind.adoption && found !== undefined && isDescription(found)
    ? kind.adoption.describeNow(context, object, found, desired)
    : undefined;
}

function isDescription(found: string): boolean {
  const parsed = record(parseJson(found));
  return typeof parsed.name === 'string' && typeof parsed.labels === 'object' && parsed.labels !== null;
}

/**
 * Gives back what a request with these properties has adopted without CloudFormation's knowledge: it crashed or was
 * cancelled.
 */
export async function giveBackUnknown(
  kind: NamedKind, context: LifecycleContext, written: Raw, known: readonly (string | undefined)[] = [],
): Promise<void> {
  if (!kind.adoption || !isTrue(written, 'AdoptExisting')) { return; }
  for (const object of await kind.adoption.find(context, written)) {
    const { owner, found } = readMarks(context, object);
    if (
      owner !== 'this resource'
      || found === undefined
      || known.includes(object.id)
      || isNewerThanEvent(context, object)
    ) {
      continue;
    }
    await giveBack(kind, context, object, found);
  }
}
