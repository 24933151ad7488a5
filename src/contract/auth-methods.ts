/** ZenML's authentication methods of the AWS service connector, and which of them hold keys in ZenML. */
export const AuthMethod = {
  IMPLICIT: 'implicit',
  IAM_ROLE: 'iam-role',
  SECRET_KEY: 'secret-key',
  STS_TOKEN: 'sts-token',
  SESSION_TOKEN: 'session-token',
  FEDERATION_TOKEN: 'federation-token',
} as const;

export type AuthMethodName = (typeof AuthMethod)[keyof typeof AuthMethod];

/** ZenML's configuration keys per method: what must be there and what may. `region` and `endpoint_url` go with all. */
export const AUTH_METHOD_SHAPE: Record<AuthMethodName, { keys: boolean; token: boolean; role: 'required' | 'optional' | 'none'; policy: boolean }> = {
  'implicit': { keys: false, token: false, role: 'optional', policy: true },
  'iam-role': { keys: true, token: false, role: 'required', policy: true },
  'secret-key': { keys: true, token: false, role: 'none', policy: false },
  'sts-token': { keys: true, token: true, role: 'none', policy: false },
  'session-token': { keys: true, token: false, role: 'none', policy: false },
  'federation-token': { keys: true, token: false, role: 'none', policy: true },
};
