import { Deadline } from './cloudformation/deadline';
import { CloudFormationEvent } from './cloudformation/event';
import { readStackHistory, StackHistory } from './cloudformation/stack-history';
import { EndedUpdate, FailedUpdates } from './failed-updates';
import { ResourceHandler } from './lifecycle';
import { Found } from './lifecycle/context';
import { Ports } from './ports';
import { Redactor } from './redaction';
import { LoginCache } from './server/session';
import { ZenmlClient } from './zenml/client';

/** What lives as long as the process. */
export interface ProcessCache {
  readonly logins: LoginCache;
  readonly displacedComponents: Map<string, string>;
  readonly failedUpdates: FailedUpdates;
}

/** One invocation: what `dispatch` is given, and reports back even when it throws. */
export interface Invocation {
  readonly event: CloudFormationEvent;
  readonly handler: ResourceHandler;
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly cache: ProcessCache;
  readonly notes: string[];
  readonly warnings: string[];
  readonly clients: ZenmlClient[];
  /** The Update that this event takes back, where this process has served it. */
  readonly revertedUpdate?: EndedUpdate;
  /** The physical id of an object that exists now. */
  createdPhysicalId?: string;
  /** What an Update has found of its object. */
  found?: Found;
  /** When it was found, in milliseconds of the epoch. */
  foundAt?: number;
  /** What CloudFormation has answered; asked at most once. */
  history?: Promise<StackHistory>;
}

/** What CloudFormation itself says of its operation at work. */
export async function stackHistory(invocation: Invocation): Promise<StackHistory> {
  invocation.history ??= readStackHistory(invocation.ports, invocation.event);
  return invocation.history;
}
