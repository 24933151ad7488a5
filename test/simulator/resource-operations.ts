import { AwsAccount } from './aws-account';
import { CustomResources, Outcome } from './custom-resources';
import { Operation } from './graph';
import { createNative, deleteNative, NativeState, updateNative } from './native-resources';
import { isCustom, OperationOptions, ResourceState, StackEvent, StackState } from './stack-state';
import { resolve, Template } from './template';

/** A resource that is to be removed when the operation has succeeded (or its rollback has). */
export interface Leftover {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly retain: boolean;
}

/** What CloudFormation does with one resource. */
export class ResourceOperations {
  public readonly events: StackEvent[] = [];

  public constructor(
    private readonly account: AwsAccount,
    private readonly custom: CustomResources,
  ) {}

  public async pause(milliseconds: number): Promise<void> {
    await this.account.clock.sleep(milliseconds);
  }

  public note(
    stack: StackState,
    resource: { logicalId: string; physicalId: string },
    status: string,
    reason: string = '',
  ): void {
    const { logicalId, physicalId } = resource;
    this.events.push({ time: this.account.clock.now(), stack: stack.name, logicalId, status, reason, physicalId });
  }

  /** Throws where the properties refer to an attribute that is not there. */
  public properties(stack: StackState, template: Template, logicalId: string): Record<string, unknown> {
    return resolve(template.Resources[logicalId]!.Properties ?? {}, template, this.scope(stack)) as Record<
      string,
      unknown
    >;
  }

  public scope(stack: StackState) {
    const find = (id: string) => {
      const resource = stack.resources.get(id);
      if (!resource) {
        throw new Error(`Unresolved resource dependencies [${id}]`);
      }
      return resource;
    };
    return {
      pseudo: {
        'AWS::Region': this.account.region,
        'AWS::AccountId': this.account.id,
        'AWS::Partition': 'aws',
        'AWS::URLSuffix': 'amazonaws.com',
        'AWS::StackId': stack.id,
        'AWS::StackName': stack.name,
      },
      ref: (id: string) => find(id).ref,
      attribute: (id: string, name: string) => {
        const value = find(id).attributes[name];
        if (value === undefined) {
          throw new Error(
            `CustomResource attribute error: Vendor response doesn't contain ${name} key in object ${id}`,
          );
        }
        return value;
      },
    };
  }

  public async create(
    stack: StackState,
    template: Template,
    logicalId: string,
    operation: Operation,
    options: OperationOptions,
  ): Promise<void> {
    const { Type: type } = template.Resources[logicalId]!;
    const state: ResourceState = {
      logicalId,
      type,
      status: 'CREATE_IN_PROGRESS',
      physicalId: '',
      ref: '',
      attributes: {},
      properties: {},
    };
    const failed = (reason: string, eventReason: string = reason) => {
      state.status = 'CREATE_FAILED';
      this.note(stack, state, state.status, eventReason);
      operation.fail(logicalId, reason);
    };
    try {
      state.properties = this.properties(stack, template, logicalId);
    } catch (error) {
      return failed((error as Error).message);
    }
    this.note(stack, state, state.status);
    if (!isCustom(type)) {
      try {
        if (options.fail?.includes(logicalId)) {
          throw new Error('induced failure');
        }
        Object.assign(state, createNative(this.account, type, stack.name, logicalId, state.properties), {
          status: 'CREATE_COMPLETE',
        });
      } catch (error) {
        return failed((error as Error).message);
      }
      stack.resources.set(logicalId, state);
      this.note(stack, state, 'CREATE_IN_PROGRESS', 'Resource creation Initiated');
      return this.note(stack, state, state.status);
    }
    stack.resources.set(logicalId, state);
    const outcome = await operation.unlessCalledOff(
      this.custom.request({
        type: 'Create',
        stackId: stack.id,
        logicalId,
        resourceType: type,
        properties: state.properties,
      }),
    );
    // The id that a Delete will carry: the answer's, or one that CloudFormation makes up.
    state.physicalId = outcome?.id ?? `${stack.name}-${logicalId}-${this.account.random.hex(12).toUpperCase()}`;
    state.ref = state.physicalId;
    if (!outcome) {
      this.custom.callOff(stack.id, logicalId);
      return failed('Resource creation cancelled');
    }
    if (!outcome.success) {
      return failed(outcome.reason, outcome.eventReason);
    }
    state.attributes = outcome.data;
    state.status = 'CREATE_COMPLETE';
    this.note(stack, state, 'CREATE_IN_PROGRESS', 'Resource creation Initiated');
    return this.note(stack, state, state.status);
  }

  /** An update in place. Returns what a new physical id leaves behind. */
  public async update(
    stack: StackState,
    state: ResourceState,
    properties: Record<string, unknown>,
    operation: Operation | undefined,
    options: OperationOptions,
  ): Promise<Leftover | undefined> {
    const before = { ...state };
    const { logicalId, type } = state;
    const failed = (reason: string, eventReason: string = reason) => {
      state.status = 'UPDATE_FAILED';
      this.note(stack, state, state.status, eventReason);
      operation?.fail(logicalId, reason);
      return undefined;
    };
    this.note(stack, state, 'UPDATE_IN_PROGRESS');
    if (!isCustom(type)) {
      if (options.fail?.includes(logicalId)) {
        return failed('induced failure');
      }
      Object.assign(state, updateNative(this.account, type, state.physicalId, properties), {
        properties,
        status: 'UPDATE_COMPLETE',
      });
      this.note(stack, state, state.status);
      return undefined;
    }
    const request = this.custom.request({
      type: 'Update',
      stackId: stack.id,
      logicalId,
      resourceType: type,
      properties,
      oldProperties: before.properties,
      physicalId: before.physicalId,
      rollback: options.rollback,
    });
    const outcome: Outcome | undefined =
      operation && options.cancelUpdates !== false ? await operation.unlessCalledOff(request) : await request;
    if (!outcome?.success) {
      // The rollback of a failed update swaps; a rollback that is continued sends the same pair again.
      if (!options.rollback) {
        state.properties = properties;
      }
      state.physicalId = outcome?.id ?? before.physicalId;
      state.ref = state.physicalId;
      if (outcome) {
        return failed(outcome.reason, outcome.eventReason);
      }
      this.custom.callOff(stack.id, logicalId);
      return failed('Resource update cancelled');
    }
    Object.assign(state, {
      properties,
      physicalId: outcome.id!,
      ref: outcome.id!,
      attributes: outcome.data,
      status: 'UPDATE_COMPLETE',
    });
    const replaced = outcome.id !== before.physicalId;
    if (replaced) {
      this.note(stack, state, 'UPDATE_IN_PROGRESS', REPLACED);
    }
    this.note(stack, state, state.status);
    return replaced ? leftover(stack.template, before) : undefined;
  }

  /**
   * CloudFormation's refusal of a change that no custom resource may make: the resource gets no event and keeps what it
   * has.
   */
  public refuseUpdate(stack: StackState, state: ResourceState, reason: string, operation: Operation): void {
    this.note(stack, state, 'UPDATE_FAILED', reason);
    operation.fail(state.logicalId, reason);
  }

  /** A new resource in the place of the old one, which stays until the cleanup. */
  public replaceNative(
    stack: StackState,
    state: ResourceState,
    properties: Record<string, unknown>,
    operation: Operation,
  ): Leftover | undefined {
    const old = leftover(stack.template, state);
    this.note(stack, state, 'UPDATE_IN_PROGRESS', REPLACED);
    let fresh: NativeState;
    try {
      fresh = createNative(this.account, state.type, stack.name, state.logicalId, properties);
    } catch (error) {
      this.refuseUpdate(stack, state, (error as Error).message, operation);
      return undefined;
    }
    Object.assign(state, fresh, { properties, status: 'UPDATE_COMPLETE' });
    this.note(stack, state, state.status);
    return old;
  }

  /** True when it is gone. */
  public async remove(stack: StackState, item: Leftover): Promise<boolean> {
    if (item.retain) {
      this.note(stack, item, 'DELETE_SKIPPED');
      return true;
    }
    this.note(stack, item, 'DELETE_IN_PROGRESS');
    if (!isCustom(item.type)) {
      deleteNative(this.account, item.type, item.physicalId, item.properties);
      this.note(stack, item, 'DELETE_COMPLETE');
      return true;
    }
    const outcome = await this.custom.request({
      type: 'Delete',
      stackId: stack.id,
      logicalId: item.logicalId,
      resourceType: item.type,
      properties: item.properties,
      physicalId: item.physicalId,
    });
    this.note(stack, item, outcome.success ? 'DELETE_COMPLETE' : 'DELETE_FAILED', outcome.eventReason);
    return outcome.success;
  }
}

/** How the event of a replacement begins. */
const REPLACED = 'Requested update requires the creation of a new physical resource; hence creating one.';

/** What is left of a resource that another one has replaced. */
function leftover(template: Template, state: ResourceState): Leftover {
  const { logicalId, type, physicalId, properties } = state;
  return {
    logicalId,
    type,
    physicalId,
    properties,
    retain: /^Retain/.test(template.Resources[logicalId]?.UpdateReplacePolicy ?? 'Delete'),
  };
}
