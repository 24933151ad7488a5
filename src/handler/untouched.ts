import { CloudFormationEvent } from './cloudformation/event';
import { stableJson } from './lifecycle/properties';

/** Updates remembered; each is needed until its rollback. */
const KEPT = 200;
/** A rollback begins when the other resources have come to rest; later events may come after changes that another process made. */
const VALID_MS = 10 * 60_000;

/**
 * Updates that failed before they wrote anything. CloudFormation sends their rollback soon after, to the same warm process most of the
 * time; it finds everything as it was, so it may succeed although the server is down.
 */
export class Untouched {
  private readonly updates = new Map<string, { readonly update: string; readonly at: number }>();

  public remember(event: CloudFormationEvent, now: number): void {
    if (event.RequestType !== 'Update') { return; }
    this.updates.set(keyOf(event), { update: stableJson([event.OldResourceProperties, event.ResourceProperties]), at: now });
    if (this.updates.size > KEPT) { this.updates.delete(this.updates.keys().next().value!); }
  }

  /** Whether the event takes back the very Update that was remembered last; forgets that, since any event may change things. */
  public isRollback(event: CloudFormationEvent, now: number): boolean {
    const known = this.updates.get(keyOf(event));
    this.updates.delete(keyOf(event));
    return known !== undefined && now - known.at < VALID_MS && known.update === stableJson([event.ResourceProperties, event.OldResourceProperties]);
  }
}

function keyOf(event: CloudFormationEvent): string {
  return `${event.StackId}|${event.LogicalResourceId}|${event.PhysicalResourceId}`;
}
