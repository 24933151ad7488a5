import { Found, Outcome } from './context';
import { LAG_MS } from './lagging-look-ups';
import { uncheckedNameOf } from './named/naming';
import { stableJson, textOf } from './properties';
import { Kind, parsePhysicalId } from '../../contract/physical-id';
import { CloudFormationEvent } from '../cloudformation/event';
import { StackHistory } from '../cloudformation/stack-history';
import {
  DeadlineError,
  LostAnswerError,
  MissingReferenceError,
  MissingSecretError,
  RefusedProofError,
  UnreachableError,
} from '../errors';
import { EndedUpdate } from '../failed-updates';

/**
 * Ends the reason of an Update that failed and has written nothing; its rollback reads this in CloudFormation's events.
 */
export const NOTHING_CHANGED = 'Nothing was changed in ZenML.';

/**
 * What the answer to an Update can be told from without calling the server: all of it stands in the id and the
 * properties.
 */
export function outcomeFromEvent(kind: Kind, event: CloudFormationEvent): Outcome | undefined {
  const id = parsePhysicalId(event.PhysicalResourceId);
  if (id?.kind !== kind) { return undefined; }
  const properties = {
    Name: textOf(event.ResourceProperties, 'Name'),
    NamePrefix: textOf(event.ResourceProperties, 'NamePrefix'),
  };
  const name = kind === 'stack-attachment' ? id.tail : uncheckedNameOf(properties, id.tail);
  return { physicalId: event.PhysicalResourceId!, id: id.uuid, name };
}

interface FailedUpdate {
  readonly event: CloudFormationEvent;
  /** With what it has failed. */
  readonly error: unknown;
  readonly vitalProperties: readonly string[];
  /** What this Update has found of its object, if it came so far. */
  readonly found?: Found;
  /** When it was found, in milliseconds of the epoch. */
  readonly foundAt?: number;
  /** The Update that this one takes back, where this process has served it. */
  readonly reverted?: EndedUpdate;
  readonly history: () => Promise<StackHistory>;
}

/**
 * `keep`: the Update may end well, with the object as it is, for the reason that is given. `fail`: with a sentence to
 * add to the reason, which says how to go on when this stops a rollback.
 */
export type Verdict =
  { readonly keep: string; readonly risk?: boolean } | { readonly fail: string; readonly stopsRollback?: boolean };

/**
 * Whether an Update that has failed may end well all the same. Failing a rollback locks the CloudFormation stack, so a
 * rollback fails only where ending well would lose something that works: where the object may still have values of the
 * Update that is taken back, on whose resources (keys, roles, components) it depends and which CloudFormation deletes
 * next.
 */
export async function judgeFailedUpdate(update: FailedUpdate): Promise<Verdict> {
  const { found, ...unseen } = update;
  const believed =
    found !== undefined && isUnreachable(update.error) && isOutdated(update, await update.history()) ? unseen : update;
  return judgeByObject(believed) ?? judgeByHistory(believed, await update.history());
}

/** A server that cannot be reached cannot be asked again. */
function isUnreachable(error: unknown): boolean {
  return error instanceof UnreachableError || error instanceof DeadlineError || error instanceof LostAnswerError;
}

/**
 * Whether the look-up may have lagged behind the Update that is rolled back and that had succeeded a moment before:
 * then it proves nothing.
 */
function isOutdated({ foundAt = 0 }: FailedUpdate, { succeededAt }: StackHistory): boolean {
  return succeededAt !== undefined && foundAt - succeededAt < LAG_MS;
}

/** The verdict where CloudFormation need not be asked. */
function judgeByObject({ error, found, reverted }: FailedUpdate): Verdict | undefined {
  // The object is as wanted, but what is asked for is that pushes work.
  if (error instanceof RefusedProofError) { return { fail: '' }; }
  if (reverted && !reverted.hasWritten) { return { keep: 'the update that is rolled back had changed nothing' }; }
  if (found !== 'as wanted') { return undefined; }
  // A replacement that the failed update has created may be left, since only an update that ends well looks for one;
  // and the look-up may have lagged.
  return { keep: 'the object already has what this request wants', risk: true };
}

function judgeByHistory(update: FailedUpdate, { phase, failedWith }: StackHistory): Verdict {
  if (phase === 'unknown') {
    return {
      fail: `If this stops a rollback (CloudFormation could not be asked): remove the cause, then ${wayOn(update.event)}`,
    };
  }
  return phase === 'rollback' ? judgeRollback(update, failedWith) : { fail: '' };
}

/** `failedWith`: the reason with which the Update that is rolled back had failed. */
function judgeRollback(
  { event, error, found, vitalProperties }: FailedUpdate,
  failedWith: string | undefined,
): Verdict {
  if (found === 'gone') {
    return {
      keep: 'the object no longer exists in ZenML: the next deployment that changes this resource creates it again',
      risk: true,
    };
  }
  if (found === 'adopted by another') {
    return { keep: 'another CloudFormation resource has adopted the object', risk: true };
  }
  if (failedWith?.includes(NOTHING_CHANGED)) {
    return { keep: 'the update that is rolled back had changed nothing' };
  }
  if (error instanceof MissingReferenceError || error instanceof MissingSecretError) {
    // Nobody can bring back what the properties of the rollback refer to, so a stop here would be for good.
    return {
      keep: 'what it referred to before the update no longer exists: the next deployment that changes this resource puts it right',
      risk: true,
    };
  }
  const { OldResourceProperties: old, ResourceProperties: now } = event;
  const changed = vitalProperties.filter((key) => stableJson(old[key] ?? null) !== stableJson(now[key] ?? null));
  if (changed.length === 0) {
    return {
      keep: 'the update that is rolled back changed only texts: the next deployment that changes this resource puts them right',
      risk: true,
    };
  }
  return {
    fail:
      `The rollback was stopped, because the object may still have the ${changed.join(', ')} of the failed update, which CloudFormation would delete next. `
      + `Remove the cause, then ${wayOn(event)}`,
    stopsRollback: true,
  };
}

/** How people continue a rollback that has stopped. */
function wayOn({ StackId, LogicalResourceId }: CloudFormationEvent): string {
  return `run "aws cloudformation continue-update-rollback --stack-name ${StackId.split('/')[1] ?? StackId}" `
    + `(with "--resources-to-skip ${LogicalResourceId}" the object stays as it is)`;
}
