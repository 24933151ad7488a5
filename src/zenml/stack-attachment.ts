import { CfnOutput } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { UnreachableServer } from './registration-options';
import { IStackComponent } from './stack-component';
import { IZenMLStack } from './zenml-stack';
import { StackAttachmentProperties } from '../contract/properties';
import { ResourceType } from '../contract/resource-types';
import { isManaged, referenceTo, requireSameServer } from '../private/references';
import { Registration } from '../private/registration';

/** Properties of `StackAttachment`. */
export interface StackAttachmentProps {
  /** The ZenML stack, which this app does not make. */
  readonly zenmlStack: IZenMLStack;
  /** The component to put into it. */
  readonly component: IStackComponent;
  /**
   * Whether the component that ours displaces comes back when the attachment is removed (if ours is still in place then).
   *
   * @default true
   */
  readonly restorePrevious?: boolean;
  /**
   * What a delete does when the server does not answer or refuses the API key.
   *
   * @default UnreachableServer.FAIL
   */
  readonly unreachableServer?: UnreachableServer;
  /**
   * Any text; changing it makes the next deploy look whether the component is still in place.
   *
   * @default - none
   */
  readonly refreshToken?: string;
  /**
   * Whether to output the command with which a teammate makes it the active stack.
   *
   * @default true
   */
  readonly outputs?: boolean;
}

/**
 * A component in a ZenML stack that this app does not make (`zenml stack update`). What else is in the stack stays as it is; a component
 * of the same type is displaced, and put back when the attachment goes.
 */
export class StackAttachment extends Construct {
  /**
   * @throws when the stack is made by this app (add the component to it instead), or registered with another server
   */
  public constructor(scope: Construct, id: string, props: StackAttachmentProps) {
    super(scope, id);
    const { zenmlStack, component } = props;
    if (isManaged(zenmlStack)) {
      throw new Error('`zenmlStack` is made by this app: list the component among its `components`, or call its addComponent(); attachments are for stacks of others');
    }
    requireSameServer('the component', zenmlStack.zenmlStackServer, component.componentServer);
    const registration = new Registration<StackAttachmentProperties>(this, 'Resource', ResourceType.STACK_ATTACHMENT, {
      server: zenmlStack.zenmlStackServer,
      unreachableServer: props.unreachableServer,
      refreshToken: props.refreshToken,
    }, {
      Stack: referenceTo(zenmlStack, zenmlStack.zenmlStackNameOrId),
      Component: { ComponentType: component.componentType.name, ...referenceTo(component, component.componentNameOrId) },
      RestorePrevious: props.restorePrevious === false ? 'false' : undefined,
    });
    // A stack is read, changed and written as a whole: two attachments to one stack take turns.
    const previous = lastAttachments.get(zenmlStack);
    if (previous) { registration.dependOn(previous); }
    lastAttachments.set(zenmlStack, this);
    if (props.outputs ?? true) {
      new CfnOutput(this, 'SetCommand', { value: `zenml stack set ${zenmlStack.zenmlStackNameOrId}`, description: 'Makes it the active stack on your machine' });
    }
  }
}

/** Weak, so that it holds no app alive: keyed by the reference that the attachments share. */
const lastAttachments = new WeakMap<IZenMLStack, StackAttachment>();
