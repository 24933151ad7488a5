import { Annotations, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AuthenticationContext, BoundAuthentication } from './bound-authentication';
import { ConnectorKeys, FederationTokenOptions, SessionTokenOptions, StsTokenOptions } from './options';
import { keysLocation } from './role-methods';
import { sessionPolicyOf } from './session-policy';
import { AuthMethod, AuthMethodName } from '../../contract/auth-methods';
import { SESSION_TOKEN_FIELD } from '../../iam/access-key';
import { isUnknown } from '../../private/known';
import { invalidProp, validateDuration } from '../../private/validation';

/** AWS's limits for sessions of GetSessionToken and GetFederationToken: 15 minutes to 36 hours. */
const TOKEN_SESSION_SECONDS = [900, 129600] as const;

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

export function validateSessionOptions(options: SessionTokenOptions): void {
  validateDuration('sessionDuration', options.sessionDuration, TOKEN_SESSION_SECONDS,
    'AWS\'s limits for GetSessionToken and GetFederationToken');
}

export function validateStsOptions(options: StsTokenOptions): void {
  if (isUnknown(options.expiresAt)) { return; }
  if (!ISO_8601.test(options.expiresAt) || Number.isNaN(Date.parse(options.expiresAt))) {
    throw invalidProp(
      'expiresAt',
      'must be a date and time with zone (ISO 8601, "2026-12-31T18:00:00Z")',
      options.expiresAt,
    );
  }
}

export function bindSecretKey(scope: Construct, keys: ConnectorKeys): BoundAuthentication {
  warnOfStoredKey(scope, AuthMethod.SECRET_KEY);
  return { method: AuthMethod.SECRET_KEY, keys: keysLocation(keys), keysVersion: keys.version, dependencies: [] };
}

export function bindSessionToken(
  scope: Construct, keys: ConnectorKeys, options: SessionTokenOptions,
): BoundAuthentication {
  warnOfStoredKey(scope, AuthMethod.SESSION_TOKEN);
  return {
    method: AuthMethod.SESSION_TOKEN,
    keys: keysLocation(keys),
    keysVersion: keys.version,
    expirationSeconds: tokenSeconds(options),
    dependencies: [],
  };
}

export function bindFederationToken(
  scope: Construct, context: AuthenticationContext, keys: ConnectorKeys, options: FederationTokenOptions,
): BoundAuthentication {
  warnOfStoredKey(scope, AuthMethod.FEDERATION_TOKEN);
  return {
    method: AuthMethod.FEDERATION_TOKEN,
    keys: keysLocation(keys),
    keysVersion: keys.version,
    sessionPolicy: sessionPolicyOf(scope, context, options.sessionPolicy),
    expirationSeconds: tokenSeconds(options),
    dependencies: [],
  };
}

export function bindStsToken(keys: ConnectorKeys, options: StsTokenOptions): BoundAuthentication {
  return {
    method: AuthMethod.STS_TOKEN,
    keys: keysLocation(keys, keys.sessionTokenField ?? SESSION_TOKEN_FIELD),
    keysVersion: keys.version,
    expiresAt: options.expiresAt,
    dependencies: [],
  };
}

function tokenSeconds(options: SessionTokenOptions): number {
  return (options.sessionDuration ?? Duration.hours(12)).toSeconds();
}

/** The API of an open-source server returns the keys of a connector to every user (measured on live servers). */
function warnOfStoredKey(scope: Construct, method: AuthMethodName): void {
  Annotations.of(scope).addWarningV2('cdk-zenml:keyStoredInZenML', `${method} stores a long-lived key with its own `
    + 'rights in ZenML, where every user of an open-source server can read it: prefer ConnectorAuthentication.implicit '
    + 'or iamRole');
}
