import { namedLifecycle } from './named-lifecycle';
import { serviceConnectorKind } from './service-connector';
import { stackKind } from './stack';
import { stackAttachmentLifecycle } from './stack-attachment';
import { stackComponentKind } from './stack-component';
import { Lifecycle } from './work';
import { Kind } from '../../contract/physical-id';
import { ResourceType } from '../../contract/resource-types';

export interface Served {
  readonly kind: Kind;
  readonly lifecycle: Lifecycle;
}

/** By CloudFormation's resource type. */
export const LIFECYCLES: ReadonlyMap<string, Served> = new Map<string, Served>([
  [ResourceType.SERVICE_CONNECTOR, { kind: 'service-connector', lifecycle: namedLifecycle(serviceConnectorKind) }],
  [ResourceType.STACK_COMPONENT, { kind: 'stack-component', lifecycle: namedLifecycle(stackComponentKind) }],
  [ResourceType.STACK, { kind: 'stack', lifecycle: namedLifecycle(stackKind) }],
  [ResourceType.STACK_ATTACHMENT, { kind: 'stack-attachment', lifecycle: stackAttachmentLifecycle }],
]);
