import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DELETE_ACTIONS, DESCRIBE_ACTIONS, LOGIN_ACTION, PULL_ACTIONS, PULL_PUSH_ACTIONS, PUSH_ACTIONS } from './actions';
import { assertNotPublic } from './public-principals';
import { cfnRepositoryOf, describeRepository, repositoryEnvironment } from './registry-host';
import { isFrozen } from '../private/frozen-roles';
import { areDifferent } from '../private/known';

/** Pull images: for what runs them. */
export function grantPull(repository: ecr.IRepository, grantee: iam.IGrantable): iam.Grant {
  return grant(repository, grantee, PULL_ACTIONS, true);
}

/** Push images without reading any. Builders that reuse layers, ZenML's among them, want `grantPullPush`. */
export function grantPush(repository: ecr.IRepository, grantee: iam.IGrantable): iam.Grant {
  return grant(repository, grantee, PUSH_ACTIONS, true);
}

/** Pull and push images: for image builders. */
export function grantPullPush(repository: ecr.IRepository, grantee: iam.IGrantable): iam.Grant {
  return grant(repository, grantee, PULL_PUSH_ACTIONS, true);
}

/** Read about repository, images and scan findings. */
export function grantDescribe(repository: ecr.IRepository, grantee: iam.IGrantable): iam.Grant {
  return grant(repository, grantee, DESCRIBE_ACTIONS, false);
}

/** List and delete images. */
export function grantDeleteImages(repository: ecr.IRepository, grantee: iam.IGrantable): iam.Grant {
  return grant(repository, grantee, DELETE_ACTIONS, false);
}

/**
 * A grant that takes effect or says why it cannot. aws-cdk writes the repository's policy only where the app makes the repository, and
 * reports success where it wrote nothing at all.
 */
function grant(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[], login: boolean): iam.Grant {
  const name = describeRepository(repository);
  assertNotPublic(grantee.grantPrincipal, `grant on ${name}`);
  const result = cfnRepositoryOf(repository)
    ? grantOnMade(repository, grantee, actions)
    : grantToIdentity(repository, grantee, actions);
  if (login) { iam.Grant.addToPrincipal({ grantee, actions: [LOGIN_ACTION], resourceArns: ['*'] }); }
  return result;
}

/** aws-cdk believes that a frozen role took the right, and writes nothing: then the repository's own policy has to say it. */
function grantOnMade(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const principal = grantee.grantPrincipal;
  if (!isFrozen(principal)) { return repository.grant(grantee, ...actions); }
  const name = describeRepository(repository);
  const own = otherAccount(repository, principal) ? ` and ${actions.join(', ')} on the repository` : '';
  warn(repository, grantee, 'frozenGrantee', `the policies of the role that gets a grant on ${name} are not managed here: the repository's policy lets it in, but `
    + `ecr:GetAuthorizationToken on *${own} must be added to the role, where it is made`);
  return iam.Grant.addToPrincipalOrResource({
    grantee: new iam.ArnPrincipal((principal as unknown as iam.IRole).roleArn),
    actions,
    resourceArns: [repository.repositoryArn],
    resourceSelfArns: [],
    resource: repository as unknown as iam.IResourceWithPolicy,
  });
}

function grantToIdentity(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const name = describeRepository(repository);
  const result = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [repository.repositoryArn] });
  if (!result.success) {
    throw new Error(`the grant on ${name} would have no effect: ${describePrincipal(grantee.grantPrincipal)} cannot hold a policy and the `
      + 'repository is only referenced here; grant it in the stack that makes the repository (or list it in `access` there), or grant to a role of this app');
  }
  if (isFrozen(grantee.grantPrincipal)) {
    warn(repository, grantee, 'frozenGrantee', `the grant on ${name} changed nothing: the role is referenced and its policies are not managed here. `
      + `Add ${actions.join(', ')} on the repository and ${LOGIN_ACTION} on * to the role, where it is made`);
  }
  if (otherAccount(repository, grantee.grantPrincipal)) {
    warn(repository, grantee, 'crossAccountRepository', `the repository ${name} is in another account than the grantee: this is the grantee's half. `
      + `The repository's policy must allow the same (${actions.join(', ')}), in the stack that makes it`);
  }
  return result;
}

function otherAccount(repository: ecr.IRepository, principal: iam.IPrincipal): boolean {
  if (!principal.principalAccount) { return false; }
  return areDifferent(repositoryEnvironment(repository).account, principal.principalAccount);
}

function warn(repository: ecr.IRepository, grantee: iam.IGrantable, id: string, text: string): void {
  const scope = Construct.isConstruct(grantee.grantPrincipal) ? Stack.of(grantee.grantPrincipal) : Stack.of(repository);
  Annotations.of(scope).addWarningV2(`cdk-zenml:${id}:${describeRepository(repository)}`, text);
}

function describePrincipal(principal: iam.IPrincipal): string {
  return Token.isUnresolved(principal) ? 'the grantee' : `${principal}`.slice(0, 120);
}
