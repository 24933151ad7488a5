import { CloudFormationEvent } from './event';
import { issueTime } from './issued-at';
import { Ports, StackEvent } from '../ports';

/**
 * What the CloudFormation stack is doing, as seen from one event. `forward`: a create, an update, its cleanup, or a delete; `rollback`: any of
 * these is taken back, and the event is part of that; `cancelled`: the stack is rolling back, and the event was issued before;
 * `unknown`: CloudFormation cannot be asked.
 */
export type Phase = 'forward' | 'rollback' | 'cancelled' | 'unknown';

/** What CloudFormation has recorded of its operation at work. */
export interface StackHistory {
  readonly phase: Phase;
  /** Of a rollback: the reason with which this resource's Update had failed before; undefined where it had not failed. */
  readonly failedWith?: string;
  /** Whether resources of a deployment that had succeeded are removed: by the cleanup of an update, or by the deletion of the stack. */
  readonly isRemoval?: boolean;
}

/** A stack of 500 resources has some 2,000 events in an update and its rollback. */
const MAX_PAGES = 30;
/** A VPC without an endpoint for CloudFormation does not answer at all; the answer of the handler itself must still be in time. */
const TIMEOUT_MS = 4_000;

const ROLLBACK_STARTS = /^(UPDATE_)?ROLLBACK_IN_PROGRESS$/;
const ROLLBACK = /^(UPDATE_)?ROLLBACK_/;
const SUCCEEDED = /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/;
const OPERATION_STARTS = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

/** Asks CloudFormation, which alone knows across processes whether the stack is rolling back and what each resource last answered. */
export async function readStackHistory(ports: Ports, event: CloudFormationEvent): Promise<StackHistory> {
  const controller = new AbortController();
  const cancel = ports.clock.alarm(TIMEOUT_MS, () => controller.abort(new Error('timeout')));
  try {
    return await read(ports, event, controller.signal);
  } catch {
    return { phase: 'unknown' };
  } finally {
    cancel();
  }
}

async function read(ports: Ports, event: CloudFormationEvent, signal: AbortSignal): Promise<StackHistory> {
  let isRollingBack: boolean | undefined;
  let isDeletion = false;
  let rollbackStart: number | undefined;
  let failedWith: string | undefined;
  const result = (): StackHistory => ({ phase: phaseOf(event, isRollingBack, rollbackStart), failedWith });
  let page: string | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    const { events, nextPage } = await ports.aws.getStackEvents(event.StackId, page, signal);
    // Newest first: the stack's last status, then back to the start of the operation that is rolled back.
    for (const entry of events) {
      if (isOfStack(entry, event)) {
        // A deletion counts as a removal only after a success: `--on-failure DELETE`, and people, delete stacks whose creation failed.
        if (isDeletion && !entry.status.startsWith('DELETE_')) { return { phase: 'forward', isRemoval: SUCCEEDED.test(entry.status) }; }
        isDeletion ||= isRollingBack === undefined && entry.status === 'DELETE_IN_PROGRESS';
        if (isDeletion) { isRollingBack = false; continue; }
        isRollingBack ??= ROLLBACK.test(entry.status);
        if (!isRollingBack) { return { phase: 'forward', isRemoval: entry.status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' }; }
        if (OPERATION_STARTS.test(entry.status)) { return result(); }
        // A rollback that was continued has several starts; the Update that it takes back came before the first.
        if (ROLLBACK_STARTS.test(entry.status)) {
          rollbackStart = entry.time;
          failedWith = undefined;
        }
      } else if (rollbackStart !== undefined && failedWith === undefined && entry.logicalId === event.LogicalResourceId && entry.status === 'UPDATE_FAILED') {
        failedWith = entry.reason;
      }
    }
    if (nextPage === undefined) { break; }
    page = nextPage;
  }
  return result();
}

function phaseOf(event: CloudFormationEvent, isRollingBack: boolean | undefined, rollbackStart: number | undefined): Phase {
  if (isRollingBack === undefined) { return 'unknown'; }
  if (!isRollingBack) { return 'forward'; }
  // Only this form of the date is the time at which the event was issued. It has whole seconds.
  const issued = issueTime(event.ResponseURL);
  return issued !== undefined && rollbackStart !== undefined && issued < Math.floor(rollbackStart / 1000) * 1000 ? 'cancelled' : 'rollback';
}

function isOfStack(entry: StackEvent, event: CloudFormationEvent): boolean {
  return entry.physicalId === event.StackId;
}
