import { Template } from './template';

/** One resource of a stack, as CloudFormation believes it to be. */
export interface ResourceState {
  readonly logicalId: string;
  readonly type: string;
  status: string;
  physicalId: string;
  ref: string;
  attributes: Readonly<Record<string, unknown>>;
  properties: Readonly<Record<string, unknown>>;
}

export interface StackState {
  readonly name: string;
  readonly id: string;
  status: string;
  template: Template;
  readonly resources: Map<string, ResourceState>;
  outputs: Record<string, unknown>;
  /** After UPDATE_ROLLBACK_FAILED: what the rollback still has to do. */
  unfinished?: () => Promise<void>;
}

export interface StackEvent {
  readonly time: number;
  readonly stack: string;
  readonly logicalId: string;
  readonly status: string;
  readonly reason: string;
  readonly physicalId: string;
}

/** Knobs of one operation. */
export interface OperationOptions {
  /** Logical ids of AWS's own resources whose create or update fails. */
  readonly fail?: readonly string[];
  /** `false`: wait for the others that are at work when one fails. Default: call them off, as CloudFormation does. */
  readonly cancelSiblings?: boolean;
  /** `false`: updates are waited for all the same. */
  readonly cancelUpdates?: boolean;
  /** Only for deletes: leave these alone. */
  readonly retain?: readonly string[];
  /** Set by the simulator for the updates of a rollback. */
  readonly rollback?: boolean;
}

export const isCustom = (type: string) => type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
