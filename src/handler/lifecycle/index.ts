import { Lifecycle } from './context';
import { serviceConnectorKind } from './kinds/service-connector';
import { stackKind } from './kinds/stack';
import { STACK_ATTACHMENT_VITAL_PROPERTIES, stackAttachmentLifecycle } from './kinds/stack-attachment';
import { stackComponentKind } from './kinds/stack-component';
import { NamedKind } from './named/kind';
import { namedLifecycle } from './named/lifecycle';
import { Kind } from '../../contract/physical-id';
import { ResourceType } from '../../contract/resource-types';

/** How the resources of one type are served. */
export interface ResourceHandler {
  readonly kind: Kind;
  readonly lifecycle: Lifecycle;
  /** The properties without whose values the object does not work. */
  readonly vitalProperties: readonly string[];
  /** What CloudFormation does after a Delete that has failed; ends the reason. */
  readonly afterFailedDelete?: string;
}

/** CloudFormation goes on behind a failed Delete (aws-cloudformation/cloudformation-coverage-roadmap issue 852). */
const CREDENTIALS_FOLLOW =
  'CloudFormation now deletes the role, user and access key behind it, unless removalPolicy RETAIN keeps them; then pushes and pulls through it fail.';

/** By CloudFormation's resource type. */
export const RESOURCE_HANDLERS: ReadonlyMap<string, ResourceHandler> = new Map<string, ResourceHandler>([
  [ResourceType.SERVICE_CONNECTOR, { ...named(serviceConnectorKind), afterFailedDelete: CREDENTIALS_FOLLOW }],
  [ResourceType.STACK_COMPONENT, { ...named(stackComponentKind), afterFailedDelete: CREDENTIALS_FOLLOW }],
  [ResourceType.STACK, named(stackKind)],
  [ResourceType.STACK_ATTACHMENT, {
    kind: 'stack-attachment', lifecycle: stackAttachmentLifecycle, vitalProperties: STACK_ATTACHMENT_VITAL_PROPERTIES,
  }],
]);

function named(kind: NamedKind): ResourceHandler {
  return { kind: kind.kind, lifecycle: namedLifecycle(kind), vitalProperties: kind.vitalProperties };
}
