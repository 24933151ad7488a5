import { AUTH_METHOD_SHAPE, AuthMethodName } from '../../src/contract/auth-methods';

/** What ZenML's AWS connector takes and wants for each of its methods. */
test.each<[AuthMethodName, boolean, boolean, string, boolean]>([
  ['implicit', false, false, 'optional', true],
  ['iam-role', true, false, 'required', true],
  ['secret-key', true, false, 'none', false],
  ['sts-token', true, true, 'none', false],
  ['session-token', true, false, 'none', false],
  ['federation-token', true, false, 'none', true],
])(
  'the authentication method %s has keys %s, token %s, role %s, session policy %s',
  (method, keys, token, role, policy) => {
    expect(AUTH_METHOD_SHAPE[method]).toEqual({ keys, token, role, policy });
  },
);
