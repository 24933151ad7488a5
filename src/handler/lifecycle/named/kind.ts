import { Kind } from '../../../contract/physical-id';
import { NamedProperties } from '../../../contract/properties';
import { ZenmlObject } from '../../zenml/objects';
import { LifecycleContext } from '../context';

export type Raw = Readonly<Record<string, unknown>>;

/** What a PUT changes of every kind: computed anew before each try, from the object as it is then (`now`). */
export type NameAndLabels<O> = () => Promise<{ readonly name: string; readonly labels: Raw; readonly now: O }>;

/**
 * What the kinds with a name of their own differ in. `P` are the properties, `O` is the object as the server describes
 * it, `D` the desired state with every reference resolved and every key read.
 */
export interface NamedKind<
  P extends NamedProperties = NamedProperties,
  O extends ZenmlObject = ZenmlObject,
  D = unknown,
> {
  readonly kind: Exclude<Kind, 'stack-attachment'>;
  /** ZenML's word for it, in messages. */
  readonly what: string;
  /**
   * The properties without whose values the object does not work: a rollback must not leave them as a failed Update
   * wrote them.
   */
  readonly vitalProperties: readonly string[];
  /**
   * What an object of this kind refers to by an id that the template holds: the server says only when it is written
   * that it is gone.
   */
  readonly refersTo?: string;
  /** How an existing object is adopted and given back; absent where that is not possible. */
  readonly adoption?: Adoption<O, D>;

  parse(raw: Raw, older: Raw): P;
  /** Everything that can fail before anything is changed. */
  prepare(context: LifecycleContext, properties: P): Promise<D>;
  /**
   * Throws when the desired state would not work. `singleAttempt`: does not wait until AWS knows a young role
   * everywhere.
   */
  verify(context: LifecycleContext, desired: D, name: string, singleAttempt: boolean): Promise<void>;
  /**
   * Throws when what uses the object would be refused; nothing has changed by then. `object`: the one that is about to
   * be updated. A rollback is warned of a refusal, and goes on.
   */
  prove?(context: LifecycleContext, desired: D, object?: O): Promise<void>;
  /** The immutable properties in which the object differs, by name. */
  immutableDifferences(object: O, desired: D): string[];
  /** The immutable ones among the raw properties. */
  immutableProperties(raw: Raw): unknown;

  get(context: LifecycleContext, id: string): Promise<O | undefined>;
  /**
   * All objects whose name the server takes for this one; a database that ignores case and accents finds others as
   * well.
   */
  byName(context: LifecycleContext, desired: D, name: string): Promise<O[]>;
  /** The objects of this account, of a cancelled or earlier request perhaps; the caller checks the marks. */
  candidates(context: LifecycleContext, raw: Raw, createdSince?: Date): Promise<O[]>;
  post(context: LifecycleContext, desired: D, name: string, labels: Raw): Promise<O>;
  put(context: LifecycleContext, id: string, desired: D, state: NameAndLabels<O>): Promise<O>;
  /** Deletes the object; refuses while others use it, unless it may be detached. */
  remove(context: LifecycleContext, object: O): Promise<void>;
  /** Deletes by the id alone, where a look-up showed no object: a look-up may lag behind a write, a DELETE does not. */
  removeById(context: LifecycleContext, id: string): Promise<void>;
}

/** A Create or Update at work: the kind of the object, the request, and what the object is to become. */
export interface Change {
  readonly kind: NamedKind;
  readonly context: LifecycleContext;
  readonly properties: NamedProperties;
  /** The desired state, with every reference resolved and every key read. */
  readonly desired: unknown;
}

/** An object that an Update changes in place, with the physical id that CloudFormation has of it or gets. */
export interface Target {
  readonly object: ZenmlObject;
  readonly physicalId: string;
}

export interface Adoption<O = ZenmlObject, D = unknown> {
  /** What has to be known to give the object back after the desired state was written, as JSON text. */
  describe(object: O, desired: D): string;
  /** The objects that these properties may have adopted. */
  find(context: LifecycleContext, raw: Raw): Promise<O[]>;
  /**
   * The description of an adopted object before another write. `found`: the description that the object has. What the
   * last write wrote is as it was found, and what somebody else has changed since is as it is.
   */
  describeNow(context: LifecycleContext, object: O, found: string, desired: D): Promise<string>;
  /** Restores what still is as the last write wrote it, and leaves alone what somebody else has changed since. */
  giveBack(context: LifecycleContext, object: O, found: string): Promise<void>;
}
