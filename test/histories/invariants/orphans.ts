import { holdersOf } from './holders';
import { warned } from './log';
import { partsOf } from './rows';
import { Label } from '../../../src/contract/labels';
import { changeBudgetSeconds, DEFAULT_TIMEOUT_SECONDS, MAX_EVENT_AGE_SECONDS } from '../../../src/contract/timing';
import { Exchange } from '../../simulator/custom-resources';
import { Circumstances } from '../circumstances';
import { OwnObject } from '../invariant-watch';
import type { Scene } from '../scene';

/** A copy starts within the function's maxEventAge and works for its budget at most. */
const COPY_LIFE_MS = 1000 * (MAX_EVENT_AGE_SECONDS + changeBudgetSeconds(DEFAULT_TIMEOUT_SECONDS));

/** Objects of the library's accounts that no stack knows of, and of which nobody was told. */
export class Orphans {
  /** `<stack id>|<logical id>` of resources of which CloudFormation has said that their Delete failed. */
  private readonly told = new Set<string>();

  /** `strict`: without the allowances for what a second copy of an event can do (limits of decision 4). */
  public constructor(
    private readonly scene: Scene,
    private readonly circumstances: Circumstances,
    private readonly strict: boolean,
  ) {}

  public tell(stackId: string, logicalId: string): void {
    this.told.add(`${stackId}|${logicalId}`);
  }

  public find(): string[] {
    const { watch, world } = this.scene;
    return watch
      .ownObjects()
      .filter(
        (object) =>
          holdersOf(world, object.id).length === 0
          && !this.isKnownToSomebody(object)
          // What was taken over stays, unless told otherwise.
          && !watch.everAdopted.has(object.id)
          && !watch.touchedByOthers.has(object.id)
          && !this.resurrected(object)
          && !this.postedAgain(object),
      )
      .map(
        ({ kind, name, id, labels }) =>
          `orphan: ${kind} "${name}" ${id} of ${String(labels[Label.STACK]).split('/')[1]} ${String(labels[Label.LOGICAL_ID])}`,
      );
  }

  /**
   * Whether a copy of an event may have come after a later event for the same resource, and have put back what that one
   * changed.
   */
  public readonly overtaken = (stackId: string, logicalId: string): boolean =>
    this.lateCopies(({ request }) => request.stackId === stackId && request.logicalId === logicalId);

  /**
   * A refused Delete, one that was allowed to abandon, one that warns in the log, or a resource that was to be kept.
   */
  private isKnownToSomebody({ id, labels }: OwnObject): boolean {
    const { exchanges } = this.scene.world.cloudformation.custom;
    const ofItsResource = ({ request }: Exchange) =>
      request.stackId === labels[Label.STACK] && request.logicalId === labels[Label.LOGICAL_ID];
    const deletes = exchanges.filter(
      (exchange) =>
        exchange.request.type === 'Delete'
        && (partsOf(exchange.request.physicalId)?.uuid === id || ofItsResource(exchange)),
    );
    return (
      this.told.has(`${String(labels[Label.STACK])}|${String(labels[Label.LOGICAL_ID])}`)
      || deletes.some(
        ({ request, outcome, event }) =>
          outcome?.success === false
          || request.properties.AbandonUnreachable === 'true'
          || warned(this.scene.world, event.RequestId),
      )
      || exchanges.some((exchange) => ofItsResource(exchange) && warned(this.scene.world, exchange.event.RequestId))
      || this.scene.world.cloudformation.events.some(
        ({ status, physicalId }) => status === 'DELETE_SKIPPED' && partsOf(physicalId)?.uuid === id,
      )
    );
  }

  /**
   * The window that row 33 of the failure table accepts: a second copy of a Create is still at work when a later event
   * has deleted or renamed what the first one made.
   */
  private resurrected({ labels }: OwnObject): boolean {
    return this.lateCopies((exchange) => exchange.event.RequestId === String(labels[Label.REQUEST]));
  }

  /**
   * A cancelled Create lost the answer to its POST, and posted again after the Delete had found and taken the first
   * object.
   */
  private postedAgain({ labels }: OwnObject): boolean {
    const { exchanges } = this.scene.world.cloudformation.custom;
    return (
      !this.strict
      && this.circumstances.shaky.has(String(labels[Label.REQUEST]))
      && exchanges.some(
        ({ request }) =>
          request.type === 'Delete'
          && request.logicalId === labels[Label.LOGICAL_ID]
          && request.stackId === labels[Label.STACK]
          && !request.physicalId!.startsWith('zenml:'),
      )
    );
  }

  private lateCopies(which: (exchange: Exchange) => boolean): boolean {
    const { exchanges } = this.scene.world.cloudformation.custom;
    const wasRepeated = ({ event }: Exchange) => this.circumstances.repeated.has(String(event.RequestId));
    return (
      !this.strict
      && exchanges
        .filter((exchange) => wasRepeated(exchange) && which(exchange))
        .some((first) =>
          exchanges.some(
            ({ request, sentAt }) =>
              request.type !== 'Create'
              && request.stackId === first.request.stackId
              && request.logicalId === first.request.logicalId
              && request !== first.request
              && sentAt >= first.sentAt
              && sentAt - first.sentAt < COPY_LIFE_MS,
          ),
        )
    );
  }
}
