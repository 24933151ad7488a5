import { foundNow } from './give-back';
import { Change, Target } from './kind';
import { missingReference } from './missing-reference';
import { nameOf, outcome } from './naming';
import { hasWaited, requireNotCancelled, supersededError } from './replacement';
import { Label } from '../../../contract/labels';
import { parsePhysicalId } from '../../../contract/physical-id';
import { UserError, ZenmlError } from '../../errors';
import { areAlike, ZenmlObject } from '../../zenml/objects';
import { Outcome } from '../context';
import { creationLabels, isSuperseded, ownerLabels, preservedLabels, readMarks } from '../marks';
import { revisionOf } from '../properties';

/** A verification that took longer than this has waited for AWS, in milliseconds. */
const QUICK_MS = 1_000;

type TextLabels = Readonly<Record<string, string>>;

/** Brings an object to the desired state. Undefined when it no longer exists. `extraLabels`: labels to set besides. */
export async function updateInPlace(
  change: Change,
  target: Target,
  extraLabels: TextLabels = {},
): Promise<Outcome | undefined> {
  return new UpdateInPlace(change, target, extraLabels).run();
}

class UpdateInPlace {
  private readonly name: string;
  private readonly revision: string;
  private readonly startedMs: number;
  /** The object as it was read last. */
  private current: ZenmlObject;
  private isStale = false;

  public constructor(
    private readonly change: Change,
    private readonly target: Target,
    private readonly extraLabels: TextLabels,
  ) {
    const { context, properties } = change;
    this.name = nameOf(properties, parsePhysicalId(target.physicalId)!.tail);
    this.revision = revisionOf(context.event.ResourceProperties);
    this.startedMs = context.ports.clock.now();
    this.current = target.object;
  }

  public async run(): Promise<Outcome | undefined> {
    const { kind, context, desired } = this.change;
    const { object } = this.target;
    await this.verify();
    await kind.prove?.(context, desired, object);
    this.isStale = context.ports.clock.now() - this.startedMs > QUICK_MS;
    try {
      await this.put(this.name);
      return this.outcome(this.name);
    } catch (error) {
      if (!(error instanceof ZenmlError)) {
        throw error;
      }
      if (error.status === 409) {
        return this.putUnderOtherName();
      }
      if (!error.isMissing) {
        throw error;
      }
      if ((await kind.get(context, object.id)) !== undefined) {
        throw missingReference(kind, error) ?? error;
      }
      return undefined;
    }
  }

  private async verify(): Promise<void> {
    const { kind, context, desired } = this.change;
    const isAsWanted = readMarks(context, this.target.object).revision === this.revision;
    try {
      await kind.verify(context, desired, this.name, isAsWanted);
    } catch (error) {
      // A rollback must not fail over a fault in AWS that it did not cause and cannot repair: often the fault is why
      // the update was made.
      if (!(error instanceof UserError) || (!isAsWanted && (await context.phase()) !== 'rollback')) {
        throw error;
      }
      if (isAsWanted) {
        context.log(`not verified: ${error.message}`);
      } else {
        context.warn('CZ401', `rolled back without verification: ${error.message}`);
      }
    }
  }

  private async put(name: string): Promise<void> {
    const { kind, context, desired } = this.change;
    await kind.put(context, this.target.object.id, desired, async () => {
      const now = await this.refreshed();
      return { name, labels: await this.labels(now, name), now };
    });
  }

  /** CloudFormation may have cancelled this Update while it waited, and other people may have changed the labels. */
  private async refreshed(): Promise<ZenmlObject> {
    const { kind, context } = this.change;
    if (this.isStale) {
      this.current = (await kind.get(context, this.target.object.id)) ?? this.current;
      if (isSuperseded(context, this.current)) {
        throw supersededError(kind, context, this.current);
      }
    }
    if (this.isStale || hasWaited(context, this.startedMs)) {
      await requireNotCancelled(context);
    }
    this.isStale = true;
    return this.current;
  }

  private async labels(now: ZenmlObject, name: string): Promise<Readonly<Record<string, unknown>>> {
    const { kind, context, properties, desired } = this.change;
    const preserved = preservedLabels(now, context.event.OldResourceProperties.Labels);
    const found = await foundNow(kind, context, now, desired);
    return {
      ...(preserved[Label.REQUEST] === undefined ? creationLabels(context) : {}),
      ...preserved,
      ...(found && { [Label.FOUND]: found }),
      ...this.extraLabels,
      ...properties.Labels,
      ...ownerLabels(context, name, this.revision),
    };
  }

  /** The server says that the name is taken. */
  private async putUnderOtherName(): Promise<Outcome> {
    const { kind, context } = this.change;
    const { current, name } = this;
    if (current.name !== name && areAlike(current.name, name)) {
      // A server that ignores case counts the object itself as the one that has the name: by way of another name it is
      // free.
      await this.put(`${name.slice(0, 200)}-renamed-${this.revision}`);
      await this.put(name);
      return this.outcome(name);
    }
    if (current.name !== name && (await context.phase()) === 'rollback') {
      // Somebody has renamed the object and taken its name. A rollback must not fail over that.
      context.warn(
        'CZ405',
        `the ${kind.what} keeps the name "${current.name}", because "${name}" is taken: rename or delete the other one, then change repairTrigger`,
      );
      await this.put(current.name);
      return this.outcome(current.name);
    }
    throw new UserError(
      'CZ341',
      `ZenML already has a ${kind.what} named "${name}": choose another name, or rename or delete that one in ZenML`,
    );
  }

  private outcome(name: string): Outcome {
    return outcome(this.target.physicalId, this.target.object.id, name);
  }
}
