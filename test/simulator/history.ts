import { Marker, Spec, synthesize } from './app';
import { Exchange } from './custom-resources';
import { Delivery } from './lambda';
import { meddle, Meddling } from './meddling';
import { FIRST_SPEC, Origin, ORIGINS, Scene, StackName, STACKS } from './scene';
import { ToyEvent } from './toy-handlers';
import { Label } from '../../src/contract/labels';
import { changeBudgetSeconds, DEFAULT_TIMEOUT_SECONDS, MAX_EVENT_AGE_SECONDS } from '../../src/contract/timing';
import { Fault } from '../fakes/zenml-faults';

/** What goes wrong on the way of the n-th event of an operation. */
export interface Mishap {
  readonly event: number;
  readonly kind: 'crash before' | 'crash after' | 'duplicate' | 'late duplicate' | 'slow queue' | 'answer refused';
  /** Which call of the outside, or how late in seconds. */
  readonly at: number;
}

export interface Change extends Partial<Omit<Spec, 'origin' | 'apiKeyArn'>> {
  readonly server?: Origin;
}

export type Step =
  | { readonly do: 'deploy'; readonly stack: StackName; readonly change: Change; readonly marker: Marker; readonly fail: boolean; readonly mishaps: readonly Mishap[]; readonly faults: readonly Fault[]; readonly iamDelay: number }
  | { readonly do: 'destroy'; readonly stack: StackName; readonly mishaps: readonly Mishap[]; readonly faults: readonly Fault[] }
  | { readonly do: 'both'; readonly steps: readonly Step[] }
  | { readonly do: 'meddle'; readonly how: Meddling; readonly pick: number }
  | { readonly do: 'recycle' }
  | { readonly do: 'wait'; readonly seconds: number };

const COPY_LIFE_MS = 1000 * (MAX_EVENT_AGE_SECONDS + changeBudgetSeconds(DEFAULT_TIMEOUT_SECONDS));

/** Runs steps on a scene, then puts everything right, looks, takes all stacks down and looks again. */
export class History {
  public readonly scene: Scene;
  public readonly journal: string[] = [];
  private readonly specs = new Map<StackName, Spec>();
  private version = 0;
  /** Requests of which a second copy was delivered. */
  private readonly repeated = new Set<string>();
  /** Requests of operations in which answers of ZenML got lost. */
  private readonly shaky = new Set<string>();
  /** `<stack id>|<logical id>` of resources of which CloudFormation has said that their Delete failed, or that it could not be looked for. */
  private readonly excused = new Set<string>();

  /** `strict`: without the allowances for what a second copy of an event can do (limits of decision 4). */
  public constructor(seed: number, private readonly strict: boolean = false) {
    this.scene = new Scene(seed);
  }

  public async run(steps: readonly Step[]): Promise<string[]> {
    const { world, watch } = this.scene;
    const problems: string[] = [];
    const look = (when: string, found: readonly string[]) => problems.push(...found.map(text => `${when}: ${text}`));
    for (const [index, step] of steps.entries()) {
      await world.run(this.perform(step));
      look(`after step ${index + 1} (${step.do})`, watch.unfounded(this.overtaken));
    }
    await world.clock.settle();
    this.calm();
    look('in the end', watch.unfounded(this.overtaken));
    look('in the end', this.orphans());
    await world.run(this.finish());
    await world.clock.settle();
    look('after all was destroyed', this.orphans());
    look('on the way', [...new Set(watch.violations)]);
    look('on the way', watch.leaks());
    look('on the way', this.badAnswers());
    return problems;
  }

  private async perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'deploy': return this.deploy(step);
      case 'destroy': return this.destroy(step);
      case 'both': {
        // An operation on a stack that is at work would be refused.
        const stacks = new Set<string>();
        const apart = step.steps.filter(one => !('stack' in one) || (!stacks.has(one.stack) && stacks.add(one.stack)));
        await Promise.all(apart.map(async one => this.perform(one)));
        return;
      }
      case 'meddle':
        // No person takes hold of an object before the last copy of the event that made it can have come.
        await this.scene.world.clock.sleep(61_000);
        this.journal.push(`meddle ${step.how}: ${meddle(this.scene, step.how, step.pick)}`);
        return;
      case 'recycle': return this.scene.world.lambda.recycle();
      case 'wait': await this.scene.world.clock.sleep(step.seconds * 1000);
    }
  }

  private async deploy(step: Extract<Step, { do: 'deploy' }>): Promise<void> {
    const { world, watch } = this.scene;
    const { server, ...change } = step.change;
    const before = this.specs.get(step.stack) ?? FIRST_SPEC;
    const origin = server ? ORIGINS[server] : before.origin;
    const spec: Spec = { ...before, ...change, origin, apiKeyArn: this.scene.apiKeyArn(origin, step.stack) };
    if (spec.adopt && spec.names) {
      // (Never a connector.)
      for (const name of ['registry-eu-west-1', 'registry-us-east-1', 'stack']) { watch.adoptable.add(`${spec.names}-${name}`); }
    }
    watch.detachAllowed ||= spec.detach;
    await this.unlock(step.stack);
    if (world.cloudformation.stacks.get(step.stack)?.status === 'DELETE_FAILED') { await this.takeDown(step.stack); }
    world.account.iamDelaySeconds = step.iamDelay;
    this.arm(step.mishaps, step.faults, this.scene.serverOf(origin));
    const status = await world.cloudformation.deploy(step.stack, synthesize(spec, step.marker, ++this.version), {
      fail: step.fail ? ['Marker'] : [],
    });
    this.calm();
    this.journal.push(`deploy ${step.stack} ${JSON.stringify(step.change)}: ${status}`);
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) { this.specs.set(step.stack, spec); }
    this.noteFailedDeletes();
    await this.unlock(step.stack);
  }

  private async destroy(step: Extract<Step, { do: 'destroy' }>): Promise<void> {
    const { world } = this.scene;
    if (!world.cloudformation.stacks.has(step.stack)) { return; }
    await this.unlock(step.stack);
    this.arm(step.mishaps, step.faults, this.scene.serverOf(this.specs.get(step.stack)?.origin ?? ORIGINS.a));
    const status = await world.cloudformation.destroy(step.stack);
    this.calm();
    this.journal.push(`destroy ${step.stack}: ${status}`);
    this.noteFailedDeletes();
    if (status === 'DELETE_FAILED') { await this.takeDown(step.stack); }
    this.specs.delete(step.stack);
  }

  /** What a person does with a stack whose destruction failed: delete again, keeping what fails. What is left in ZenML is known. */
  private async takeDown(name: StackName): Promise<void> {
    const { cloudformation } = this.scene.world;
    const stack = cloudformation.stacks.get(name)!;
    const failed = [...stack.resources.values()].filter(resource => resource.type.startsWith('Custom::')).map(resource => resource.logicalId);
    failed.forEach(id => this.excused.add(`${stack.id}|${id}`));
    await cloudformation.destroy(name, { retain: failed });
  }

  private async unlock(name: StackName): Promise<void> {
    const { cloudformation } = this.scene.world;
    const stack = cloudformation.stacks.get(name);
    if (stack?.status === 'ROLLBACK_FAILED') { return this.takeDown(name); }
    if (stack?.status !== 'UPDATE_ROLLBACK_FAILED') { return; }
    const status = await cloudformation.continueRollback(name);
    this.journal.push(`continue the rollback of ${name}: ${status}`);
    this.noteFailedDeletes();
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      await cloudformation.destroy(name);
      if (cloudformation.stacks.has(name)) { await this.takeDown(name); }
    }
  }

  /** No more faults; other people let go of our objects; every stack is destroyed. */
  private async finish(): Promise<void> {
    meddle(this.scene, 'let go of everything', 0);
    for (const name of STACKS) { await this.destroy({ do: 'destroy', stack: name, mishaps: [], faults: [] }); }
  }

  private arm(mishaps: readonly Mishap[], faults: readonly Fault[], server: { faults: { add(...faults: Fault[]): void } }): void {
    const { world } = this.scene;
    server.faults.add(...faults);
    let count = 0;
    world.lambda.deliver = raw => {
      const index = count++;
      const mine = mishaps.filter(mishap => mishap.event === index);
      const delivery: { -readonly [K in keyof Delivery]: Delivery[K] } = { delay: 50 + world.random.integer(200) };
      const duplicates: number[] = [];
      for (const { kind, at } of mine) {
        if (kind === 'crash before' || kind === 'crash after') { delivery.crash = { atCall: at, afterwards: kind === 'crash after' }; }
        if (kind === 'duplicate') { duplicates.push(100 + at * 50); }
        if (kind === 'late duplicate') { duplicates.push(10_000 + (at % 50) * 1000); }
        if (kind === 'slow queue') { delivery.delay = 1000 + (at % 58) * 1000; }
        if (kind === 'answer refused') { world.answerFailures.push(...Array.from({ length: at % 5 }, () => 503)); }
      }
      if (duplicates.length > 0) { this.repeated.add((raw as ToyEvent).RequestId); }
      if (faults.some(({ kind }) => kind === 'drop-answer' || kind === 'status-after')) { this.shaky.add((raw as ToyEvent).RequestId); }
      this.journal.push(`    ${(raw as ToyEvent).RequestType} ${(raw as ToyEvent).LogicalResourceId}${mine.map(mishap => ` [${mishap.kind} ${mishap.at}]`).join('')}`);
      return { ...delivery, duplicates };
    };
  }

  private calm(): void {
    for (const server of Object.values(this.scene.servers)) { server.faults.clear(); }
    this.scene.world.answerFailures.length = 0;
  }

  private noteFailedDeletes(): void {
    for (const exchange of this.scene.world.cloudformation.custom.exchanges) {
      const { request, outcome } = exchange;
      if (request.type === 'Delete' && outcome && !outcome.success) { this.excused.add(`${request.stackId}|${request.logicalId}`); }
    }
  }

  /** Objects of our accounts that no stack knows of, and of which nobody was told. */
  private orphans(): string[] {
    const { world, watch } = this.scene;
    const held = new Set([...world.cloudformation.stacks.values()].flatMap(stack => [...stack.resources.values()].map(resource => resource.physicalId.split(':')[3])));
    return watch.ownObjects().filter(({ id, labels }) => !held.has(id) && !this.excused.has(`${String(labels[Label.STACK])}|${String(labels[Label.LOGICAL_ID])}`)
      // What was taken over stays, unless told otherwise.
      && labels[Label.FOUND] === undefined && !this.resurrected(labels) && !this.postedAgain(labels)
      && !watch.touchedByOthers.has(id))
      .map(({ kind, name, id, labels }) => `orphan: ${kind} "${name}" ${id} of ${String(labels[Label.STACK]).split('/')[1]} ${String(labels[Label.LOGICAL_ID])}`);
  }

  /**
   * The window that row 33 of the failure table accepts: a second copy of a Create is still at work when a later event has deleted or
   * renamed what the first one made.
   */
  private resurrected(labels: Readonly<Record<string, unknown>>): boolean {
    return this.lateCopies(exchange => exchange.event.RequestId === String(labels[Label.REQUEST]));
  }

  /** A cancelled Create lost the answer to its POST, and posted again after the Delete had found and taken the first object. */
  private postedAgain(labels: Readonly<Record<string, unknown>>): boolean {
    const request = String(labels[Label.REQUEST]);
    return !this.strict && this.shaky.has(request) && this.scene.world.cloudformation.custom.exchanges.some(exchange =>
      exchange.request.type === 'Delete' && exchange.request.logicalId === labels[Label.LOGICAL_ID] && exchange.request.stackId === labels[Label.STACK]
      && !exchange.request.physicalId!.startsWith('zenml:'));
  }

  /** Whether a copy of an Update may have come after a later event for the same resource, and have put back what that one changed. */
  private readonly overtaken = (stackId: string, logicalId: string): boolean =>
    this.lateCopies(({ request }) => request.stackId === stackId && request.logicalId === logicalId);

  /** A copy starts within the function's maxEventAge, a minute, and works for its budget at most. */
  private lateCopies(which: (exchange: Exchange) => boolean): boolean {
    const { exchanges } = this.scene.world.cloudformation.custom;
    return !this.strict && exchanges.filter(exchange => this.repeated.has(String(exchange.event.RequestId)) && which(exchange)).some(first =>
      exchanges.some(({ request, sentAt }) => request.type !== 'Create' && request.stackId === first.request.stackId
        && request.logicalId === first.request.logicalId && request !== first.request
        && sentAt >= first.sentAt && sentAt - first.sentAt < COPY_LIFE_MS));
  }

  private badAnswers(): string[] {
    return this.scene.world.cloudformation.custom.exchanges.flatMap(({ request, answers }) => answers.flatMap(text => {
      const answer = JSON.parse(text) as Record<string, unknown>;
      const problems: string[] = [];
      if (Buffer.byteLength(text) > 4096) { problems.push('too long'); }
      if (typeof answer.PhysicalResourceId !== 'string' || answer.PhysicalResourceId === '') { problems.push('no id'); }
      if (request.type !== 'Create' && answer.Status === 'FAILED' && answer.PhysicalResourceId !== request.physicalId) { problems.push('a failed one changes the id'); }
      if (request.type !== 'Delete' && answer.Status === 'SUCCESS' && Object.keys(answer.Data as object).sort().join() !== 'Id,Name') { problems.push('attributes'); }
      if (answer.Status === 'FAILED' && (typeof answer.Reason !== 'string' || answer.Reason === '' || /[\n\r]/.test(answer.Reason) || answer.Reason.includes('unexpected failure'))) {
        problems.push(`reason "${String(answer.Reason)}"`);
      }
      return problems.map(problem => `answer to ${request.type} ${request.logicalId}: ${problem}`);
    }));
  }
}
