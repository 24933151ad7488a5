import { Deadline } from '../cloudformation/deadline';
import { CloudFormationEvent } from '../cloudformation/event';
import { Phase } from '../cloudformation/stack-history';
import { Ports } from '../ports';
import { Redactor } from '../redaction';
import { Session } from '../server/session';
import { Secrets } from '../zenml/secrets';
import { ServiceConnectors } from '../zenml/service-connectors';
import { StackComponents } from '../zenml/stack-components';
import { Stacks } from '../zenml/stacks';

/** One request of CloudFormation, with all that a lifecycle needs to serve it. */
export interface LifecycleContext {
  readonly event: CloudFormationEvent;
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly session: Session;
  readonly zenml: Zenml;
  /** When CloudFormation issued the event (ISO 8601), if the event says so. */
  readonly issuedAt?: string;
  readonly propagationSeconds: number;
  /** `true`: the event rolls back an Update of which this process knows that it has ended. */
  readonly revertsEndedUpdate: boolean;
  /** Displaced components by attachment, for the life of the process. */
  readonly displacedComponents: Map<string, string>;
  /** The same request on the server of another binding, for what an older generation of the resource left there. */
  onServerOf(bindingName: string): Promise<LifecycleContext>;
  /** What the CloudFormation stack is doing, by its own events. */
  phase(): Promise<Phase>;
  /**
   * Whether this event rolls back an Update that CloudFormation has cancelled, and that may still be running; undefined
   * where it cannot be asked.
   */
  mayRevertedUpdateRun(): Promise<boolean | undefined>;
  /**
   * Of a rollback: the physical id that this resource had before the Update; undefined where CloudFormation cannot be
   * asked.
   */
  physicalIdBefore(): Promise<string | undefined>;
  /**
   * Physical ids that other resources of the CloudFormation stack got in the deployment at work, with their logical
   * ids.
   */
  idsOfDeployment(): Promise<ReadonlyMap<string, string> | undefined>;
  /**
   * Whether CloudFormation removes resources of a deployment that had succeeded; undefined where it cannot be asked.
   */
  isRemoval(): Promise<boolean | undefined>;
  /** Whether CloudFormation has cancelled this event by now, because another resource failed. */
  isCancelled(): Promise<boolean>;
  /**
   * Reports that an object exists: a failure from now on answers with this id, so that CloudFormation's Delete finds
   * it.
   */
  reportCreated(physicalId: string): void;
  /** Reports what an Update has found of its object: whether a failed rollback of it would lose anything. */
  reportFound(found: Found | undefined): void;
  /** A note in the log's line of this event. */
  log(text: string): void;
  /** A note that makes the log's line a WARN: something may be left that a person has to look after. */
  warn(code: string, text: string): void;
}

/**
 * What an Update has found: an object that already has the wanted revision, no object any more, or an object that
 * another CloudFormation resource has adopted.
 */
export type Found = 'as wanted' | 'gone' | 'adopted by another';

interface Zenml {
  readonly connectors: ServiceConnectors;
  readonly components: StackComponents;
  readonly stacks: Stacks;
  readonly secrets: Secrets;
}

/** What a Create or Update answers: the physical id and the two attributes. */
export interface Outcome {
  readonly physicalId: string;
  readonly id: string;
  readonly name: string;
}

export interface Lifecycle {
  create(context: LifecycleContext): Promise<Outcome>;
  update(context: LifecycleContext): Promise<Outcome>;
  delete(context: LifecycleContext): Promise<void>;
}
