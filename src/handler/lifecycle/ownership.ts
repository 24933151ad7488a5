import { Work } from './work';
import { Label, LABEL_PREFIX } from '../../contract/labels';
import { isLater } from '../cloudformation/issued-at';
import { ZenmlObject } from '../zenml/objects';

/** Whether the labels name this stack and logical id. */
export function namesUs(work: Work, object: ZenmlObject): boolean {
  return object.labels[Label.STACK] === work.event.StackId && object.labels[Label.LOGICAL_ID] === work.event.LogicalResourceId;
}

/** Whether the labels name another stack or resource: then the object was taken over and is no business of ours any more. */
export function namesAnother(work: Work, object: ZenmlObject): boolean {
  return (object.labels[Label.STACK] !== undefined || object.labels[Label.LOGICAL_ID] !== undefined) && !namesUs(work, object);
}

/**
 * Whether the object was made by this resource. The labels alone do not say so: ZenML's `copy` duplicates them onto other objects, and
 * anyone may write labels. So the owner must be our own account, and the name the one that was written beside the labels.
 */
export function isOurs(work: Work, object: ZenmlObject): boolean {
  return namesUs(work, object) && object.userId === work.session.userId && object.labels[Label.NAME] === object.name;
}

/** The single object that the test picks; of none or several none. */
export function single<O>(objects: readonly O[], test: (object: O) => boolean): O | undefined {
  const found = objects.filter(test);
  return found.length === 1 ? found[0] : undefined;
}

/** The labels of an object that this request makes. */
export function birthLabels(work: Work): Record<string, string> {
  return { [Label.REQUEST]: work.event.RequestId, ...(work.issuedAt && { [Label.ISSUED_AT]: work.issuedAt }) };
}

/** Labels that say whose the object is now, whenever it was made. */
export function ownerLabels(work: Work, name: string, revision: string): Record<string, string> {
  return {
    [Label.STACK]: work.event.StackId,
    [Label.LOGICAL_ID]: work.event.LogicalResourceId,
    [Label.NAME]: name,
    [Label.REVISION]: revision,
    ...(work.issuedAt && { [Label.APPLIED_AT]: work.issuedAt }),
  };
}

/** The labels that a PUT, which replaces them all, must carry on: those that others added, and how the object came to be. */
export function keptLabels(object: ZenmlObject, oldLabels: unknown): Record<string, unknown> {
  const old = typeof oldLabels === 'object' && oldLabels !== null ? oldLabels : {};
  const birth: readonly string[] = [Label.REQUEST, Label.ISSUED_AT, Label.ADOPTED];
  return Object.fromEntries(Object.entries(object.labels)
    .filter(([key]) => (key.startsWith(LABEL_PREFIX) ? birth.includes(key) : !Object.hasOwn(old, key))));
}

export function issuedAtOf(object: ZenmlObject): string | undefined {
  const value = object.labels[Label.ISSUED_AT];
  return typeof value === 'string' ? value : undefined;
}

/** Whether the object was made after this event was issued: a late duplicate of an old Delete must not take a newer object. */
export function isNewerThanEvent(work: Work, object: ZenmlObject): boolean {
  return isLater(issuedAtOf(object), work.issuedAt);
}

/** Whether a newer request has been applied to the object: then this event came late, or CloudFormation has called it off. */
export function isOvertaken(work: Work, object: ZenmlObject): boolean {
  const applied = object.labels[Label.APPLIED_AT];
  return namesUs(work, object) && isLater(typeof applied === 'string' ? applied : undefined, work.issuedAt);
}

/** The one that was made last. */
export function newest<O extends ZenmlObject>(objects: readonly O[]): O | undefined {
  return [...objects].sort((a, b) => (issuedAtOf(b) ?? '').localeCompare(issuedAtOf(a) ?? ''))[0];
}
