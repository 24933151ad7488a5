import { createHash } from 'node:crypto';
import { LifecycleContext } from './context';
import { Label, LABEL_PREFIX } from '../../contract/labels';
import { isLater } from '../cloudformation/issued-at';
import { ZenmlObject } from '../zenml/objects';

/**
 * Dates further in the future than this, in milliseconds, were not written by the handler: any ZenML user may edit
 * labels.
 */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** What the library's labels on an object say, read once. */
interface Marks {
  /**
   * Whose object it is. `another` takes two labels that agree on another resource: a single label that somebody edited
   * does not make the object another's. `nobody`: no labels of the library, or labels that contradict each other.
   */
  readonly owner: 'this resource' | 'another' | 'nobody';
  /** ARN of the CloudFormation stack that the labels name. */
  readonly stack?: string;
  /** The name that was written beside the labels. */
  readonly name?: string;
  readonly request?: string;
  readonly issuedAt?: string;
  readonly appliedAt?: string;
  readonly revision?: string;
  readonly replaces?: string;
  readonly found?: string;
}

export function readMarks(context: LifecycleContext, object: ZenmlObject): Marks {
  const label = (key: string) => {
    const value = object.labels[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const date = (key: string) => {
    const value = label(key);
    return value !== undefined && Date.parse(value) <= context.ports.clock.now() + CLOCK_TOLERANCE_MS
      ? value
      : undefined;
  };
  return {
    owner: ownerOf(context, label(Label.STACK), label(Label.LOGICAL_ID), label(Label.OWNER)),
    stack: label(Label.STACK),
    name: label(Label.NAME),
    request: label(Label.REQUEST),
    issuedAt: date(Label.ISSUED_AT),
    appliedAt: date(Label.APPLIED_AT),
    revision: label(Label.REVISION),
    replaces: label(Label.REPLACES),
    found: label(Label.FOUND),
  };
}

function ownerOf(
  context: LifecycleContext,
  stack: string | undefined,
  logicalId: string | undefined,
  owner: string | undefined,
): Marks['owner'] {
  const { StackId, LogicalResourceId } = context.event;
  if ((stack === StackId && logicalId === LogicalResourceId) || owner === ownerDigest(StackId, LogicalResourceId)) {
    return 'this resource';
  }
  if (stack === undefined || logicalId === undefined) {
    return 'nobody';
  }
  // Without the digest at least two labels are not as this resource wrote them.
  return owner === undefined || owner === ownerDigest(stack, logicalId) ? 'another' : 'nobody';
}

function ownerDigest(stackId: string, logicalId: string): string {
  return createHash('sha256').update(`${stackId}|${logicalId}`).digest('hex').slice(0, 16);
}

/**
 * Whether this resource created the object. The labels alone do not say so: ZenML's `copy` command duplicates them onto
 * other objects, and anyone may write labels. So the owner must be the account of the API key, and the name the one
 * that was written beside the labels.
 */
export function isCreatedByThisResource(context: LifecycleContext, object: ZenmlObject): boolean {
  return isOfThisAccount(context, object) && readMarks(context, object).name === object.name;
}

/** Whether an object with the marks of this resource belongs to the account of the API key. */
export function isOfThisAccount(context: LifecycleContext, object: ZenmlObject): boolean {
  return object.userId === context.session.userId && readMarks(context, object).owner === 'this resource';
}

/** The single object that passes the test; undefined for none or several. */
export function onlyMatch<O>(objects: readonly O[], test: (object: O) => boolean): O | undefined {
  const found = objects.filter(test);
  return found.length === 1 ? found[0] : undefined;
}

/** The labels that say how an object came to be. */
export function creationLabels(context: LifecycleContext): Record<string, string> {
  return { [Label.REQUEST]: context.event.RequestId, ...(context.issuedAt && { [Label.ISSUED_AT]: context.issuedAt }) };
}

/** The labels that say whose the object is now, whenever it was created. */
export function ownerLabels(context: LifecycleContext, name: string, revision: string): Record<string, string> {
  const { StackId, LogicalResourceId } = context.event;
  return {
    [Label.STACK]: StackId,
    [Label.LOGICAL_ID]: LogicalResourceId,
    [Label.OWNER]: ownerDigest(StackId, LogicalResourceId),
    [Label.NAME]: name,
    [Label.REVISION]: revision,
    ...(context.issuedAt && { [Label.APPLIED_AT]: context.issuedAt }),
  };
}

const CREATION: readonly string[] = [Label.REQUEST, Label.ISSUED_AT, Label.REPLACES, Label.FOUND];

/**
 * The labels that a PUT, which replaces them all, must carry on: those of other people, and how the object came to be.
 */
export function preservedLabels(object: ZenmlObject, oldLabels: unknown): Record<string, unknown> {
  const old = typeof oldLabels === 'object' && oldLabels !== null ? oldLabels : {};
  return Object.fromEntries(Object.entries(object.labels)
    .filter(([key]) => (key.startsWith(LABEL_PREFIX) ? CREATION.includes(key) : !Object.hasOwn(old, key))));
}

/**
 * Whether the object was created after this event was issued: a second copy of an old Delete must not delete a newer
 * object.
 */
export function isNewerThanEvent(context: LifecycleContext, object: ZenmlObject): boolean {
  return isLater(readMarks(context, object).issuedAt, context.issuedAt);
}

/**
 * Whether a newer request has been applied to the object: then CloudFormation has moved on since it issued this event.
 */
export function isSuperseded(context: LifecycleContext, object: ZenmlObject): boolean {
  const { owner, appliedAt } = readMarks(context, object);
  return owner === 'this resource' && isLater(appliedAt, context.issuedAt);
}

/** The object that was created last. */
export function mostRecent<O extends ZenmlObject>(context: LifecycleContext, objects: readonly O[]): O | undefined {
  const created = (object: O) => readMarks(context, object).issuedAt ?? '';
  return [...objects].sort((a, b) => created(b).localeCompare(created(a)))[0];
}
