import { AwsAccount } from './aws-account';
import { CustomResources } from './custom-resources';
import { Operation } from './graph';
import { replacesNative } from './native-resources';
import { Leftover, ResourceOperations } from './resource-operations';
import { isCustom, OperationOptions, ResourceState, StackState } from './stack-state';
import { creationOrder, dependencies, resolve, same, Template } from './template';

/** CloudFormation's stack operations, with AWS's semantics of custom resources. */
export class CloudFormation {
  public readonly stacks = new Map<string, StackState>();
  /** Deletes of cleanups that failed: CloudFormation gives up on them and forgets the resource. */
  public readonly abandoned: Leftover[] = [];
  /** Called with each status that a stack comes to. */
  public onStatus?: (stack: StackState, status: string) => void;
  private readonly operations: ResourceOperations;

  public constructor(
    private readonly account: AwsAccount,
    public readonly custom: CustomResources,
  ) {
    this.operations = new ResourceOperations(account, custom);
  }

  public get events() {
    return this.operations.events;
  }

  /** DescribeStackEvents: newest first, 100 a page. */
  public describeEvents(stackId: string, page: string | undefined) {
    const { name } = [...this.stacks.values()].find((stack) => stack.id === stackId) ?? { name: stackId.split('/')[1] };
    const all = this.events.filter((event) => event.stack === name).reverse();
    const from = Number(page ?? 0);
    const events = all
      .slice(from, from + 100)
      .map(({ logicalId, physicalId, status, reason, time }) => ({ logicalId, physicalId, status, reason, time }));
    return { events, nextPage: from + 100 < all.length ? String(from + 100) : undefined };
  }

  /**
   * Creates or updates; a stack whose creation was rolled back is deleted first, as the CDK's CLI does. Returns the
   * final status.
   */
  public async deploy(name: string, template: Template, options: OperationOptions = {}): Promise<string> {
    const stack = this.stacks.get(name);
    if (stack?.status === 'ROLLBACK_COMPLETE') {
      this.stacks.delete(name);
      return this.create(name, template, options);
    }
    if (!stack) {
      return this.create(name, template, options);
    }
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      throw new Error(`stack ${name} is in ${stack.status} state and can not be updated`);
    }
    return this.update(stack, template, options);
  }

  private async create(name: string, template: Template, options: OperationOptions): Promise<string> {
    const id = this.account.arn('cloudformation', `stack/${name}/${this.account.random.uuid()}`);
    const stack: StackState = { name, id, status: 'CREATE_IN_PROGRESS', template, resources: new Map(), outputs: {} };
    this.stacks.set(name, stack);
    this.setStatus(stack, stack.status);
    const operation = new Operation(options.cancelSiblings ?? true);
    await operation.run(
      creationOrder(template),
      (resource) => dependencies(template, template.Resources[resource]!),
      (resource) => this.operations.create(stack, template, resource, operation, options),
    );
    this.setOutputs(stack, template, operation);
    if (operation.failure === undefined) {
      return this.setStatus(stack, 'CREATE_COMPLETE');
    }
    this.setStatus(
      stack,
      'ROLLBACK_IN_PROGRESS',
      `The following resource(s) failed to create: [${operation.failed.join(', ')}]. Rollback requested by user.`,
    );
    const clean = await this.removeAll(
      stack,
      template,
      [...stack.resources.values()].map((state) => whole(template, state, true)),
    );
    return this.setStatus(stack, clean ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED');
  }

  private async update(stack: StackState, template: Template, options: OperationOptions): Promise<string> {
    const before = new Map([...stack.resources].map(([id, state]) => [id, { ...state }]));
    const old = { template: stack.template, outputs: stack.outputs };
    const replaced: Leftover[] = [];
    const touched = new Set<string>();
    const operation = new Operation(options.cancelSiblings ?? true);
    this.setStatus(stack, 'UPDATE_IN_PROGRESS');
    await operation.run(
      creationOrder(template),
      (id) => dependencies(template, template.Resources[id]!),
      async (id) => {
        const state = stack.resources.get(id);
        if (!state) {
          return this.operations.create(stack, template, id, operation, options);
        }
        const item = await this.change(stack, template, state, operation, options, touched);
        if (item) {
          replaced.push(item);
        }
        return undefined;
      },
    );
    this.setOutputs(stack, template, operation);
    if (operation.failure !== undefined) {
      return this.rollBack(stack, template, old, before, touched, operation.failed);
    }
    const removed = [...stack.resources.values()].filter((state) => !(state.logicalId in template.Resources));
    stack.template = template;
    this.setStatus(stack, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    await this.cleanUp(stack, old.template, [
      ...replaced,
      ...removed.map((state) => whole(old.template, state, false)),
    ]);
    removed.forEach((state) => stack.resources.delete(state.logicalId));
    return this.setStatus(stack, 'UPDATE_COMPLETE');
  }

  /** Brings one existing resource to the template; unchanged properties mean no event. */
  private async change(
    stack: StackState,
    template: Template,
    state: ResourceState,
    operation: Operation,
    options: OperationOptions,
    touched: Set<string>,
  ) {
    let properties: Record<string, unknown>;
    try {
      properties = this.operations.properties(stack, template, state.logicalId);
    } catch (error) {
      this.operations.refuseUpdate(stack, state, (error as Error).message, operation);
      return undefined;
    }
    if (template.Resources[state.logicalId]!.Type !== state.type) {
      this.operations.refuseUpdate(
        stack,
        state,
        'Update of resource type is not permitted. The new template modifies resource type.',
        operation,
      );
      return undefined;
    }
    if (same(properties, state.properties)) {
      return undefined;
    }
    if (isCustom(state.type) && properties.ServiceToken !== state.properties.ServiceToken) {
      this.operations.refuseUpdate(stack, state, 'Modifying service token is not allowed.', operation);
      return undefined;
    }
    touched.add(state.logicalId);
    if (
      !isCustom(state.type)
      && replacesNative(state.type, state.properties, properties)
      && !options.fail?.includes(state.logicalId)
    ) {
      return this.operations.replaceNative(stack, state, properties, operation);
    }
    return this.operations.update(stack, state, properties, operation, options);
  }

  private async rollBack(
    stack: StackState,
    failed: Template,
    old: { template: Template; outputs: Record<string, unknown> },
    before: Map<string, ResourceState>,
    touched: Set<string>,
    culprits: readonly string[],
  ): Promise<string> {
    this.setStatus(
      stack,
      'UPDATE_ROLLBACK_IN_PROGRESS',
      `The following resource(s) failed to update: [${culprits.join(', ')}].`,
    );
    // Events are dated in whole seconds; CloudFormation takes some seconds between the failure and the first request of
    // the rollback.
    await this.operations.pause(3_000);
    const { template } = old;
    const superfluous: Leftover[] = [];
    const reverted = new Set<string>();
    stack.unfinished = async () => {
      const operation = new Operation(false);
      await operation.run(
        creationOrder(template),
        (id) => dependencies(template, template.Resources[id]!),
        async (id) => {
          if (!touched.has(id) || reverted.has(id)) {
            return;
          }
          const state = stack.resources.get(id)!;
          const was = before.get(id)!;
          if (!isCustom(state.type)) {
            if (state.physicalId !== was.physicalId) {
              superfluous.push({ ...whole(template, state, false), retain: false });
              Object.assign(state, was);
            } else {
              await this.operations.update(stack, state, { ...was.properties }, undefined, { rollback: true });
            }
          } else {
            // Old and new properties swapped, and the id of now: the old one, or the new one after a replacement.
            const item = await this.operations.update(stack, state, { ...was.properties }, operation, {
              rollback: true,
            });
            if (item) {
              superfluous.push({ ...item, retain: false });
            }
          }
          if (operation.failure === undefined) {
            reverted.add(id);
          }
        },
      );
      if (operation.failure !== undefined) {
        this.setStatus(
          stack,
          'UPDATE_ROLLBACK_FAILED',
          `The following resource(s) failed to update: [${operation.failed.join(', ')}].`,
        );
        return;
      }
      this.setStatus(stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      const created = [...stack.resources.values()].filter((state) => !before.has(state.logicalId));
      const both = { Resources: { ...template.Resources, ...failed.Resources } };
      await this.cleanUp(stack, both, [...superfluous, ...created.map((state) => whole(failed, state, true))]);
      created.forEach((state) => stack.resources.delete(state.logicalId));
      Object.assign(stack, { outputs: old.outputs, unfinished: undefined });
      this.setStatus(stack, 'UPDATE_ROLLBACK_COMPLETE');
    };
    await stack.unfinished();
    return stack.status;
  }

  /** Once more, after UPDATE_ROLLBACK_FAILED. */
  public async continueRollback(name: string): Promise<string> {
    const stack = this.stacks.get(name)!;
    if (stack.unfinished) {
      this.setStatus(stack, 'UPDATE_ROLLBACK_IN_PROGRESS');
    }
    await stack.unfinished?.();
    return stack.status;
  }

  /** Returns DELETE_COMPLETE or DELETE_FAILED; what a failed resource depended on is removed all the same. */
  public async destroy(name: string, options: OperationOptions = {}): Promise<string> {
    const stack = this.stacks.get(name);
    if (!stack) {
      return 'DELETE_COMPLETE';
    }
    const items = [...stack.resources.values()]
      .map((state) => whole(stack.template, state, false))
      .map((item) => (options.retain?.includes(item.logicalId) ? { ...item, retain: true } : item));
    this.setStatus(stack, 'DELETE_IN_PROGRESS');
    const clean = await this.removeAll(stack, stack.template, items);
    if (clean) {
      this.stacks.delete(name);
    }
    return this.setStatus(stack, clean ? 'DELETE_COMPLETE' : 'DELETE_FAILED');
  }

  /** The stack's own events: how the handler learns of a rollback. */
  private setStatus(stack: StackState, status: string, reason?: string): string {
    stack.status = status;
    this.onStatus?.(stack, status);
    this.operations.note(stack, { logicalId: stack.name, physicalId: stack.id }, status, reason);
    return status;
  }

  /** Dependants first, each when those that need it are gone or have failed. What is gone is forgotten. */
  private async removeAll(stack: StackState, template: Template, items: Leftover[]): Promise<boolean> {
    let clean = true;
    await this.inReverse(template, items, async (item) => {
      if (await this.operations.remove(stack, item)) {
        stack.resources.delete(item.logicalId);
      } else {
        clean = false;
        stack.resources.get(item.logicalId)!.status = 'DELETE_FAILED';
      }
    });
    return clean;
  }

  /** The cleanup phase: a Delete that fails is not tried for ever, and the stack counts as updated. */
  private async cleanUp(stack: StackState, template: Template, items: Leftover[]): Promise<void> {
    await this.inReverse(template, items, async (item) => {
      if (!(await this.operations.remove(stack, item))) {
        this.abandoned.push(item);
      }
    });
  }

  private async inReverse(
    template: Template,
    items: Leftover[],
    remove: (item: Leftover) => Promise<void>,
  ): Promise<void> {
    const keys = items.map((_, index) => String(index));
    const needs = (item: Leftover) =>
      template.Resources[item.logicalId] ? dependencies(template, template.Resources[item.logicalId]!) : [];
    const dependants = (key: string) =>
      keys.filter((other) => needs(items[Number(other)]!).includes(items[Number(key)]!.logicalId));
    await new Operation(false).run(keys, dependants, (key) => remove(items[Number(key)]!), true);
  }

  private setOutputs(stack: StackState, template: Template, operation: Operation): void {
    if (operation.failure !== undefined) {
      return;
    }
    try {
      stack.outputs = Object.fromEntries(
        Object.entries(template.Outputs ?? {}).map(([name, output]) => [
          name,
          resolve(output.Value, template, this.operations.scope(stack)),
        ]),
      );
    } catch (error) {
      operation.fail('Outputs', (error as Error).message);
    }
  }
}

function whole(template: Template, state: ResourceState, always: boolean): Leftover {
  const { logicalId, type, physicalId, properties } = state;
  const policy = template.Resources[logicalId]?.DeletionPolicy ?? 'Delete';
  // RetainExceptOnCreate differs from Retain in this one case.
  return { logicalId, type, physicalId, properties, retain: always ? policy === 'Retain' : /^Retain/.test(policy) };
}
