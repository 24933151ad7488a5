import { RemovalPolicy } from 'aws-cdk-lib';
import { ZenMLServer } from './server';

/** What a delete does when the server does not answer or refuses the API key. */
export enum UnreachableServerBehavior {
  /** The delete fails and can be tried again: nothing is left behind unnoticed. */
  FAIL = 'FAIL',
  /** The delete succeeds and what is in ZenML stays there: for a server that is gone for good. It is tried for a minute. */
  ABANDON = 'ABANDON',
}

/** Options that every construct has that registers an object in ZenML. */
export interface RegistrationOptions {
  /** The ZenML server that the object is registered with. */
  readonly server: ZenMLServer;
  /**
   * Labels of the object in ZenML. Keys that start with `cdk-zenml:` or `zenml:` are reserved; values have at most 4000 characters.
   *
   * @default - only the library's own, which mark the object as made by this stack
   */
  readonly labels?: Record<string, string>;
  /**
   * Take over an existing component or stack of the same name instead of failing. The object is then updated with each deploy. On destroy, and
   * after a create that fails, the object is given back as it was found; only `removalPolicy: DESTROY` deletes it on destroy. Service connectors are never taken
   * over, because ZenML does not give back the credentials that would be overwritten: `ServiceConnector` refuses it, and
   * `EcrContainerRegistry` takes over its component only.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
  /**
   * What happens to the object in ZenML when it leaves the CloudFormation stack. RETAIN: the object stays, and so does everything that this app
   * makes for it and that it needs: the connector's role, user, access key, secret and policies (after a rotation also the former key: delete that
   * by hand). A create that fails still deletes what it created and gives back what it took over (`RetainExceptOnCreate`). DESTROY: the object is
   * deleted, even if it was taken over.
   *
   * @default - deleted if the stack made it, given back as it was found if the stack took it over
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What a delete does when the server does not answer or refuses the API key. Changing this asks nothing of the server, so it can be
   * deployed when the server is already gone.
   *
   * @default UnreachableServerBehavior.FAIL
   */
  readonly onUnreachableServer?: UnreachableServerBehavior;
  /**
   * On delete, take the object out of ZenML stacks (or components) that this CloudFormation stack does not own, instead of refusing.
   *
   * @default false
   */
  readonly detachFromStacks?: boolean;
  /**
   * Any text; changing it makes the next deploy look at the object and put right what was changed by hand.
   *
   * @default - none: a deploy without changes asks nothing of the server
   */
  readonly refreshToken?: string;
}
