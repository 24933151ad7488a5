import { Marker, operatorName, PRODUCTION, registryName, Spec, stackName, synthesize } from './app';
import { unanswered } from './invariants/answers';
import { unfounded } from './invariants/beliefs';
import { Deletes } from './invariants/deletes';
import { notGivenBack } from './invariants/given-back';
import { leaks } from './invariants/leaks';
import { Liveness } from './invariants/liveness';
import { partsOf } from './invariants/rows';
import { Delivery } from '../simulator/lambda';
import { meddle, Meddling } from './meddling/index';
import { FIRST_SPEC, ORIGINS, Scene, StackName } from './scene';
import { OperationOptions } from '../simulator/stack-state';
import { Template } from '../simulator/template';
import { ToyEvent } from '../simulator/toy-handlers';

/** One story on the real handler and the templates that the constructs make. */
export class Story {
  public readonly scene = new Scene(11);
  public readonly world = this.scene.world;
  public readonly cloudformation = this.world.cloudformation;
  /** ZenML, where the story plays unless it says otherwise. */
  public readonly zenml = this.scene.servers.a;
  /** Requests of which a test has killed the process, or that it has let get lost. */
  public readonly died = new Set<string>();
  private readonly deletes = new Deletes(this.scene);
  private readonly liveness = new Liveness(this.scene);
  private version = 0;

  public constructor() {
    this.cloudformation.custom.onOutcome = (exchange) => this.deletes.look(exchange);
  }

  public async deploy(
    change: Partial<Spec> = {},
    stack: StackName = 'One',
    marker: Marker = 'none',
    options: OperationOptions = {},
    tweak: (template: Template) => Template = (template) => template,
  ): Promise<string> {
    const origin = change.origin ?? ORIGINS.a;
    const spec = { ...FIRST_SPEC, ...change, origin, apiKeyArn: this.scene.apiKeyArn(origin, stack) };
    const { watch } = this.scene;
    if (spec.adopt && spec.names) {
      [registryName(spec.names, spec.region), operatorName(spec.names), stackName(spec.names)].forEach((name) =>
        watch.adoptable.add(name),
      );
    }
    watch.detachAllowed ||= spec.detach;
    return this.world.run(this.cloudformation.deploy(stack, tweak(synthesize(spec, marker, ++this.version)), options));
  }

  /** A deploy that fails after everything else has been done. */
  public async deployAndFail(change: Partial<Spec> = {}, stack: StackName = 'One'): Promise<string> {
    return this.deploy(change, stack, 'at the end', { fail: ['Marker'], cancelUpdates: false });
  }

  public async destroy(stack: StackName = 'One'): Promise<string> {
    return this.world.run(this.cloudformation.destroy(stack));
  }

  public async wait(seconds: number): Promise<void> {
    await this.world.run(this.world.clock.sleep(seconds * 1000));
  }

  /** The rollback is served by a process that remembers nothing; faults `during` it begin. */
  public onRollback(cold: boolean): void {
    this.cloudformation.onStatus = (_, status) => {
      if (!/ROLLBACK_IN_PROGRESS$/.test(status)) {
        return;
      }
      this.zenml.faults.phase = 'rollback';
      if (cold) {
        this.world.lambda.recycle();
      }
    };
  }

  /** What happens to events on their way; those that get lost need no answer. */
  public deliver(choose: (event: ToyEvent) => Delivery): void {
    this.world.lambda.deliver = (raw) => {
      const event = raw as ToyEvent;
      const delivery = choose(event);
      if (delivery.lost || delivery.crash) {
        this.died.add(event.RequestId);
      }
      return delivery;
    };
  }

  /** The process that serves the Create of this resource dies as soon as ZenML has made the object. */
  public dieInCreate(logical: string, path: RegExp): void {
    this.world.dieAfter = (method, where) => method === 'POST' && path.test(where);
    this.world.lambda.deliver = (raw) => {
      const { RequestType, LogicalResourceId, RequestId } = raw as ToyEvent;
      if (RequestType === 'Create' && LogicalResourceId.startsWith(logical)) {
        this.died.add(RequestId);
      }
      return {};
    };
  }

  /** As Ann. */
  public ann(method: string, path: string, body?: unknown): Record<string, unknown> {
    return this.zenml.as(this.scene.other(this.zenml), method, `/api/v1/${path}`, body);
  }

  public meddle(how: Meddling, pick: number = 0): string {
    return meddle(this.scene, how, pick);
  }

  public id(logical: 'Connector' | 'Component' | 'Whole' | 'Attachment', stack: StackName = 'One'): string {
    return [...this.cloudformation.stacks.get(stack)!.resources.values()].find(
      ({ logicalId, type }) => type.startsWith('Custom::') && logicalId.startsWith(logical),
    )!.physicalId;
  }

  public uuid(logical: 'Connector' | 'Component' | 'Whole' | 'Attachment', stack: StackName = 'One'): string {
    return partsOf(this.id(logical, stack))!.uuid;
  }

  public ids(stack: StackName = 'One'): Record<string, string> {
    return {
      Connector: this.uuid('Connector', stack),
      Component: this.uuid('Component', stack),
      Whole: this.uuid('Whole', stack),
    };
  }

  public sent(from: number = 0): string[] {
    return this.cloudformation.custom.exchanges
      .slice(from)
      .map(({ request }) => `${request.type} ${request.logicalId.replace(/[0-9A-F]{8}$/, '')}`);
  }

  public get count(): number {
    return this.cloudformation.custom.exchanges.length;
  }
  public get own(): string[] {
    return this.scene.watch.ownObjects().map(({ kind, name }) => `${kind} ${name}`);
  }
  public get reasons(): string {
    return this.cloudformation.events.map(({ reason }) => reason).join('\n');
  }
  public get production() {
    return [...this.zenml.tables.stacks.values()].find(({ name }) => name === PRODUCTION)!;
  }
  /** The handler's last word to the last event of the type. */
  public lastReason(type: 'Create' | 'Update' | 'Delete'): string {
    return (
      this.cloudformation.custom.exchanges
        .filter(({ request, outcome }) => request.type === type && outcome?.success === false)
        .at(-1)?.outcome?.reason ?? ''
    );
  }

  /** What the laws object to, whatever the story is about. */
  public lawless(): string[] {
    const { exchanges } = this.cloudformation.custom;
    return [
      ...this.scene.watch.violations,
      ...this.deletes.violations(),
      ...this.liveness.violations([], exchanges, () => false),
      ...notGivenBack(this.scene, () => false),
      ...unanswered(this.scene, this.died),
      ...this.world.callRate.violations,
      ...leaks(this.scene),
    ];
  }

  /** Nothing that a watcher could object to. */
  public clean(): void {
    expect(this.scene.watch.violations).toEqual([]);
    expect(leaks(this.scene)).toEqual([]);
    expect(unfounded(this.scene)).toEqual([]);
  }
}
