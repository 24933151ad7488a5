import { RemovalPolicy } from 'aws-cdk-lib';
import { ZenMLServer } from './server';

/** What a delete does when the server does not answer or refuses the API key. */
export enum UnreachableServer {
  /** The delete fails and can be tried again: nothing is left behind unnoticed. */
  FAIL = 'FAIL',
  /** The delete succeeds and what is in ZenML stays there: for a server that is gone for good. It is tried for a minute. */
  ABANDON = 'ABANDON',
}

/** What every object that is registered in ZenML shares. */
export interface RegistrationOptions {
  /** The server that it is registered with. */
  readonly server: ZenMLServer;
  /**
   * Labels to put on it in ZenML. Keys that start with `cdk-zenml:` or `zenml:` are reserved; values have at most 4000 characters.
   *
   * @default - only the library's own, which mark the object as made by this stack
   */
  readonly labels?: Record<string, string>;
  /**
   * Take over an existing object of the same name instead of failing. It is then updated with each deploy, and stays in ZenML when it
   * leaves the stack unless `removalPolicy` is DESTROY.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;
  /**
   * What happens in ZenML when it leaves the stack. RETAIN: it stays. DESTROY: it is deleted, even if it was taken over.
   *
   * @default - deleted if the stack made it, kept if the stack took it over
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * What a delete does when the server does not answer or refuses the API key. Changing this asks nothing of the server, so it can be
   * deployed when the server is already gone.
   *
   * @default UnreachableServer.FAIL
   */
  readonly unreachableServer?: UnreachableServer;
  /**
   * On delete, take it out of stacks (or components) that this CloudFormation stack does not own, instead of refusing.
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
