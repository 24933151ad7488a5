import { holdersOf } from './holders';
import { warned } from './log';
import { partsOf } from './rows';
import { Label } from '../../../src/contract/labels';
import { Exchange } from '../../simulator/custom-resources';
import { ModelServer } from '../../zenml-model/model-server';
import { Connector } from '../../zenml-model/objects';
import type { Scene } from '../scene';

interface Living {
  readonly server: ModelServer;
  readonly id: string;
  readonly text: string;
}

const DONE = /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/;
/** Words with which a reason tells that credentials go. */
const TOLD = /\b(role|access key|keys?|credentials?|dead|dies?|stops? working)\b/i;

/**
 * A connector lives while the user, key, role and policies that it needs exist: what stays in ZenML must live, law 3.
 */
export class Liveness {
  public constructor(private readonly scene: Scene) {}

  public living(): Living[] {
    return this.connectors()
      .filter(({ row }) => this.deadness(row) === undefined)
      .map(({ server, row }) => ({ server, id: row.id, text: textOf(row) }));
  }

  /** What lived before and is dead now, or what a stack holds for done and is dead. `exchanges`: those of this step. */
  public violations(
    before: readonly Living[],
    exchanges: readonly Exchange[],
    overtaken: (stackId: string, logicalId: string) => boolean,
  ): string[] {
    const { watch, world } = this.scene;
    const known = new Map(before.map((living) => [living.id, living]));
    return this.connectors().flatMap(({ row }) => {
      const why = this.deadness(row);
      if (why === undefined) {
        return [];
      }
      const holders = holdersOf(world, row.id);
      const done = holders.some(({ stack, resource }) => DONE.test(stack.status) && /_COMPLETE$/.test(resource.status));
      const lived = known.get(row.id);
      if (!lived && !(done && !watch.touchedByOthers.has(row.id))) {
        return [];
      }
      // A person who edits the credentials or the role answers for them.
      if (watch.touchedByOthers.has(row.id) && (!lived || lived.text !== textOf(row)) && watch.isOurUser(row.userId)) {
        return [];
      }
      // Without its labels, and without CloudFormation's word, nobody can tell whose it was.
      if (world.everUnreachable && row.labels[Label.STACK] === undefined && holders.length === 0) {
        return [];
      }
      if (holders.some(({ stack, resource }) => overtaken(stack.id, resource.logicalId))) {
        return [];
      }
      if (
        this.wasTold(row, exchanges)
        || this.wasRefusedBefore(row)
        || this.wasNarrowed(row, why)
        || isKeptNoLonger(row, exchanges)
      ) {
        return [];
      }
      return [`connector "${row.name}" (${watch.isOurUser(row.userId) ? 'ours' : 'foreign'}) is dead: ${why}`];
    });
  }

  /**
   * A refused Delete whose reason names it, one whose process a test has killed, one that may abandon, or one that
   * warns in the log.
   */
  private wasTold(row: Connector, exchanges: readonly Exchange[]): boolean {
    return exchanges.some(({ request, outcome, answers, event }) => {
      const id = partsOf(request.physicalId);
      const isAboutIt = id ? id.uuid === row.id : request.stackId === row.labels[Label.STACK];
      if (request.type !== 'Delete' || !isAboutIt) {
        return false;
      }
      if (
        answers.length === 0
        || request.properties.AbandonUnreachable === 'true'
        || warned(this.scene.world, event.RequestId)
      ) {
        return true;
      }
      return outcome?.success === false && TOLD.test(outcome.reason);
    });
  }

  /**
   * A Delete was refused at any time, and its reason named what dies, or could abandon it: CloudFormation may delete
   * what it needs later, with the successor.
   */
  private wasRefusedBefore({ id }: Connector): boolean {
    return this.scene.world.cloudformation.custom.exchanges.some(
      ({ request, outcome }) =>
        request.type === 'Delete'
        && partsOf(request.physicalId)?.uuid === id
        && (request.properties.AbandonUnreachable === 'true'
          || (outcome?.success === false && TOLD.test(outcome.reason))),
    );
  }

  /**
   * Kept when an Update replaced it (UpdateReplacePolicy), while the same deploy moved the role's rights to another
   * Region.
   */
  private wasNarrowed({ id, labels }: Connector, why: string): boolean {
    const stack = [...this.scene.world.cloudformation.stacks.values()].find(
      (candidate) => candidate.id === labels[Label.STACK],
    );
    const now = partsOf(stack?.resources.get(labels[Label.LOGICAL_ID] ?? '')?.physicalId);
    return /not authorized to perform: ecr:/.test(why) && now !== undefined && now.uuid !== id;
  }

  private connectors(): { server: ModelServer; row: Connector }[] {
    return Object.values(this.scene.servers).flatMap((server) =>
      [...server.tables.connectors.values()].map((row) => ({ server, row })),
    );
  }

  private deadness(row: Connector): string | undefined {
    return this.scene.world.account.deadness(row.configuration, row.authMethod);
  }
}

/**
 * Kept by RETAIN when it was replaced, and RETAIN was removed since: a Delete of its successor takes what both live
 * from.
 */
function isKeptNoLonger({ id, labels }: Connector, exchanges: readonly Exchange[]): boolean {
  return exchanges.some(({ request }) => {
    const deleted = request.type === 'Delete' ? partsOf(request.physicalId) : undefined;
    return (
      deleted !== undefined
      && deleted.uuid !== id
      && request.stackId === labels[Label.STACK]
      && request.logicalId === labels[Label.LOGICAL_ID]
    );
  });
}

const textOf = (row: Connector) => JSON.stringify([row.authMethod, row.configuration]);
