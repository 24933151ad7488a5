import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { componentReference } from './component-reference';
import { isRepeatable } from './repeatable-types';
import { outputSetCommand } from './set-command';
import { IStackComponent } from './stack-component';
import { IZenMLStack } from './zenml-stack';
import { StackAttachmentProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { isDefinedInApp, referenceTo, registrationsOf, requireSameServer } from '../custom-resource/references';
import { Registration, trueOrAbsent } from '../custom-resource/registration';
import { isRetained } from '../private/removal';
import { synthError } from '../private/synth-error';
import { UnreachableServerBehavior } from '../server/registration-options';

/** Properties of `ZenMLStackAttachment`. */
export interface ZenMLStackAttachmentProps {
  /** The ZenML stack. This app must not define it. */
  readonly zenmlStack: IZenMLStack;
  /** The component to attach to the ZenML stack. */
  readonly component: IStackComponent;
  /**
   * Whether a delete of the attachment restores the displaced component. It does so only if the attached component is
   * still in the ZenML stack.
   *
   * @default true
   */
  readonly restorePrevious?: boolean;
  /**
   * What happens in ZenML when the attachment leaves the CloudFormation stack. RETAIN: the component stays in the ZenML
   * stack. The attachments of a retained registry (`zenmlStack`, `attachToStack`) are retained as well.
   *
   * @default - the component is detached, and the displaced component restored (see `restorePrevious`)
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What a delete does when the server does not answer or refuses the API key.
   *
   * @default UnreachableServerBehavior.FAIL
   */
  readonly onUnreachableServer?: UnreachableServerBehavior;
  /**
   * An arbitrary value. Change it to make the next deploy check that the component is still in the ZenML stack, and
   * attach it again if not.
   *
   * @default - none
   */
  readonly repairTrigger?: string;
  /**
   * Whether to add a stack output with the command that activates the ZenML stack (`zenml stack set`).
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/**
 * Attaches a component to a ZenML stack that this app does not define (`zenml stack update`). The other components of
 * the ZenML stack do not change. A component of the same type is displaced, and restored when the attachment is
 * deleted. A component of a type of which a ZenML stack can have several (alerter, experiment tracker, sandbox, step
 * operator) displaces nothing: the default of the type, which ZenML uses where a step names none, stays the default.
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const registry: EcrContainerRegistry;
 *
 * new ZenMLStackAttachment(this, 'Attachment', {
 *   zenmlStack: ZenMLStack.fromZenmlStackName(this, 'Production', server, 'production'),
 *   component: registry,
 * });
 */
export class ZenMLStackAttachment extends Construct {
  /**
   * The Lambda function that registers the attachment with the server, for alarms, subscriptions or tags. The
   * registrations of one CloudFormation stack share it.
   */
  public readonly registrationFunction: lambda.IFunction;

  /** @internal UUID of the ZenML stack, a token */
  public readonly _zenmlStackId: string;
  /** @internal */
  public readonly _component: IStackComponent;

  /**
   * @throws when this app defines the ZenML stack, the ZenML stack is registered with another server, or it would get a
   * second component of a type of which it can have only one
   */
  public constructor(scope: Construct, id: string, props: ZenMLStackAttachmentProps) {
    super(scope, id);
    const { zenmlStack, component } = props;
    if (isDefinedInApp(zenmlStack)) {
      throw synthError(
        'CZ161',
        `\`zenmlStack\` must not be defined in this app, got: ${zenmlStack.node.path}: add the component `
          + 'to its `components`, or call its addComponent()',
      );
    }
    requireSameServer('the component', zenmlStack.server, component.server);
    const registration = new Registration<StackAttachmentProperties>(this, 'Resource', ResourceType.STACK_ATTACHMENT, {
      server: zenmlStack.server,
      // Other policies do not apply, because an attachment adopts nothing.
      removalPolicy: isRetained(props.removalPolicy) ? props.removalPolicy : undefined,
      onUnreachableServer: props.onUnreachableServer,
      repairTrigger: props.repairTrigger,
    }, {
      Stack: referenceTo(zenmlStack, zenmlStack.zenmlStackNameOrId),
      Component: componentReference(component),
      OwnComponent: trueOrAbsent(isDefinedInApp(component) && Stack.of(component) === Stack.of(this)),
      RestorePrevious: props.restorePrevious === false ? 'false' : undefined,
    });
    this.registrationFunction = registration.handler.function;
    this._zenmlStackId = registration.objectId;
    this._component = component;
    if (isDefinedInApp(component)) { registration.need(...registrationsOf(component)); }
    serializeAttachments(this, registration, zenmlStack, component);
    if (props.outputs ?? true) { outputSetCommand(this, zenmlStack.zenmlStackNameOrId); }
  }
}

/** The attachments of one CloudFormation stack to one ZenML stack: the last one, and the component types of all. */
interface AttachmentQueue { readonly last: ZenMLStackAttachment; readonly types: readonly string[] }

/** Queues by CloudFormation stack and ZenML stack. Weak keys, so that the map keeps no app in memory. */
const queues = new WeakMap<Stack, Map<string, AttachmentQueue>>();

/**
 * Makes the attachments of one CloudFormation stack to a ZenML stack depend on each other, because ZenML writes a stack
 * as a whole. Throws for a second component of a type of which a ZenML stack can have only one.
 */
function serializeAttachments(attachment: ZenMLStackAttachment, registration: Registration<StackAttachmentProperties>,
  zenmlStack: IZenMLStack, component: IStackComponent): void {
  const ofStack = queues.get(Stack.of(attachment)) ?? new Map<string, AttachmentQueue>();
  queues.set(Stack.of(attachment), ofStack);
  const key = `${zenmlStack.server.url} ${zenmlStack.zenmlStackNameOrId}`;
  const type = component.componentType.name;
  const queue = ofStack.get(key);
  if (!isRepeatable(component.componentType) && queue?.types.includes(type)) {
    throw synthError(
      'CZ160',
      `\`zenmlStack\` ${zenmlStack.zenmlStackNameOrId} must have at most one component of type ${type}, `
        + `got: a second attachment, ${attachment.node.path}, after ${queue.last.node.path}: remove one of the two`,
    );
  }
  if (queue) { registration.dependOn(queue.last); }
  ofStack.set(key, { last: attachment, types: [...queue?.types ?? [], type] });
}
