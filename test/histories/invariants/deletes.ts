import { holdersOf } from './holders';
import { warned } from './log';
import { Known, partsOf } from './rows';
import { Label } from '../../../src/contract/labels';
import { Exchange } from '../../simulator/custom-resources';
import type { Scene } from '../scene';

/**
 * A Delete that says SUCCESS while its object is still there, in the true tables: law 2. Looks when CloudFormation
 * takes the answer; the log is read later, since its line comes last.
 */
export class Deletes {
  private readonly suspects: { readonly requestId: unknown; readonly text: string }[] = [];

  /**
   * `overtaken`: whether a second copy of an event may still have been at work beside the Delete (a limit of decision
   * 4).
   */
  public constructor(
    private readonly scene: Scene,
    private readonly overtaken: (stackId: string, logicalId: string) => boolean = () => false,
  ) {}

  public look(exchange: Exchange): void {
    const { request, outcome, event } = exchange;
    if (request.type !== 'Delete') {
      return;
    }
    const where = `Delete of ${request.stackId.split('/')[1]}/${request.logicalId} ${request.physicalId}`;
    if (!outcome!.success) {
      if (/^zenml:create-failed:/.test(request.physicalId ?? '') && exchange.answers.length > 0) {
        this.suspects.push({
          requestId: event.RequestId,
          text: `${where} failed, though its Create had made nothing: ${outcome!.reason}`,
        });
      }
      return;
    }
    if (request.properties.AbandonUnreachable === 'true') {
      return;
    }
    const complaint = request.resourceType.endsWith('Attachment')
      ? this.stillAttached(exchange)
      : this.stillThere(exchange);
    if (complaint) {
      this.suspects.push({ requestId: event.RequestId, text: `${where} said SUCCESS, but ${complaint}` });
    }
  }

  public violations(): string[] {
    return this.suspects.filter(({ requestId }) => !warned(this.scene.world, requestId)).map(({ text }) => text);
  }

  private stillThere({ request, event }: Exchange): string | undefined {
    const { watch, servers, world } = this.scene;
    const id = partsOf(request.physicalId);
    const server = Object.values(servers).find((candidate) => candidate.id === id?.serverId);
    const object = server && watch.object(server, id!.uuid);
    // What the library's accounts did not create was adopted, and is given back instead.
    if (!object || !watch.isOurUser(object.userId)) {
      return undefined;
    }
    if (id!.tail.startsWith('adopted-') || watch.everAdopted.has(object.id)) {
      return undefined;
    }
    const others = holdersOf(world, object.id).filter(
      ({ stack, resource }) => stack.id !== request.stackId || resource.logicalId !== request.logicalId,
    );
    if (others.length > 0 || namesAnother(object, event)) {
      return undefined;
    }
    return `${object.kind} "${object.name}" is still there: ${JSON.stringify(object.labels)}`;
  }

  private stillAttached({ request }: Exchange): string | undefined {
    const { watch, servers } = this.scene;
    const id = partsOf(request.physicalId);
    const server = Object.values(servers).find((candidate) => candidate.id === id?.serverId);
    const stack = server && watch.object(server, id!.uuid);
    const { Id } = request.properties.Component as { Id?: string };
    // The second copy of its Create attaches the component again: a stack of somebody else has no labels that say when
    // it was attached.
    if (this.overtaken(request.stackId, request.logicalId)) {
      return undefined;
    }
    if (!stack || Id === undefined || watch.putInByOthers.has(`${stack.id} ${Id}`)) {
      return undefined;
    }
    const labels: Readonly<Record<string, unknown>> = watch.object(server!, Id)?.labels ?? {};
    if (labels[Label.FOUND] !== undefined && labels[Label.STACK] !== request.stackId) {
      // Whoever has adopted the component has its places in ZenML stacks, too.
      watch.putInByOthers.add(`${stack.id} ${Id}`);
      return undefined;
    }
    return Object.values(stack.components!).flat().includes(Id)
      ? `component ${Id} is still in stack "${stack.name}"`
      : undefined;
  }
}

/** Whether at least two labels say that the object is somebody else's. */
function namesAnother(object: Known, event: Readonly<Record<string, unknown>>): boolean {
  const { labels } = object;
  const signs = [
    labels[Label.STACK] !== undefined && labels[Label.STACK] !== event.StackId,
    labels[Label.LOGICAL_ID] !== undefined && labels[Label.LOGICAL_ID] !== event.LogicalResourceId,
    labels[Label.NAME] !== undefined && labels[Label.NAME] !== object.name,
  ];
  return signs.filter(Boolean).length >= 2;
}
