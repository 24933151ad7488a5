import { CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { isRepeatable } from './repeatable-types';
import { IStackComponent } from './stack-component';
import { IZenMLStack } from './zenml-stack';
import { StackAttachmentProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { isManaged, referenceTo, registrationsOf, requireSameServer } from '../custom-resource/references';
import { flag, Registration } from '../custom-resource/registration';
import { isKept } from '../private/fate';
import { UnreachableServerBehavior } from '../server/registration-options';

/** Properties of `ZenMLStackAttachment`. */
export interface ZenMLStackAttachmentProps {
  /** The ZenML stack, which this app does not make. */
  readonly zenmlStack: IZenMLStack;
  /** The component to put into it. */
  readonly component: IStackComponent;
  /**
   * Whether the displaced component comes back when the attachment is removed (if the attached component is still in place then).
   *
   * @default true
   */
  readonly restorePrevious?: boolean;
  /**
   * What happens in ZenML when the attachment leaves the CloudFormation stack. RETAIN: the component stays in the ZenML stack. With a kept
   * registry its attachments (`zenmlStack`, `attachToStack`) are kept, too.
   *
   * @default - the component is taken out, and the displaced one put back (see `restorePrevious`)
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What a delete does when the server does not answer or refuses the API key.
   *
   * @default UnreachableServerBehavior.FAIL
   */
  readonly onUnreachableServer?: UnreachableServerBehavior;
  /**
   * Any text; changing it makes the next deploy look whether the component is still in place.
   *
   * @default - none
   */
  readonly refreshToken?: string;
  /**
   * Whether to output the command that makes the ZenML stack a teammate's active one.
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/**
 * A component in a ZenML stack that this app does not make (`zenml stack update`). The other components of the stack stay as they are. A
 * component of the same type is displaced, and put back when the attachment is removed. Of types of which ZenML takes several (alerter,
 * experiment tracker, sandbox, step operator) none is displaced.
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
  /** The Lambda function that registers the attachment with the server, for alarms, subscriptions or tags. Registrations of one CloudFormation stack share it. */
  public readonly registrationFunction: lambda.IFunction;

  /**
   * @throws when the stack is made by this app (add the component to it instead), registered with another server, or gets a second component
   * of a type of which ZenML takes one
   */
  public constructor(scope: Construct, id: string, props: ZenMLStackAttachmentProps) {
    super(scope, id);
    const { zenmlStack, component } = props;
    if (isManaged(zenmlStack)) {
      throw new Error('`zenmlStack` is made by this app: list the component among its `components`, or call its addComponent(); attachments are for stacks of others');
    }
    requireSameServer('the component', zenmlStack.server, component.server);
    const registration = new Registration<StackAttachmentProperties>(this, 'Resource', ResourceType.STACK_ATTACHMENT, {
      server: zenmlStack.server,
      // Another policy than these means nothing here: an attachment takes nothing over.
      removalPolicy: isKept(props.removalPolicy) ? props.removalPolicy : undefined,
      onUnreachableServer: props.onUnreachableServer,
      refreshToken: props.refreshToken,
    }, {
      Stack: referenceTo(zenmlStack, zenmlStack.zenmlStackNameOrId),
      Component: { ComponentType: component.componentType.name, ...referenceTo(component, component.stackComponentNameOrId) },
      OwnComponent: flag(isManaged(component) && Stack.of(component) === Stack.of(this)),
      RestorePrevious: props.restorePrevious === false ? 'false' : undefined,
    });
    this.registrationFunction = registration.handler.function;
    if (isManaged(component)) { registration.need(...registrationsOf(component)); }
    takeTurns(this, registration, zenmlStack, component);
    if (props.outputs ?? true) {
      new CfnOutput(this, 'SetCommand', { value: `zenml stack set ${zenmlStack.zenmlStackNameOrId}`, description: 'Makes it the active stack on your machine' });
    }
  }
}

/** The last attachment to a ZenML stack, and the types that are taken there. */
interface Turn { last: ZenMLStackAttachment; readonly types: string[] }

/** By CloudFormation stack, weakly: it holds no app alive. */
const turns = new WeakMap<Stack, Map<string, Turn>>();

/**
 * ZenML writes a stack as a whole: two attachments of one CloudFormation stack to it take turns, and two of one type contradict each other.
 *
 * @throws for a second component of the same type
 */
function takeTurns(attachment: ZenMLStackAttachment, registration: Registration<StackAttachmentProperties>,
  zenmlStack: IZenMLStack, component: IStackComponent): void {
  const here = turns.get(Stack.of(attachment)) ?? new Map<string, Turn>();
  turns.set(Stack.of(attachment), here);
  const key = `${zenmlStack.server.url} ${zenmlStack.zenmlStackNameOrId}`;
  const type = component.componentType.name;
  const turn = here.get(key);
  if (!isRepeatable(component.componentType) && turn?.types.includes(type)) {
    throw new Error(`\`zenmlStack\` ${zenmlStack.zenmlStackNameOrId} gets two components of type ${type}: a ZenML stack takes one of each`);
  }
  if (turn) { registration.dependOn(turn.last); }
  here.set(key, { last: attachment, types: [...turn?.types ?? [], type] });
}
