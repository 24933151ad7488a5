/** ZenML's authentication methods of the AWS service connector, by the names that ZenML's API uses. */
export const AuthMethod = {
  IMPLICIT: 'implicit',
  IAM_ROLE: 'iam-role',
  SECRET_KEY: 'secret-key',
  STS_TOKEN: 'sts-token',
  SESSION_TOKEN: 'session-token',
  FEDERATION_TOKEN: 'federation-token',
} as const;

export type AuthMethodName = (typeof AuthMethod)[keyof typeof AuthMethod];

/** Which configuration keys of ZenML an authentication method has. `region` and `endpoint_url` go with every method. */
interface AuthMethodShape {
  /** Whether the method stores AWS keys in ZenML. */
  readonly keys: boolean;
  /** Whether the keys include a session token. */
  readonly token: boolean;
  /** Whether the method assumes a role. */
  readonly role: 'required' | 'optional' | 'none';
  /** Whether the method accepts a session policy. */
  readonly policy: boolean;
}

/** The configuration keys of each authentication method. */
export const AUTH_METHOD_SHAPE: Record<AuthMethodName, AuthMethodShape> = {
  'implicit': { keys: false, token: false, role: 'optional', policy: true },
  'iam-role': { keys: true, token: false, role: 'required', policy: true },
  'secret-key': { keys: true, token: false, role: 'none', policy: false },
  'sts-token': { keys: true, token: true, role: 'none', policy: false },
  'session-token': { keys: true, token: false, role: 'none', policy: false },
  'federation-token': { keys: true, token: false, role: 'none', policy: true },
};
