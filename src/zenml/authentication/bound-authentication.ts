import { RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { AuthMethodName } from '../../contract/auth-methods';
import { KeysLocation } from '../../custom-resource/secret-binding';
import { ZenMLServer } from '../../server/server';

/** What an authentication method reads of its connector. */
export interface AuthenticationContext {
  readonly server: ZenMLServer;
  readonly region: string;
  /** The session policy that suits the resource of the connector; undefined if ZenML's own is sufficient. */
  readonly sessionPolicy: (scope: Construct, region: string) => string | undefined;
  /** Removal policy of the connector, which also applies to resources that are defined for it. */
  readonly removalPolicy?: RemovalPolicy;
}

/** What an authentication method defines for its connector. */
export interface BoundAuthentication {
  readonly method: AuthMethodName;
  /** The role that the connector assumes; undefined for methods without a role. */
  readonly role?: iam.IRole;
  readonly sessionPolicy?: string;
  readonly keys?: KeysLocation;
  /** A value that changes with the keys. */
  readonly keysVersion?: string;
  /** Lifetime of the credentials that the connector issues. */
  readonly expirationSeconds?: number;
  /** When temporary keys expire (ISO 8601). */
  readonly expiresAt?: string;
  /** Resources that the connector needs. */
  readonly dependencies: IConstruct[];
}
