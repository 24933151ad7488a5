import { NamedKind } from './kind';
import { MissingReferenceError, ZenmlError } from '../../errors';

/**
 * Runs a write; where ZenML answers that what the object refers to does not exist, the error says how to create it
 * again.
 */
export async function withReferences<T>(kind: NamedKind, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw missingReference(kind, error) ?? error;
  }
}

/** The explanation of a 404 that is not about the object itself. */
export function missingReference(kind: NamedKind, error: unknown): MissingReferenceError | undefined {
  if (!kind.refersTo || !(error instanceof ZenmlError) || !error.isMissing) { return undefined; }
  return new MissingReferenceError(
    'CZ343',
    `${kind.refersTo} no longer exists in ZenML: change the repairTrigger of the resource that creates it, so that this deployment creates it again `
      + `(${error.message})`,
  );
}
