import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CREATE_ACTION, LIST_ACTION, LOGIN_ACTION, PULL_ACTIONS, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { RegistryEnvironment, repositoryArn } from '../ecr-repository/repository-arns';
import { digest } from '../private/digest';
import { applySharedPolicy, applySharedPolicyBelow } from '../private/removal';
import { synthError } from '../private/synth-error';

/** ZenML names its role sessions `zenml-connector` or `zenml-connector-<uuid>`, and sends no external id. */
const SESSION_NAMES = 'zenml-connector*';

interface AccessRoleSettings {
  /** Who may assume the role: the server's identity, or the user whose key the connector stores. */
  readonly trusted: iam.IPrincipal;
  /**
   * Whether sessions of the trusted identity may have tags that are passed on to the role. Sessions of a user have
   * none.
   */
  readonly tagged: boolean;
  /** Longest session; IAM's default of one hour if absent or shorter. */
  readonly sessionDuration?: Duration;
  readonly path?: string;
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /** Removal policy of the connector. */
  readonly removalPolicy?: RemovalPolicy;
}

/** Defines the role that a connector assumes. The role has no rights until a registry or a user grants some to it. */
export function defineAccessRole(scope: Construct, id: string, settings: AccessRoleSettings): iam.Role {
  // IAM cannot move a role to another path. The id depends on the path, so that the new role exists, with all its
  // rights, before the connector changes to it.
  const role = new iam.Role(scope, settings.path === undefined ? id : id + digest(scope, [settings.path]), {
    description: 'Assumed by a ZenML service connector',
    assumedBy: onlyForConnectors(settings.trusted, settings.tagged),
    maxSessionDuration: Duration.seconds(Math.max(3600, settings.sessionDuration?.toSeconds() ?? 0)),
    path: settings.path,
    permissionsBoundary: settings.permissionsBoundary,
  });
  applySharedPolicy(settings.removalPolicy, role);
  applySharedPolicyBelow(settings.removalPolicy, role);
  return role;
}

/**
 * Lets a principal assume a role of this app, in sessions of connectors only. The trust policy of an imported role
 * cannot be changed: it must trust the principal already.
 */
export function trustForConnectors(
  scope: Construct, role: iam.IRole, principal: iam.IPrincipal, tagged: boolean,
): void {
  const { assumeRolePolicy } = role as { assumeRolePolicy?: iam.PolicyDocument };
  if (!assumeRolePolicy) { return; }
  const [owner, user] = [Stack.of(role), Stack.of(scope)];
  if (owner !== user) {
    throw synthError(
      'CZ153',
      '`role` must not be defined in another stack, because its trust policy would name a resource of '
        + `${user.stackName} and the two stacks would depend on each other, got: ${role.node.path} of stack `
        + `${owner.stackName}: define the role in the registry's stack, or import it by iam.Role.fromRoleArn and write `
        + 'its trust policy by hand',
    );
  }
  if (JSON.stringify(owner.resolve(assumeRolePolicy) ?? '').includes('sts:ExternalId')) {
    Annotations.of(scope).addWarningV2('cdk-zenml:externalId', `the role ${role.node.path} requires an external id, `
      + 'but ZenML sends none. The statement that this construct adds to the trust policy requires none: it trusts one '
      + 'identity, in sessions with ZenML\'s session name. Use another role, or none, if every caller must send an '
      + 'external id');
  }
  onlyForConnectors(principal, tagged).addToAssumeRolePolicy(assumeRolePolicy);
}

/** Whether this app can change the trust policy of the role. The trust policy of an imported role cannot be changed. */
export function isTrustManaged(role: iam.IRole): boolean {
  return (role as { assumeRolePolicy?: iam.PolicyDocument }).assumeRolePolicy !== undefined;
}

/**
 * The principal in sessions of connectors. EKS Pod Identity tags its sessions, and these tags are transitive: AWS
 * refuses to assume the role from there unless its trust policy allows sts:TagSession. The statement names the same
 * principal under the same condition, so it grants nothing to anyone else.
 */
function onlyForConnectors(principal: iam.IPrincipal, tagged: boolean): iam.IAssumeRolePrincipal {
  const conditioned = new iam.PrincipalWithConditions(principal, {
    StringLike: { 'sts:RoleSessionName': SESSION_NAMES },
  });
  return tagged ? new iam.SessionTagsPrincipal(conditioned) : conditioned;
}

/**
 * Rights of a connector of type docker-registry that do not depend on the repositories: to log in and to list the
 * repositories.
 */
export function registryStatements(scope: Construct, registry: RegistryEnvironment): iam.PolicyStatement[] {
  return [
    // AWS has no resource level for this action.
    new iam.PolicyStatement({ sid: 'LogIn', actions: [LOGIN_ACTION], resources: ['*'] }),
    // ZenML lists repositories without names. AWS then checks the right on all repositories of the account and Region.
    new iam.PolicyStatement({
      sid: 'ListRepositories',
      actions: [LIST_ACTION],
      resources: [repositoryArn(scope, '*', registry)],
    }),
  ];
}

/**
 * Push to and pull from exactly these repositories, in one statement, because one statement for each would exceed IAM's
 * limits.
 */
export function pushPullStatement(repositoryArns: string[], createOnPush: boolean): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'PushAndPull',
    actions: withCreation(PULL_PUSH_ACTIONS, createOnPush),
    resources: repositoryArns,
  });
}

/** Pull from exactly these repositories, which hold parent images. */
export function pullStatement(repositoryArns: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Pull', actions: PULL_ACTIONS, resources: repositoryArns });
}

/**
 * A session policy that limits sessions to ECR. Without one the server would add its own, which names the partition
 * `aws`, so that nothing works in GovCloud, and lacks `ecr:CreateRepository`, so that nothing is created on push. A
 * session has the intersection of this policy and the role's policies, so this policy grants nothing in addition.
 */
export function ecrSessionPolicy(scope: Construct, region: string, createOnPush: boolean): string {
  return Stack.of(scope).toJsonString({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: withCreation([...PULL_PUSH_ACTIONS, LIST_ACTION], createOnPush),
        Resource: repositoryArn(scope, '*', { account: '*', region }),
      },
      { Effect: 'Allow', Action: LOGIN_ACTION, Resource: '*' },
    ],
  });
}

function withCreation(actions: string[], createOnPush: boolean): string[] {
  return createOnPush ? [...actions, CREATE_ACTION] : actions;
}
