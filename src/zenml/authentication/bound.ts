import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { AuthMethodName } from '../../contract/auth-methods';
import { KeysLocation } from '../../custom-resource/secret-binding';
import { ZenMLServer } from '../../server/server';

/** What a method gets to know of its connector. */
export interface AuthenticationContext {
  readonly server: ZenMLServer;
  readonly region: string;
  /** Whether sessions are for ECR, so that a session policy for ECR fits. */
  readonly dockerRegistry: boolean;
  /** Whether its sessions may make repositories by pushing to new names. */
  readonly createOnPush: boolean;
  /** What is made for the connector has the connector's. */
  readonly removalPolicy?: RemovalPolicy;
}

/** What a method has made of it. */
export interface BoundAuthentication {
  readonly method: AuthMethodName;
  /** The role that the connector assumes, if any. */
  readonly role?: iam.IRole;
  readonly sessionPolicy?: string;
  readonly keys?: KeysLocation;
  /** Changes when the keys do. */
  readonly keysVersion?: string;
  readonly expirationSeconds?: number;
  readonly expiresAt?: string;
  readonly dependencies: IConstruct[];
}
