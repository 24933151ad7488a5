import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { LOGIN_ACTION } from './actions';
import { validateNotPublic } from './public-principals';
import { cfnRepositoryOf, describeRepository, repositoryEnvironment } from './registry-host';
import { isFrozen, warnOfFrozenRole } from '../private/frozen-roles';
import { areKnownToDiffer } from '../private/known';
import { synthError } from '../private/synth-error';

/** Messages show at most this many characters of a principal. */
const SHOWN_LENGTH = 120;

/**
 * Grants actions on a repository. Throws where the grant would have no effect, and warns where another party must grant
 * as well. aws-cdk writes a repository policy only for a repository that the app defines, and reports success even
 * where it wrote nothing.
 */
export function grantOnRepository(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  validateNotPublic(grantee.grantPrincipal, `the grant on repository ${describeRepository(repository)}`);
  return cfnRepositoryOf(repository)
    ? grantOnDefined(repository, grantee, actions)
    : grantToIdentity(repository, grantee, actions);
}

/** Grants actions on a repository, and the right to log in. */
export function grantWithLogin(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const result = grantOnRepository(repository, grantee, actions);
  iam.Grant.addToPrincipal({ grantee, actions: [LOGIN_ACTION], resourceArns: ['*'] });
  return result;
}

/**
 * aws-cdk assumes that a frozen role received the right and writes nothing. For such a role the repository policy
 * grants it.
 */
function grantOnDefined(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const principal = grantee.grantPrincipal;
  if (!isFrozen(principal)) { return repository.grant(grantee, ...actions); }
  const own = isOfOtherAccount(repository, principal) ? ` and ${actions.join(', ')} on the repository` : '';
  warnOfFrozenRole(warningScope(repository, grantee), warningId('frozenGrantee', repository),
    `the grantee of repository ${describeRepository(repository)}`, 'the repository policy now allows the role',
    `${LOGIN_ACTION} on *${own}`);
  return iam.Grant.addToPrincipalOrResource({
    grantee: new iam.ArnPrincipal((principal as unknown as iam.IRole).roleArn),
    actions,
    resourceArns: [repository.repositoryArn],
    resourceSelfArns: [],
    resource: repository as unknown as iam.IResourceWithPolicy,
  });
}

/** The policy of an imported repository cannot be changed, so only the grantee's own policies can grant the actions. */
function grantToIdentity(repository: ecr.IRepository, grantee: iam.IGrantable, actions: string[]): iam.Grant {
  const name = describeRepository(repository);
  const result = iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [repository.repositoryArn] });
  if (!result.success) {
    throw synthError('CZ120', `the grant on repository ${name} would have no effect, because `
      + `${describePrincipal(grantee.grantPrincipal)} cannot have a policy and this app only imports the repository: `
      + 'grant it where the repository is defined, add the principal to `access` there, or grant to a role '
      + 'of this app');
  }
  if (isFrozen(grantee.grantPrincipal)) {
    warnOfFrozenRole(
      warningScope(repository, grantee),
      warningId('frozenGrantee', repository),
      `the grantee of repository ${name}`,
      'the grant has no effect',
      `${actions.join(', ')} on the repository and ${LOGIN_ACTION} on *`,
    );
  }
  if (isOfOtherAccount(repository, grantee.grantPrincipal)) {
    Annotations.of(warningScope(repository, grantee)).addWarningV2(
      warningId('crossAccountRepository', repository),
      'repository '
        + `${name} is in another account than the grantee: the grant covers only the grantee's side. Allow the same `
        + `actions (${actions.join(', ')}) in the repository policy, in the stack that defines the repository`,
    );
  }
  return result;
}

function isOfOtherAccount(repository: ecr.IRepository, principal: iam.IPrincipal): boolean {
  if (!principal.principalAccount) { return false; }
  return areKnownToDiffer(repositoryEnvironment(repository).account, principal.principalAccount);
}

function warningScope(repository: ecr.IRepository, grantee: iam.IGrantable): Stack {
  return Construct.isConstruct(grantee.grantPrincipal) ? Stack.of(grantee.grantPrincipal) : Stack.of(repository);
}

function warningId(id: string, repository: ecr.IRepository): string {
  return `cdk-zenml:${id}:${describeRepository(repository)}`;
}

function describePrincipal(principal: iam.IPrincipal): string {
  return Token.isUnresolved(principal) ? 'the grantee' : `${principal}`.slice(0, SHOWN_LENGTH);
}
