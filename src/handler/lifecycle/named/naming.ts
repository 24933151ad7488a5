import { createHash } from 'node:crypto';
import { formatPhysicalId, Kind, PhysicalId } from '../../../contract/physical-id';
import { brokenNameRule, NAME_MAX_LENGTH } from '../../../contract/rules';
import { CloudFormationEvent } from '../../cloudformation/event';
import { UserError } from '../../errors';
import { LifecycleContext, Outcome } from '../context';

/** Six hex digits of a creation: every delivery of one event gets the same, every other event another. */
export function suffixOf(event: Pick<CloudFormationEvent, 'StackId' | 'LogicalResourceId' | 'RequestId'>): string {
  return createHash('sha256')
    .update(`${event.StackId}|${event.LogicalResourceId}|${event.RequestId}`)
    .digest('hex')
    .slice(0, 6);
}

interface Naming {
  readonly Name?: string;
  readonly NamePrefix?: string;
}

/** The name that an object has by its properties, without a check: for the answer about an object that exists. */
export function uncheckedNameOf(properties: Naming, suffix: string): string {
  return properties.Name ?? `${(properties.NamePrefix ?? '').slice(0, NAME_MAX_LENGTH - suffix.length - 1)}-${suffix}`;
}

/**
 * The explicit name, or the generated one, which follows from the properties and the suffix in the physical id alone.
 */
export function nameOf(properties: Naming, suffix: string): string {
  const name = uncheckedNameOf(properties, suffix);
  const broken = brokenNameRule(name);
  if (broken) { throw new UserError('CZ353', `${broken}, got "${name.slice(0, 80)}": choose another name`); }
  return name;
}

/** The physical id of an object that this request creates or adopts. */
export function newPhysicalId(
  context: LifecycleContext,
  kind: { readonly kind: Kind },
  uuid: string,
  adopted: boolean = false,
): string {
  const id: PhysicalId = {
    kind: kind.kind,
    serverId: context.session.serverId,
    uuid,
    tail: suffixOf(context.event),
    adopted,
  };
  return formatPhysicalId(id);
}

export function outcome(physicalId: string, uuid: string, name: string): Outcome {
  return { physicalId, id: uuid, name };
}
