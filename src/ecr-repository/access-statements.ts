import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import {
  DELETE_ACTIONS,
  DESCRIBE_ACTIONS,
  LAMBDA_ACTIONS,
  PULL_ACTIONS,
  PULL_PUSH_ACTIONS,
  PUSH_ACTIONS,
} from './actions';
import { policyLengthProblems } from './policy-length';
import { validateNotPublic } from './public-principals';
import { cfnRepositoryOf, describeRepository } from './registry-host';
import { RepositoryAccess } from './repository-access';
import { synthError } from '../private/synth-error';
import { validateAccountId } from '../private/validation';

/** Adds an access list to the repository's policy. Throws for a repository that this app does not define. */
export function applyAccess(repository: ecr.IRepository, access: RepositoryAccess): void {
  const cfn = cfnRepositoryOf(repository);
  if (!cfn) {
    throw synthError(
      'CZ120',
      `\`access\` must not be set on repository ${describeRepository(repository)}, because this app only `
        + 'imports the repository and cannot change its policy: set it where the repository is defined, or import the '
        + 'repository into a stack with "cdk import"',
    );
  }
  for (const statement of accessStatements(
    repository,
    access,
    `\`access\` of repository ${describeRepository(repository)}`,
  )) {
    repository.addToResourcePolicy(statement);
  }
  repository.node.addValidation({
    validate: () =>
      policyLengthProblems(
        cfn,
        cfn.repositoryPolicyText,
        `the policy of repository ${describeRepository(repository)}`,
        'list accounts or an organization instead of single roles',
      ),
  });
}

/**
 * The statements of a repository policy for an access list.
 *
 * @param subject the access list, as messages name it
 */
export function accessStatements(scope: IConstruct, access: RepositoryAccess, subject: string): iam.PolicyStatement[] {
  const lists: [string, string[], iam.IPrincipal[] | undefined][] = [
    ['Pull', PULL_ACTIONS, access.pull],
    ['Push', PUSH_ACTIONS, access.push],
    ['PullPush', PULL_PUSH_ACTIONS, access.pullPush],
    ['Describe', DESCRIBE_ACTIONS, access.describe],
    ['DeleteImages', DELETE_ACTIONS, access.deleteImages],
  ];
  return [
    ...lists.flatMap(([sid, actions, principals]) => statementsFor(sid, actions, principals ?? [], subject)),
    ...lambdaStatements(scope, access.lambdaAccounts ?? []),
  ];
}

/**
 * One statement for all principals without conditions, and one per principal with conditions, because conditions apply
 * to a whole statement.
 */
function statementsFor(
  sid: string, actions: string[], principals: iam.IPrincipal[], subject: string,
): iam.PolicyStatement[] {
  principals.forEach((principal) => validateNotPublic(principal, subject));
  const conditioned = principals.filter((principal) => Object.keys(principal.policyFragment.conditions).length > 0);
  const plain = principals.filter((principal) => !conditioned.includes(principal));
  return [
    ...(plain.length > 0 ? [new iam.PolicyStatement({ sid, actions, principals: plain })] : []),
    ...conditioned.map(
      (principal, index) => new iam.PolicyStatement({ sid: `${sid}If${index + 1}`, actions, principals: [principal] }),
    ),
  ];
}

/** Allows both the Lambda service and the accounts, because Lambda checks both when a function is created. */
function lambdaStatements(scope: IConstruct, accounts: string[]): iam.PolicyStatement[] {
  if (accounts.length === 0) { return []; }
  for (const account of accounts) { validateAccountId('lambdaAccounts', account); }
  const partition = Stack.of(scope).partition;
  return [
    new iam.PolicyStatement({
      sid: 'LambdaService',
      actions: LAMBDA_ACTIONS,
      principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
      conditions: {
        StringLike: { 'aws:sourceArn': accounts.map((account) => `arn:${partition}:lambda:*:${account}:function:*`) },
      },
    }),
    new iam.PolicyStatement({
      sid: 'LambdaAccounts',
      actions: LAMBDA_ACTIONS,
      principals: accounts.map((account) => new iam.AccountPrincipal(account)),
    }),
  ];
}
