import { CloudFormationEvent } from './event';
import { issueTime } from './issued-at';
import { Ports, StackEvent } from '../ports';
import { withTimeout } from '../with-timeout';

/**
 * What the CloudFormation stack is doing, as seen from one event. `forward`: a create, an update, its cleanup, or a
 * delete; `rollback`: any of these is taken back, and the event is part of that; `cancelled`: the stack is rolling
 * back, and the event was issued before; `unknown`: CloudFormation cannot be asked.
 */
export type Phase = 'forward' | 'rollback' | 'cancelled' | 'unknown';

/** What CloudFormation has recorded of its operation at work. */
export interface StackHistory {
  readonly phase: Phase;
  /**
   * Of a rollback: the reason with which this resource's Update had failed before; undefined where it had not failed.
   */
  readonly failedWith?: string;
  /**
   * Of a rollback: whether this resource's Update had answered before; `false`: CloudFormation had cancelled it, and it
   * may still be running.
   */
  readonly hasAnswered?: boolean;
  /**
   * Of a rollback: when this resource's Update had succeeded before, in milliseconds of the epoch; undefined where it
   * had not.
   */
  readonly succeededAt?: number;
  /** Of a rollback: the physical id that this resource had before the Update. */
  readonly physicalIdBefore?: string;
  /**
   * Whether resources of a deployment that had succeeded are removed: by the cleanup of an update, or by the deletion
   * of the stack.
   */
  readonly isRemoval?: boolean;
}

/** A stack of 500 resources has some 2,000 events in an update and its rollback. */
const MAX_PAGES = 30;
/**
 * A VPC without an endpoint for CloudFormation does not answer at all; the answer of the handler itself must still be
 * in time.
 */
const TIMEOUT_MS = 4_000;

/** An event of a resource and the request itself are dated by different clocks, in milliseconds. */
const RECORD_TOLERANCE_MS = 2_000;

const ROLLBACK_STARTS = /^(UPDATE_)?ROLLBACK_IN_PROGRESS$/;
const ROLLBACK = /^(UPDATE_)?ROLLBACK_/;
const SUCCEEDED = /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/;
const CLEANUP = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
const CREATED = /^(CREATE|UPDATE)_COMPLETE$/;
const ENDS_UPDATE = /^UPDATE_(COMPLETE|FAILED)$/;
/** CloudFormation's own reason for a resource whose answer it no longer waits for. */
const CANCELLED = /^Resource update cancelled/i;
const OPERATION_STARTS = /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/;

/**
 * Asks CloudFormation, which alone knows across processes whether the stack is rolling back and what each resource last
 * answered.
 */
export async function readStackHistory(ports: Ports, event: CloudFormationEvent): Promise<StackHistory> {
  return await withinTime(ports, async (signal) => read(event, eventsOf(ports, event, signal))) ?? { phase: 'unknown' };
}

/**
 * Physical ids that resources got in the deployment at work, with their logical ids; undefined where CloudFormation
 * cannot be asked. A resource has its last one. The event's own id is not among them, but another one that its resource
 * got since is.
 */
export async function readIdsOfDeployment(
  ports: Ports,
  event: CloudFormationEvent,
): Promise<ReadonlyMap<string, string> | undefined> {
  return withinTime(ports, async (signal) => {
    const last = new Map<string, string>();
    for await (const entry of eventsOf(ports, event, signal)) {
      if (isOfStack(entry, event) && OPERATION_STARTS.test(entry.status)) {
        break;
      }
      if (!isOfStack(entry, event) && CREATED.test(entry.status) && !last.has(entry.logicalId)) {
        last.set(entry.logicalId, entry.physicalId);
      }
    }
    return new Map(
      [...last].filter(([, id]) => id !== event.PhysicalResourceId).map(([logicalId, id]) => [id, logicalId]),
    );
  });
}

async function withinTime<T>(ports: Ports, ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  try {
    return await withTimeout(ports, { milliseconds: TIMEOUT_MS }, ask);
  } catch {
    return undefined;
  }
}

/** The events of the stack, newest first, read page by page as far as they are wanted. */
async function* eventsOf(
  ports: Ports,
  { StackId }: CloudFormationEvent,
  signal: AbortSignal,
): AsyncGenerator<StackEvent> {
  let page: string | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    const { events, nextPage } = await ports.aws.getStackEvents(StackId, page, signal);
    yield* events;
    if (nextPage === undefined) {
      return;
    }
    page = nextPage;
  }
}

/** From the stack's last status back to the start of the operation that is rolled back. */
async function read(event: CloudFormationEvent, events: AsyncGenerator<StackEvent>): Promise<StackHistory> {
  const reader = new HistoryReader(event);
  for await (const entry of events) {
    const history = reader.see(entry);
    if (history === 'start of the operation') { break; }
    if (history) { return history; }
  }
  return reader.history();
}

/** Sees the events of the stack from the newest to the oldest. */
class HistoryReader {
  /** Undefined until an event of the stack itself says it. */
  private isRollingBack?: boolean;
  private isDeletion = false;
  private rollbackStart?: number;
  /** How this resource's Update ended before the rollback. */
  private update?: StackEvent;
  /** When this resource's Update began before the rollback. */
  private began?: StackEvent;
  /** The newest request for this resource since the rollback began. */
  private requested?: StackEvent;

  public constructor(private readonly event: CloudFormationEvent) {}

  public see(entry: StackEvent): StackHistory | 'start of the operation' | undefined {
    if (isOfStack(entry, this.event)) { return this.seeStack(entry); }
    if (entry.logicalId === this.event.LogicalResourceId) { this.seeResource(entry); }
    return undefined;
  }

  public history(): StackHistory {
    return { phase: this.phase(), physicalIdBefore: this.began?.physicalId, ...outcomeOf(this.update) };
  }

  private seeStack({ status, time }: StackEvent): StackHistory | 'start of the operation' | undefined {
    // A deletion counts as a removal only after a success: `--on-failure DELETE`, and people, delete stacks whose
    // creation failed.
    if (this.isDeletion && !status.startsWith('DELETE_')) {
      return { phase: 'forward', isRemoval: SUCCEEDED.test(status) };
    }
    this.isDeletion ||= this.isRollingBack === undefined && status === 'DELETE_IN_PROGRESS';
    if (this.isDeletion) {
      this.isRollingBack = false;
      return undefined;
    }
    const isStart = OPERATION_STARTS.test(status);
    if (isStart && this.isOlderThan(time)) { return this.seeEarlierOperation(); }
    this.isRollingBack ??= ROLLBACK.test(status);
    if (isStart) { return 'start of the operation'; }
    if (!this.isRollingBack) { return this.seeForward(status, time); }
    // A rollback that was continued has several starts; the Update that it takes back came before the first.
    if (ROLLBACK_STARTS.test(status)) {
      this.rollbackStart = time;
      this.update = this.began = undefined;
    }
    return undefined;
  }

  /**
   * An event that is older than the newest entry may be of an operation that has ended: the start of the operation
   * tells.
   */
  private seeForward(status: string, time: number): StackHistory | undefined {
    return this.isOlderThan(time) ? undefined : { phase: 'forward', isRemoval: status === CLEANUP };
  }

  /** The event is a late delivery of an operation before: the outcome of that one counts. */
  private seeEarlierOperation(): undefined {
    this.isRollingBack = this.rollbackStart = this.update = this.began = this.requested = undefined;
  }

  /** Whether CloudFormation had issued the event before. */
  private isOlderThan(time: number): boolean {
    const issued = issueTime(this.event.ResponseURL);
    return issued !== undefined && issued < wholeSeconds(time) - RECORD_TOLERANCE_MS;
  }

  private seeResource(entry: StackEvent): void {
    const isRequest = entry.status === 'UPDATE_IN_PROGRESS';
    if (this.rollbackStart === undefined) {
      if (isRequest) { this.requested ??= entry; }
    } else if (ENDS_UPDATE.test(entry.status)) {
      this.update ??= entry;
    } else if (isRequest) {
      this.began = entry;
    }
  }

  private phase(): Phase {
    if (this.isRollingBack === undefined) { return 'unknown'; }
    if (!this.isRollingBack) { return 'forward'; }
    // No rollback creates a resource.
    if (this.event.RequestType === 'Create') { return 'cancelled'; }
    // Only this form of the date is the time at which the event was issued. It has whole seconds.
    const issued = issueTime(this.event.ResponseURL);
    if (issued === undefined || this.rollbackStart === undefined) { return 'rollback'; }
    const start = wholeSeconds(this.rollbackStart);
    if (issued !== start || this.event.RequestType !== 'Update') { return issued < start ? 'cancelled' : 'rollback'; }
    // Issued in the second in which the rollback began: CloudFormation records an Update before it issues it, and takes
    // some seconds to come to that.
    return this.requested === undefined || wholeSeconds(this.requested.time) - issued >= RECORD_TOLERANCE_MS
      ? 'cancelled'
      : 'rollback';
  }
}

/** How the Update of this resource has ended, which is rolled back now. */
function outcomeOf(update: StackEvent | undefined): Pick<StackHistory, 'failedWith' | 'hasAnswered' | 'succeededAt'> {
  return {
    failedWith: update?.status === 'UPDATE_FAILED' ? update.reason : undefined,
    succeededAt: update?.status === 'UPDATE_COMPLETE' ? update.time : undefined,
    hasAnswered: update !== undefined && !CANCELLED.test(update.reason),
  };
}

function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000;
}

function isOfStack(entry: StackEvent, event: CloudFormationEvent): boolean {
  return entry.physicalId === event.StackId;
}
