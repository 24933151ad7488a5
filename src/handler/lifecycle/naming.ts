import { createHash } from 'node:crypto';
import { Outcome, Work } from './work';
import { formatPhysicalId, Kind } from '../../contract/physical-id';
import { brokenNameRule, NAME_MAX_LENGTH } from '../../contract/rules';
import { CloudFormationEvent } from '../cloudformation/event';
import { UserError } from '../errors';

/** Six hex digits of a creation: every delivery of one event gets the same, every other event another. */
export function tailOf(event: Pick<CloudFormationEvent, 'StackId' | 'LogicalResourceId' | 'RequestId'>): string {
  return createHash('sha256').update(`${event.StackId}|${event.LogicalResourceId}|${event.RequestId}`).digest('hex').slice(0, 6);
}

/** The explicit name, or the generated one, which can be told from the properties and the physical id's tail alone. */
export function nameOf(properties: { Name?: string; NamePrefix?: string }, tail: string): string {
  const name = properties.Name ?? `${(properties.NamePrefix ?? '').slice(0, NAME_MAX_LENGTH - tail.length - 1)}-${tail}`;
  const broken = brokenNameRule(name);
  if (broken) { throw new UserError(`${broken}, got "${name.slice(0, 80)}": choose another name`); }
  return name;
}

/** What a Create or Update of a named object answers. */
export function outcomeOf(kind: { readonly kind: Kind }, work: Work, uuid: string, tail: string, name: string): Outcome {
  return { physicalId: formatPhysicalId({ kind: kind.kind, serverId: work.session.serverId, uuid, tail }), id: uuid, name };
}
