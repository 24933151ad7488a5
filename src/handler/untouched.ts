import { CloudFormationEvent } from './cloudformation/event';
import { stableJson } from './lifecycle/properties';

/** Updates remembered; each is needed for the seconds until its rollback. */
const KEPT = 200;

/**
 * Updates that failed before they wrote anything. CloudFormation sends their rollback seconds later, to the same warm process most of the
 * time; it finds everything as it was, so it can succeed although the server is down. A cold process asks the server.
 */
export class Untouched {
  private readonly updates = new Map<string, string>();

  public remember(event: CloudFormationEvent): void {
    if (event.RequestType !== 'Update') { return; }
    this.updates.set(keyOf(event), stableJson([event.OldResourceProperties, event.ResourceProperties]));
    if (this.updates.size > KEPT) { this.updates.delete(this.updates.keys().next().value!); }
  }

  /** Whether the event takes back the very Update that was remembered last; forgets that, since any event may change things. */
  public isRollback(event: CloudFormationEvent): boolean {
    const update = this.updates.get(keyOf(event));
    this.updates.delete(keyOf(event));
    return update === stableJson([event.ResourceProperties, event.OldResourceProperties]);
  }
}

function keyOf(event: CloudFormationEvent): string {
  return `${event.StackId}|${event.LogicalResourceId}|${event.PhysicalResourceId}`;
}
