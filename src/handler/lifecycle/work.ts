import { Deadline } from '../cloudformation/deadline';
import { CloudFormationEvent } from '../cloudformation/event';
import { Ports } from '../ports';
import { Redactor } from '../redaction';
import { Session } from '../server/session';
import { ServiceConnectors } from '../zenml/service-connectors';
import { StackComponents } from '../zenml/stack-components';
import { Stacks } from '../zenml/stacks';

/** One request, with all that a lifecycle needs to serve it. */
export interface Work {
  readonly event: CloudFormationEvent;
  readonly ports: Ports;
  readonly deadline: Deadline;
  readonly redactor: Redactor;
  readonly session: Session;
  readonly zenml: Zenml;
  /** When CloudFormation issued the event (ISO 8601), if that can be told. */
  readonly issuedAt?: string;
  readonly propagationSeconds: number;
  /** `true`: this takes back an Update of which this process knows that it wrote nothing. */
  readonly followsNoChange: boolean;
  /** Displaced components by attachment, for the life of the process. */
  readonly displaced: Map<string, string>;
  /** The same request on the server of another binding, for what an older generation of the resource left there. */
  on(bindingName: string): Promise<Work>;
  /** Says that an object exists: a failure from now on answers with this id, so that CloudFormation's Delete finds it. */
  made(physicalId: string): void;
  /** One line of the log. */
  note(text: string): void;
}

export interface Zenml {
  readonly connectors: ServiceConnectors;
  readonly components: StackComponents;
  readonly stacks: Stacks;
}

/** What a Create or Update answers: the physical id and the two attributes. */
export interface Outcome {
  readonly physicalId: string;
  readonly id: string;
  readonly name: string;
}

export interface Lifecycle {
  create(work: Work): Promise<Outcome>;
  update(work: Work): Promise<Outcome>;
  delete(work: Work): Promise<void>;
}
