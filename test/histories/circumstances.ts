import type { Scene } from './scene';
import { MAX_EVENT_AGE_SECONDS } from '../../src/contract/timing';
import { Delivery } from '../simulator/lambda';
import { ToyEvent } from '../simulator/toy-handlers';
import { Fault } from '../zenml-model/faults';
import { ModelServer } from '../zenml-model/model-server';

/** What goes wrong on the way of the n-th event of an operation. */
export interface Mishap {
  readonly event: number;
  readonly kind: 'crash before' | 'crash after' | 'duplicate' | 'late duplicate' | 'slow queue' | 'answer refused';
  /** Which call of the outside, or how late: 0 to 20. */
  readonly at: number;
}

/** How the world is during an operation; absent: as one would wish. */
export interface Conditions {
  /** When Lambda takes new processes. */
  readonly cold?: 'in the rollback' | 'for each event';
  /** The function has not run for weeks. */
  readonly asleep?: boolean;
  /** How many processes may be at work. */
  readonly concurrency?: number;
  /** GETs are so much behind. */
  readonly lagSeconds?: number;
  /** The function's VPC has no endpoint for CloudFormation. */
  readonly cloudformationUnreachable?: boolean;
}

/** An event that waits longer than this in the queue finds a CloudFormation that has gone on. */
const LONGEST_QUEUE_SECONDS = Math.min(MAX_EVENT_AGE_SECONDS, 300) - 1;

/** Brings the conditions, faults and mishaps of one operation about, and takes them away again. */
export class Circumstances {
  /** Requests of which a second copy was delivered. */
  public readonly repeated = new Set<string>();
  /** Requests of operations in which answers of ZenML got lost. */
  public readonly shaky = new Set<string>();
  /** Requests whose process died. */
  public readonly died = new Set<string>();

  public constructor(
    private readonly scene: Scene,
    private readonly journal: string[],
  ) {}

  public begin(
    server: ModelServer,
    mishaps: readonly Mishap[],
    faults: readonly Fault[],
    conditions: Conditions = {},
  ): void {
    const { world } = this.scene;
    server.faults.add(...faults);
    if (conditions.lagSeconds) {
      server.lag(conditions.lagSeconds * 1000);
    }
    if (conditions.asleep) {
      world.lambda.fallAsleep();
    }
    world.lambda.concurrency = conditions.concurrency ?? Infinity;
    world.cloudformationUnreachable = conditions.cloudformationUnreachable ?? false;
    world.everUnreachable ||= world.cloudformationUnreachable;
    world.cloudformation.onStatus = (_, status) => {
      if (!/ROLLBACK_IN_PROGRESS$/.test(status)) {
        return;
      }
      server.faults.phase = 'rollback';
      if (conditions.cold === 'in the rollback') {
        world.lambda.recycle();
      }
    };
    let index = 0;
    world.lambda.deliver = (event) => {
      if (conditions.cold === 'for each event') {
        world.lambda.recycle();
      }
      const number = index++;
      return this.delivery(
        event as ToyEvent,
        mishaps.filter((mishap) => mishap.event === number),
        faults,
      );
    };
  }

  /** Nothing goes wrong any more. */
  public end(): void {
    const { world, servers } = this.scene;
    for (const server of Object.values(servers)) {
      server.faults.clear();
      server.lag(0);
    }
    world.answerFailures.length = 0;
    world.lambda.concurrency = Infinity;
    world.lambda.wakeUp();
    world.cloudformationUnreachable = false;
    world.cloudformation.onStatus = undefined;
  }

  /**
   * What a person does before continuing a rollback: everything that a handler's reason can name, but no object is
   * brought back.
   */
  public mend(): void {
    this.end();
    this.scene.world.lambda.deliver = () => ({});
    this.scene.world.account.implicitEnabled = true;
    this.scene.mendKeys();
  }

  private delivery(event: ToyEvent, mishaps: readonly Mishap[], faults: readonly Fault[]): Delivery {
    const { world } = this.scene;
    const delivery: { -readonly [K in keyof Delivery]: Delivery[K] } = { delay: 50 + world.random.integer(200) };
    const duplicates: number[] = [];
    for (const { kind, at } of mishaps) {
      if (kind === 'crash before' || kind === 'crash after') {
        delivery.crash = { atCall: at, afterwards: kind === 'crash after' };
        this.died.add(event.RequestId);
      }
      if (kind === 'duplicate') {
        duplicates.push(100 + at * 50);
      }
      if (kind === 'late duplicate') {
        duplicates.push(10_000 + (at % 50) * 1000);
      }
      if (kind === 'slow queue') {
        delivery.delay = 1000 * Math.ceil((LONGEST_QUEUE_SECONDS * (at + 1)) / 21);
      }
      if (kind === 'answer refused') {
        world.answerFailures.push(...Array.from({ length: at % 3 }, () => 503));
      }
    }
    if (duplicates.length > 0) {
      this.repeated.add(event.RequestId);
    }
    if (faults.some(({ kind }) => kind === 'drop-answer' || kind === 'status-after')) {
      this.shaky.add(event.RequestId);
    }
    this.journal.push(
      `    ${event.RequestType} ${event.LogicalResourceId}${mishaps.map((mishap) => ` [${mishap.kind} ${mishap.at}]`).join('')}`,
    );
    return { ...delivery, duplicates };
  }
}
