import { CloudFormationEvent } from './cloudformation/event';
import { stableJson } from './lifecycle/properties';

/** Updates remembered; each is needed until its rollback. */
const KEPT = 200;
/**
 * A rollback begins when the other resources have come to rest; later events may come after changes that another
 * process made.
 */
const VALID_MS = 10 * 60_000;

/** How an Update of this process ended. */
export interface EndedUpdate {
  /** Whether it may have changed something in ZenML. */
  readonly hasWritten: boolean;
}

/**
 * Updates that this process has answered with FAILED. CloudFormation sends their rollback soon after, most of the time
 * to the same warm process, which then knows without a question to CloudFormation whether there is anything to put
 * back.
 */
export class FailedUpdates {
  private readonly updates = new Map<string, EndedUpdate & { readonly update: string; readonly at: number }>();

  public remember(event: CloudFormationEvent, hasWritten: boolean, now: number): void {
    if (event.RequestType !== 'Update') { return; }
    this.updates.set(keyOf(event), {
      hasWritten,
      update: stableJson([event.OldResourceProperties, event.ResourceProperties]),
      at: now,
    });
    if (this.updates.size > KEPT) { this.updates.delete(this.updates.keys().next().value!); }
  }

  /**
   * The Update that this event takes back, if it was remembered last; forgets that, since any event may change things.
   */
  public revertedBy(event: CloudFormationEvent, now: number): EndedUpdate | undefined {
    const known = this.updates.get(keyOf(event));
    this.updates.delete(keyOf(event));
    if (known === undefined || now - known.at >= VALID_MS) { return undefined; }
    return known.update === stableJson([event.ResourceProperties, event.OldResourceProperties]) ? known : undefined;
  }
}

function keyOf(event: CloudFormationEvent): string {
  return `${event.StackId}|${event.LogicalResourceId}|${event.PhysicalResourceId}`;
}
