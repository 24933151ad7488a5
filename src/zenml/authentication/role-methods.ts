import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AuthenticationContext, BoundAuthentication } from './bound-authentication';
import { AssumedRoleOptions, ConnectorKeys, IamRoleOptions, ImplicitOptions } from './options';
import { sessionPolicyOf } from './session-policy';
import { AuthMethod } from '../../contract/auth-methods';
import { KeysLocation } from '../../custom-resource/secret-binding';
import { ACCESS_KEY_ID_FIELD, SECRET_ACCESS_KEY_FIELD } from '../../iam/access-key';
import { defineAccessRole, isTrustManaged, trustForConnectors } from '../../iam/access-role';
import { ConnectorUser } from '../../iam/connector-user';
import { requireIdentityOfPartition, warnOfOtherAccount } from '../../iam/trusted-identity';
import { isUnknown } from '../../private/known';
import { partitionInArn, requireOwnPartition } from '../../private/own-partition';
import { synthError } from '../../private/synth-error';
import { validateDuration } from '../../private/validation';

/** AWS's limits for sessions of AssumeRole: 15 minutes to 12 hours. */
const ROLE_SESSION_SECONDS = [900, 43200] as const;

/** AWS's limit for sessions where a role assumes a role, and IAM's default maximum of a role. */
const HOUR_SECONDS = 3600;

export function validateRoleOptions(options: AssumedRoleOptions): void {
  validateDuration('sessionDuration', options.sessionDuration, ROLE_SESSION_SECONDS, 'AWS\'s limits for AssumeRole');
  if (options.role && (options.path || options.permissionsBoundary)) {
    throw synthError(
      'CZ101',
      '`path` and `permissionsBoundary` must not be set together with `role`, because they apply to the '
        + 'role that this construct creates: set them on that role',
    );
  }
}

/** A server on AWS runs as a role, so the limit for a role that assumes a role applies. */
export function validateImplicitOptions(options: ImplicitOptions): void {
  validateRoleOptions(options);
  validateDuration('sessionDuration', options.sessionDuration, [ROLE_SESSION_SECONDS[0], HOUR_SECONDS],
    'AWS\'s limit where a role assumes a role, as the server does');
}

/** The server's AWS identity assumes a role, and no key is stored. */
export function bindImplicit(
  scope: Construct, context: AuthenticationContext, options: ImplicitOptions,
): BoundAuthentication {
  const { identity, implicit, workspaceId } = context.server._settings;
  if (!implicit) {
    Annotations.of(scope).addWarningV2(
      'cdk-zenml:implicitNotEnabled',
      'implicit authentication only works on a server that runs with '
        + 'ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true: set the variable, and `implicitAuthentication: true` on ZenMLServer.selfHosted',
    );
  }
  if (!identity && !options.role) {
    throw synthError(
      'CZ142',
      "implicit authentication needs `awsIdentity` or `role`, because the role must trust the server's identity: "
        + 'set `awsIdentity` of ZenMLServer.selfHosted, or pass a `role` that trusts the server',
    );
  }
  if (options.role) {
    requireOwnPartition(scope, '`role`', partitionInArn(options.role.roleArn), options.role.roleArn);
  }
  if (identity) {
    requireIdentityOfPartition(
      scope,
      workspaceId === undefined ? '`awsIdentity`' : 'the identity of ZenML Pro',
      identity,
    );
  }
  if (identity && options.role) { trustForConnectors(scope, options.role, identity, true); }
  // Not the construct id of iamRole: when the method changes, the old connector needs the role that trusts it until
  // nothing uses the connector any more.
  const role = options.role ?? defineAccessRole(scope, 'ImplicitAccessRole', {
    ...options, trusted: identity!, tagged: true, removalPolicy: context.removalPolicy,
  });
  // ZenML's AWS account allows its workspaces to assume roles.
  if (identity && workspaceId === undefined && isTrustManaged(role)) { warnOfOtherAccount(scope, role, identity); }
  return { ...boundRole(scope, context, options, role), method: AuthMethod.IMPLICIT, dependencies: [role] };
}

/** ZenML stores a key that may only assume a role. */
export function bindIamRole(
  scope: Construct, context: AuthenticationContext, options: IamRoleOptions,
): BoundAuthentication {
  if (options.role) {
    requireOwnPartition(scope, '`role`', partitionInArn(options.role.roleArn), options.role.roleArn);
  }
  return options.keys ? bindExistingKeys(scope, context, options, options.keys) : bindNewUser(scope, context, options);
}

function bindExistingKeys(
  scope: Construct, context: AuthenticationContext, options: IamRoleOptions, keys: ConnectorKeys,
): BoundAuthentication {
  if (!options.role) {
    throw synthError('CZ102', '`keys` need the `role` that they may assume: set `role` as well, or remove `keys`');
  }
  return {
    ...boundRole(scope, context, options, options.role),
    method: AuthMethod.IAM_ROLE,
    keys: keysLocation(keys),
    keysVersion: keys.version,
    dependencies: [options.role],
  };
}

function bindNewUser(scope: Construct, context: AuthenticationContext, options: IamRoleOptions): BoundAuthentication {
  const { path, permissionsBoundary } = options;
  const { removalPolicy } = context;
  if (options.user) { requireSameStack(scope, options.user); }
  const user = options.user ?? new ConnectorUser(scope, 'User', {
    accessKeySerial: options.accessKeySerial, path, permissionsBoundary, removalPolicy,
  });
  const trusted = new iam.ArnPrincipal(user.user.userArn);
  if (options.role) { trustForConnectors(scope, options.role, trusted, false); }
  if (options.role && !isTrustManaged(options.role)) { warnOfUnknownTrust(scope, options.role, user); }
  const role =
    options.role ?? defineAccessRole(scope, 'AccessRole', { ...options, trusted, tagged: false, removalPolicy });
  user._allowToAssume(role);
  return {
    ...boundRole(scope, context, options, role),
    method: AuthMethod.IAM_ROLE,
    keys: { secret: user.secret, accessKeyIdField: ACCESS_KEY_ID_FIELD, secretAccessKeyField: SECRET_ACCESS_KEY_FIELD },
    keysVersion: user.accessKeyId,
    dependencies: [role, user],
  };
}

/** The role trusts the user, and the user may assume the role: in two stacks each would need the other. */
function requireSameStack(scope: Construct, user: ConnectorUser): void {
  const [own, other] = [Stack.of(scope), Stack.of(user)];
  if (own === other) { return; }
  throw synthError(
    'CZ153',
    `\`user\` must be defined in the stack of the connector, ${own.stackName}, got: ${user.node.path} of stack `
      + `${other.stackName}: define a ConnectorUser in each stack`,
  );
}

/** The trust policy of an imported role cannot be changed, and it cannot name a user that does not exist yet. */
function warnOfUnknownTrust(scope: Construct, role: iam.IRole, user: ConnectorUser): void {
  const { stackName, account } = Stack.of(scope);
  Annotations.of(scope).addWarningV2('cdk-zenml:roleMustTrustUser', `\`role\` ${role.roleArn} is an imported role `
    + `whose trust policy this app cannot change. It must trust the IAM user ${user.user.node.path} that this stack `
    + 'creates, or the deploy fails. Until the user exists, the trust policy can name the account with the condition '
    + `ArnLike aws:PrincipalArn arn:*:iam::${isUnknown(account) ? '*' : account}:user/${stackName}-*. Or pass \`keys\` `
    + 'of a user that the role trusts already');
}

/** Where the keys are in their secret. The default fields are ZenML's names of the keys. */
export function keysLocation(keys: ConnectorKeys, sessionTokenField?: string): KeysLocation {
  return {
    secret: keys.secret,
    accessKeyIdField: keys.accessKeyIdField ?? ACCESS_KEY_ID_FIELD,
    secretAccessKeyField: keys.secretAccessKeyField ?? SECRET_ACCESS_KEY_FIELD,
    sessionTokenField,
    versionId: keys.version,
  };
}

/** The part of the authentication that all methods with a role have. */
function boundRole(scope: Construct, context: AuthenticationContext, options: AssumedRoleOptions, role: iam.IRole) {
  validateRoleMaximum(options);
  return {
    role,
    sessionPolicy: sessionPolicyOf(scope, context, options.sessionPolicy),
    expirationSeconds: options.sessionDuration?.toSeconds() ?? HOUR_SECONDS,
  };
}

/** Throws when a role that this app defines does not permit sessions of the wanted duration. */
function validateRoleMaximum({ role, sessionDuration }: AssumedRoleOptions): void {
  const cfnRole = role?.node.defaultChild as Partial<iam.CfnRole> | undefined;
  const maximum = cfnRole?.maxSessionDuration ?? HOUR_SECONDS;
  if (!cfnRole || !sessionDuration || isUnknown(maximum) || sessionDuration.toSeconds() <= maximum) { return; }
  throw synthError('CZ100', `\`sessionDuration\` must be at most ${maximum} seconds, the maximum of \`role\`, got: `
    + `${sessionDuration.toSeconds()} seconds: raise its maxSessionDuration`);
}
