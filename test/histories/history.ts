import { Marker, operatorName, registryName, Spec, stackName, synthesize } from './app';
import { Circumstances, Conditions, Mishap } from './circumstances';
import { badAnswers, unanswered } from './invariants/answers';
import { unfounded } from './invariants/beliefs';
import { Deletes } from './invariants/deletes';
import { notGivenBack } from './invariants/given-back';
import { holdersOf } from './invariants/holders';
import { leaks } from './invariants/leaks';
import { Liveness } from './invariants/liveness';
import { lockedWithoutReason } from './invariants/locks';
import { Orphans } from './invariants/orphans';
import { partsOf } from './invariants/rows';
import { meddle, Meddling } from './meddling/index';
import { FIRST_SPEC, Origin, ORIGINS, Scene, StackName, STACKS } from './scene';
import { Fault } from '../zenml-model/faults';

export interface Change extends Partial<Omit<Spec, 'origin' | 'apiKeyArn'>> {
  readonly server?: Origin;
}

interface Trouble {
  readonly mishaps: readonly Mishap[];
  readonly faults: readonly Fault[];
  readonly conditions?: Conditions;
}

export type Step =
  | ({
    readonly do: 'deploy';
    readonly stack: StackName;
    readonly change: Change;
    readonly marker: Marker;
    readonly fail: boolean;
    readonly iamDelay: number;
  } & Trouble)
  | ({ readonly do: 'destroy'; readonly stack: StackName } & Trouble)
  | { readonly do: 'both'; readonly steps: readonly Step[] }
  | { readonly do: 'meddle'; readonly how: Meddling; readonly pick: number }
  | { readonly do: 'recycle' }
  | { readonly do: 'wait'; readonly seconds: number };

/** Runs steps on a scene, then puts everything right, looks, takes all stacks down and looks again. */
export class History {
  public readonly scene: Scene;
  public readonly journal: string[] = [];
  private readonly specs = new Map<StackName, Spec>();
  private readonly circumstances: Circumstances;
  private readonly orphans: Orphans;
  private readonly deletes: Deletes;
  private readonly liveness: Liveness;
  private readonly problems: string[] = [];
  private version = 0;

  /** `strict`: without the allowances for what a second copy of an event can do (limits of decision 4). */
  public constructor(seed: number, strict: boolean = false) {
    this.scene = new Scene(seed);
    this.circumstances = new Circumstances(this.scene, this.journal);
    this.orphans = new Orphans(this.scene, this.circumstances, strict);
    this.deletes = new Deletes(this.scene, this.orphans.overtaken);
    this.liveness = new Liveness(this.scene);
    this.scene.world.cloudformation.custom.onOutcome = exchange => this.deletes.look(exchange);
  }

  public async run(steps: readonly Step[]): Promise<string[]> {
    const { world, watch } = this.scene;
    for (const [index, step] of steps.entries()) {
      await this.watched(`after step ${index + 1} (${step.do})`, this.perform(step));
    }
    await world.clock.settle();
    this.circumstances.end();
    this.look('in the end', unfounded(this.scene, this.orphans.overtaken));
    this.look('in the end', this.orphans.find());
    await this.watched('after all was destroyed', this.finish());
    await world.clock.settle();
    this.look('after all was destroyed', this.orphans.find());
    this.look('after all was destroyed', notGivenBack(this.scene, this.orphans.overtaken));
    this.look('on the way', [...new Set(watch.violations)]);
    this.look('on the way', [...new Set(world.callRate.violations)]);
    this.look('on the way', this.deletes.violations());
    this.look('on the way', unanswered(this.scene, this.circumstances.died));
    this.look('on the way', leaks(this.scene));
    this.look('on the way', badAnswers(world.cloudformation.custom.exchanges));
    return this.problems;
  }

  private look(when: string, found: readonly string[]): void {
    this.problems.push(...found.map(text => `${when}: ${text}`));
  }

  /** What each operation must leave as it was. */
  private async watched(when: string, work: Promise<void>): Promise<void> {
    const { world } = this.scene;
    const { exchanges } = world.cloudformation.custom;
    const living = this.liveness.living();
    const from = exchanges.length;
    await world.run(work);
    this.look(when, unfounded(this.scene, this.orphans.overtaken));
    this.look(when, this.liveness.violations(living, exchanges.slice(from), this.orphans.overtaken));
    this.look(when, notGivenBack(this.scene, this.orphans.overtaken));
  }

  private async perform(step: Step): Promise<void> {
    switch (step.do) {
      case 'deploy': return this.deploy(step);
      case 'destroy':
        await this.destroy(step);
        return;
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
    const { world } = this.scene;
    const { server, ...change } = step.change;
    const before = this.specs.get(step.stack) ?? FIRST_SPEC;
    const origin = server ? ORIGINS[server] : before.origin;
    const spec: Spec = { ...before, ...change, origin, apiKeyArn: this.scene.apiKeyArn(origin, step.stack) };
    this.permit(spec);
    await this.unlock(step.stack);
    if (world.cloudformation.stacks.get(step.stack)?.status === 'DELETE_FAILED') { await this.takeDown(step.stack); }
    world.account.iamDelaySeconds = step.iamDelay;
    this.circumstances.begin(this.scene.serverOf(origin), step.mishaps, step.faults, step.conditions);
    const from = world.cloudformation.custom.exchanges.length;
    const status = await world.cloudformation.deploy(step.stack, synthesize(spec, step.marker, ++this.version), {
      fail: step.fail ? ['Marker'] : [],
    });
    this.look(
      `deploy ${step.stack}`,
      lockedWithoutReason(world.cloudformation.custom.exchanges.slice(from), this.circumstances.died),
    );
    this.circumstances.end();
    this.journal.push(`deploy ${step.stack} ${JSON.stringify(step.change)}: ${status}`);
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) { this.specs.set(step.stack, spec); }
    await this.unlock(step.stack);
  }

  /** What the library's accounts may do to objects of others after a deploy of this. */
  private permit(spec: Spec): void {
    const { watch } = this.scene;
    if (spec.adopt && spec.names) {
      [
        registryName(spec.names, 'eu-west-1'),
        registryName(spec.names, 'us-east-1'),
        operatorName(spec.names),
        stackName(spec.names),
      ].forEach((name) => watch.adoptable.add(name));
    }
    watch.detachAllowed ||= spec.detach;
  }

  private async destroy(step: Extract<Step, { do: 'destroy' }>): Promise<string> {
    const { world } = this.scene;
    if (!world.cloudformation.stacks.has(step.stack)) { return 'DELETE_COMPLETE'; }
    await this.unlock(step.stack);
    this.circumstances.begin(
      this.scene.serverOf(this.specs.get(step.stack)?.origin ?? ORIGINS.a),
      step.mishaps,
      step.faults,
      step.conditions,
    );
    const status = await world.cloudformation.destroy(step.stack);
    this.circumstances.end();
    this.journal.push(`destroy ${step.stack}: ${status}`);
    if (status === 'DELETE_FAILED') { await this.takeDown(step.stack); }
    this.specs.delete(step.stack);
    return status;
  }

  /**
   * What a person does with a stack whose destruction failed: delete again, keeping what fails. What is left in ZenML
   * is known.
   */
  private async takeDown(name: StackName): Promise<void> {
    const { cloudformation } = this.scene.world;
    const stack = cloudformation.stacks.get(name)!;
    const failed = [...stack.resources.values()]
      .filter((resource) => resource.type.startsWith('Custom::'))
      .map((resource) => resource.logicalId);
    failed.forEach(id => this.orphans.tell(stack.id, id));
    await cloudformation.destroy(name, { retain: failed });
  }

  /** What a person does with a stack that is locked: puts right what the reason names, and goes on. */
  private async unlock(name: StackName): Promise<void> {
    const { cloudformation } = this.scene.world;
    const stack = cloudformation.stacks.get(name);
    if (stack?.status === 'ROLLBACK_FAILED') { return this.takeDown(name); }
    if (stack?.status !== 'UPDATE_ROLLBACK_FAILED') { return; }
    this.circumstances.mend();
    const status = await cloudformation.continueRollback(name);
    this.journal.push(`continue the rollback of ${name}: ${status}`);
    if (status === 'UPDATE_ROLLBACK_FAILED') {
      const { reason } = cloudformation.custom.exchanges
        .filter(({ outcome }) => outcome?.success === false)
        .at(-1)!.outcome!;
      this.look('continue-update-rollback', [`${name} stays locked when the cause is gone: ${reason}`]);
      await cloudformation.destroy(name);
      if (cloudformation.stacks.has(name)) { await this.takeDown(name); }
    }
  }

  /** No more faults; other people let go of the library's objects; every stack is destroyed. */
  private async finish(): Promise<void> {
    this.circumstances.mend();
    meddle(this.scene, 'let go of everything', 0);
    // What a reason names as left may use what is to be deleted: an object, an attachment whose Delete failed, a place
    // that others gave to the component, an adopted stack.
    const { watch } = this.scene;
    const leftovers =
      watch.ownObjects().some(({ id }) => holdersOf(this.scene.world, id).length === 0)
      || watch.putInByOthers.size > 0
      || watch.everAdopted.size > 0
      || this.scene.world.cloudformation.custom.exchanges.some(
        ({ request, outcome }) =>
          request.type === 'Delete' && (outcome?.success === false || request.properties.AbandonUnreachable === 'true'),
      );
    for (const name of STACKS) {
      const from = this.scene.world.cloudformation.custom.exchanges.length;
      const status = await this.destroy({ do: 'destroy', stack: name, mishaps: [], faults: [] });
      if (status !== 'DELETE_FAILED' || leftovers) { continue; }
      const refused = this.scene.world.cloudformation.custom.exchanges
        .slice(from)
        .filter(({ outcome }) => outcome?.success === false);
      // One that people have made undeletable may still use the others.
      if (
        refused.some(({ request }) => this.scene.watch.touchedByOthers.has(partsOf(request.physicalId)?.uuid ?? ''))
      ) {
        continue;
      }
      this.look(
        'in the end',
        refused.map(
          ({ request, outcome }) =>
            `${name}/${request.logicalId} cannot be deleted though nothing is in the way: ${outcome!.reason}`,
        ),
      );
    }
  }
}
