import { RemovalPolicy } from 'aws-cdk-lib';
import { ZenMLServer } from './server';

/** What a delete does when the ZenML server does not answer or refuses the API key. */
export enum UnreachableServerBehavior {
  /** The delete fails and can be retried. No object is left in ZenML unnoticed. */
  FAIL = 'FAIL',
  /**
   * The delete retries for a minute, then succeeds and leaves the object in ZenML. For a server that no longer exists.
   */
  ABANDON = 'ABANDON',
}

/** Options of every construct that registers an object in ZenML. */
export interface RegistrationOptions {
  /** The ZenML server that the object is registered with. */
  readonly server: ZenMLServer;
  /**
   * Labels of the object in ZenML. Keys that start with `cdk-zenml:` or `zenml:` are reserved. A value has at most 4000
   * characters (ZenML's limit on MySQL).
   *
   * @default - only the library's own labels, which mark the object as created by this CloudFormation stack
   */
  readonly labels?: Record<string, string>;
  /**
   * Adopt an existing component or stack with the same name instead of failing. Each deploy then updates the adopted
   * object. A destroy, and a create that fails, restore the object as it was found; only a destroy with `removalPolicy:
   * DESTROY` deletes it.
   *
   * Service connectors are never adopted, because ZenML does not return the credentials that an update would overwrite.
   * `ServiceConnector` refuses this option, and `EcrContainerRegistry` applies it to its component only.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
  /**
   * What happens to the object in ZenML when the construct leaves the CloudFormation stack.
   *
   * RETAIN: the object stays in ZenML. The resources that this app creates for it and that it needs stay as well: the
   * connector's role, user, access key, secret and policies. After a rotation the former access key stays too; delete
   * that key by hand. A create that fails still deletes what it created and restores what it adopted
   * (`RetainExceptOnCreate`).
   *
   * DESTROY: the object is deleted, even if it was adopted.
   *
   * @default - an object that the stack created is deleted, and an adopted object is restored as it was found
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What a delete does when the server does not answer or refuses the API key. Changing this option does not call the
   * server, so the change can be deployed after the server is gone.
   *
   * @default UnreachableServerBehavior.FAIL
   */
  readonly onUnreachableServer?: UnreachableServerBehavior;
  /**
   * On delete, remove the object from ZenML stacks and components that this CloudFormation stack does not own, instead
   * of refusing the delete.
   *
   * @default false
   */
  readonly detachFromStacks?: boolean;
  /**
   * An arbitrary value. Change it to make the next deploy compare the object in ZenML with the template and undo manual
   * changes.
   *
   * @default - none: a deploy without changes does not call the server
   */
  readonly repairTrigger?: string;
}
