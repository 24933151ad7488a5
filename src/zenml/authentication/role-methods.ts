import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AuthenticationContext, BoundAuthentication } from './bound';
import { AssumedRoleOptions, ConnectorKeys, IamRoleOptions, ImplicitOptions } from './options';
import { sessionPolicyOf } from './session-policy';
import { AuthMethod } from '../../contract/auth-methods';
import { KeysLocation } from '../../custom-resource/secret-binding';
import { defineAccessRole, isTrustManaged, trustForConnectors } from '../../iam/access-role';
import { ACCESS_KEY_ID_FIELD, ConnectorUser, SECRET_ACCESS_KEY_FIELD } from '../../iam/connector-user';
import { requireIdentityOfPartition, warnOfOtherAccount } from '../../iam/trusted-identity';
import { isUnknown } from '../../private/known';
import { partitionInArn, requireOwnPartition } from '../../private/own-partition';
import { validateDuration } from '../../private/validation';

/** AWS: AssumeRole gives sessions of 15 minutes to 12 hours. */
const ROLE_SESSION_SECONDS = { min: 900, max: 43200 };

export function validateRoleOptions(options: AssumedRoleOptions): void {
  validateDuration('sessionDuration', options.sessionDuration, ROLE_SESSION_SECONDS.min, ROLE_SESSION_SECONDS.max, 'AWS\'s limits for AssumeRole');
  if (options.role && (options.path || options.permissionsBoundary)) {
    throw new Error('`path` and `permissionsBoundary` belong to the role that is made here, but `role` is given: set them on that role');
  }
}

/** AWS: a role that assumes a role gets an hour at most, and a server on AWS runs as a role. */
export function validateImplicitOptions(options: ImplicitOptions): void {
  validateRoleOptions(options);
  validateDuration('sessionDuration', options.sessionDuration, ROLE_SESSION_SECONDS.min, 3600, 'AWS\'s limit where a role assumes a role, as the server does');
}

/** The server's own identity assumes a role. No keys anywhere. */
export function bindImplicit(scope: Construct, context: AuthenticationContext, options: ImplicitOptions): BoundAuthentication {
  const { identity, implicit, workspaceId } = context.server._settings;
  if (!implicit) {
    Annotations.of(scope).addWarningV2('cdk-zenml:implicitNotEnabled', 'implicit authentication works only on a server with '
      + 'ZENML_ENABLE_IMPLICIT_AUTH_METHODS=true: set `implicitAuthentication` on the server once it has that');
  }
  if (!identity && !options.role) {
    throw new Error('implicit authentication needs to know whom the role shall trust: give `awsIdentity` to ZenMLServer.selfHosted, or a `role` of your own');
  }
  if (options.role) { requireOwnPartition(scope, '`role`', partitionInArn(options.role.roleArn), options.role.roleArn); }
  if (identity) { requireIdentityOfPartition(scope, workspaceId === undefined ? '`awsIdentity`' : 'the identity of ZenML Pro', identity); }
  if (identity && options.role) { trustForConnectors(scope, options.role, identity, true); }
  // Another id than iamRole's: when the method changes, the old connector keeps a role that trusts it until nothing uses it any more.
  const role = options.role ?? defineAccessRole(scope, 'ImplicitAccessRole', { ...options, trusted: identity!, tagged: true, removalPolicy: context.removalPolicy });
  // ZenML's own account lets its workspaces assume roles.
  if (identity && workspaceId === undefined && isTrustManaged(role)) { warnOfOtherAccount(scope, role, identity); }
  return { ...boundRole(scope, context, options, role), method: AuthMethod.IMPLICIT, dependencies: [role] };
}

/** A key that may only assume a role. */
export function bindIamRole(scope: Construct, context: AuthenticationContext, options: IamRoleOptions): BoundAuthentication {
  if (options.role) { requireOwnPartition(scope, '`role`', partitionInArn(options.role.roleArn), options.role.roleArn); }
  if (options.keys) {
    if (!options.role) { throw new Error('`keys` of your own need the `role` that they may assume: give both, or neither'); }
    return {
      ...boundRole(scope, context, options, options.role),
      method: AuthMethod.IAM_ROLE,
      keys: keysLocation(options.keys),
      keysVersion: options.keys.version,
      dependencies: [options.role],
    };
  }
  const { path, permissionsBoundary } = options;
  const { removalPolicy } = context;
  const user = new ConnectorUser(scope, 'User', { accessKeySerial: options.accessKeySerial ?? 0, path, permissionsBoundary, removalPolicy });
  const trusted = new iam.ArnPrincipal(user.user.userArn);
  if (options.role) { trustForConnectors(scope, options.role, trusted, false); }
  if (options.role && !isTrustManaged(options.role)) { warnOfUnknownTrust(scope, options.role, user); }
  const role = options.role ?? defineAccessRole(scope, 'AccessRole', { ...options, trusted, tagged: false, removalPolicy });
  user.allowToAssume(role);
  return {
    ...boundRole(scope, context, options, role),
    method: AuthMethod.IAM_ROLE,
    keys: { secret: user.secret, accessKeyIdField: ACCESS_KEY_ID_FIELD, secretAccessKeyField: SECRET_ACCESS_KEY_FIELD },
    keysVersion: user.accessKeyId,
    dependencies: [role, user],
  };
}

/** A referenced role is taken as it is, and cannot trust yet whom nobody has made. */
function warnOfUnknownTrust(scope: Construct, role: iam.IRole, user: ConnectorUser): void {
  const { stackName, account } = Stack.of(scope);
  Annotations.of(scope).addWarningV2('cdk-zenml:roleMustTrustUser', `the \`role\` ${role.roleArn} is only referenced, so its trust is not written here, and it must trust the IAM `
    + `user ${user.user.node.path} that this stack makes, or the deploy fails. Before the user is there, its trust can name the account with the condition `
    + `ArnLike aws:PrincipalArn arn:*:iam::${isUnknown(account) ? '*' : account}:user/${stackName}-*; or give \`keys\` of a user that it trusts already`);
}

/** Where the keys are, with ZenML's own words as default fields. */
export function keysLocation(keys: ConnectorKeys, sessionTokenField?: string): KeysLocation {
  return {
    secret: keys.secret,
    accessKeyIdField: keys.accessKeyIdField ?? ACCESS_KEY_ID_FIELD,
    secretAccessKeyField: keys.secretAccessKeyField ?? SECRET_ACCESS_KEY_FIELD,
    sessionTokenField,
    versionId: keys.version,
  };
}

function boundRole(scope: Construct, context: AuthenticationContext, options: AssumedRoleOptions, role: iam.IRole) {
  const limit = (options.role?.node.defaultChild as Partial<iam.CfnRole> | undefined)?.maxSessionDuration ?? 3600;
  if (options.role?.node.defaultChild && options.sessionDuration && !isUnknown(limit) && options.sessionDuration.toSeconds() > limit) {
    throw new Error(`\`sessionDuration\` is ${options.sessionDuration.toSeconds()} seconds, but the \`role\` permits ${limit}: raise its maxSessionDuration`);
  }
  return {
    role,
    sessionPolicy: sessionPolicyOf(scope, context, options.sessionPolicy),
    expirationSeconds: (options.sessionDuration ?? Duration.hours(1)).toSeconds(),
  };
}
