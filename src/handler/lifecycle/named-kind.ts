import { Work } from './work';
import { Kind } from '../../contract/physical-id';
import { NamedProperties } from '../../contract/properties';
import { ZenmlObject } from '../zenml/objects';

/**
 * What the kinds with a name of their own differ in: `P` the properties, `O` the object as the server tells it, `D` the desired state with
 * every reference resolved and every key read.
 */
export interface NamedKind<P extends NamedProperties, O extends ZenmlObject, D> {
  readonly kind: Exclude<Kind, 'stack-attachment'>;
  /** ZenML's word for it, in messages. */
  readonly what: string;

  parse(raw: Readonly<Record<string, unknown>>): P;
  /** Everything that can fail before anything is changed. */
  prepare(work: Work, properties: P): Promise<D>;
  /** Throws when the desired state would not work. `once`: does not wait for AWS to see a young role. */
  verify(work: Work, desired: D, name: string, once: boolean): Promise<void>;
  /** The properties that cannot change in place and differ, by name. */
  differences(object: O, desired: D): string[];
  /** Of the raw properties, those that cannot change in place; a hint, since state decides. */
  fixedProperties(raw: Readonly<Record<string, unknown>>): unknown;

  get(work: Work, id: string): Promise<O | undefined>;
  byName(work: Work, desired: D, name: string): Promise<O[]>;
  /** Objects that may be this resource's; the caller checks ownership. */
  candidates(work: Work, raw: Readonly<Record<string, unknown>>): Promise<O[]>;
  post(work: Work, desired: D, name: string, labels: Readonly<Record<string, unknown>>): Promise<O>;
  /** `beforeRepeat` runs before the PUT is tried again after a lost answer. */
  put(work: Work, id: string, desired: D, name: string, labels: Readonly<Record<string, unknown>>, beforeRepeat?: () => Promise<void>): Promise<O>;
  /** Deletes; refuses while others use the object, unless they may be detached. */
  remove(work: Work, object: O): Promise<void>;
}
