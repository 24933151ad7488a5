import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CREATE_ACTION, LIST_ACTION, LOGIN_ACTION, PULL_ACTIONS, PULL_PUSH_ACTIONS } from '../ecr-repository/actions';
import { digest } from '../private/digest';
import { shareFate, shareFateBelow } from '../private/fate';

/** ZenML names its role sessions `zenml-connector` or `zenml-connector-<uuid>`, and sends no external id. */
const SESSION_NAMES = 'zenml-connector*';

export interface AccessRoleSettings {
  /** Who may assume the role: the server's identity, or the user whose key the connector holds. */
  readonly trusted: iam.IPrincipal;
  /** Whether its sessions may have tags that go on to the role: those of a role may, those of a user have none. */
  readonly tagged: boolean;
  /** IAM's default of one hour, unless sessions shall live longer. */
  readonly sessionDuration?: Duration;
  readonly path?: string;
  readonly permissionsBoundary?: iam.IManagedPolicy;
  /** The connector's. */
  readonly removalPolicy?: RemovalPolicy;
}

/** The role that a connector assumes. It can do nothing until a registry or a user grants it something. */
export function defineAccessRole(scope: Construct, id: string, settings: AccessRoleSettings): iam.Role {
  // A role cannot move to another path. With an id of its own the new one is there, with all its rights, before the connector changes.
  const role = new iam.Role(scope, settings.path === undefined ? id : id + digest(scope, [settings.path]), {
    description: 'Assumed by a ZenML service connector',
    assumedBy: onlyForConnectors(settings.trusted, settings.tagged),
    maxSessionDuration: Duration.seconds(Math.max(3600, settings.sessionDuration?.toSeconds() ?? 0)),
    path: settings.path,
    permissionsBoundary: settings.permissionsBoundary,
  });
  shareFate(settings.removalPolicy, role);
  shareFateBelow(settings.removalPolicy, role);
  return role;
}

/** Lets a principal assume a role of this app, for connectors only. A referenced role has to trust it already. */
export function trustForConnectors(scope: Construct, role: iam.IRole, principal: iam.IPrincipal, tagged: boolean): void {
  const { assumeRolePolicy } = role as { assumeRolePolicy?: iam.PolicyDocument };
  if (assumeRolePolicy && Stack.of(role) !== Stack.of(scope)) {
    throw new Error(`the \`role\` is made in stack ${Stack.of(role).stackName}, and its trust in what ${Stack.of(scope).stackName} makes would let the two stacks depend on each `
      + 'other: make the role in the registry\'s stack, or refer to it by iam.Role.fromRoleArn and write its trust by hand');
  }
  if (!assumeRolePolicy) { return; }
  if (JSON.stringify(Stack.of(role).resolve(assumeRolePolicy) ?? '').includes('sts:ExternalId')) {
    Annotations.of(scope).addWarningV2('cdk-zenml:externalId', `the role ${role.node.path} demands an external id. ZenML sends none, so the trust that is added here for the `
      + 'connector demands none: it names one identity, in sessions with ZenML\'s name. Give another role, or none, if every caller shall send one');
  }
  onlyForConnectors(principal, tagged).addToAssumeRolePolicy(assumeRolePolicy);
}

/** Whether the trust of the role is written here; a referenced role's is not. */
export function isTrustManaged(role: iam.IRole): boolean {
  return (role as { assumeRolePolicy?: iam.PolicyDocument }).assumeRolePolicy !== undefined;
}

/**
 * EKS Pod Identity tags its sessions, and these tags are transitive: a role that is assumed from there needs sts:TagSession in its trust, or AWS
 * refuses. For the same principal under the same condition it opens nothing to anybody else.
 */
function onlyForConnectors(principal: iam.IPrincipal, tagged: boolean): iam.IAssumeRolePrincipal {
  const conditioned = new iam.PrincipalWithConditions(principal, { StringLike: { 'sts:RoleSessionName': SESSION_NAMES } });
  return tagged ? new iam.SessionTagsPrincipal(conditioned) : conditioned;
}

/** What a connector of type docker-registry needs before it has any repository: to log in, and to list what is there. */
export function registryStatements(scope: Construct, region: string, account: string): iam.PolicyStatement[] {
  const allRepositories = Stack.of(scope).formatArn({ service: 'ecr', region, account, resource: 'repository', resourceName: '*' });
  return [
    // No resource level exists for this action.
    new iam.PolicyStatement({ sid: 'LogIn', actions: [LOGIN_ACTION], resources: ['*'] }),
    // ZenML lists without names, which AWS judges on all repositories of the account and Region.
    new iam.PolicyStatement({ sid: 'ListRepositories', actions: [LIST_ACTION], resources: [allRepositories] }),
  ];
}

/** Push to and pull from exactly these repositories, in one statement: one for each would overflow IAM's limits. */
export function pushPullStatement(repositoryArns: string[], createOnPush: boolean): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'PushAndPull', actions: [...PULL_PUSH_ACTIONS, ...(createOnPush ? [CREATE_ACTION] : [])], resources: repositoryArns });
}

/** Pull from exactly these repositories: parent images. */
export function pullStatement(repositoryArns: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'Pull', actions: PULL_ACTIONS, resources: repositoryArns });
}

/**
 * Narrows the sessions to ECR. The server would add a policy of its own, but writes the partition `aws` into it, with which nothing
 * works in GovCloud, and no `ecr:CreateRepository`, without which nothing is created on push. What a session may do is the intersection
 * with the role's own policy, so this widens nothing.
 */
export function ecrSessionPolicy(scope: Construct, region: string, createOnPush: boolean): string {
  const stack = Stack.of(scope);
  const repositories = stack.formatArn({ service: 'ecr', region, account: '*', resource: 'repository', resourceName: '*' });
  return stack.toJsonString({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: [...PULL_PUSH_ACTIONS, LIST_ACTION, ...(createOnPush ? [CREATE_ACTION] : [])], Resource: repositories },
      { Effect: 'Allow', Action: LOGIN_ACTION, Resource: '*' },
    ],
  });
}
