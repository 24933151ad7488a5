import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { DELETE_ACTIONS, DESCRIBE_ACTIONS, LAMBDA_ACTIONS, PULL_ACTIONS, PULL_PUSH_ACTIONS, PUSH_ACTIONS } from './actions';
import { assertNotPublic } from './public-principals';
import { cfnRepositoryOf, describeRepository } from './registry-host';
import { RepositoryAccess } from './repository-access';
import { isUnknown } from '../private/known';

/** ECR's limit of a repository policy, in characters. */
const MAX_POLICY_TEXT = 10240;

/** Writes the list to the repository's policy; throws for a repository that this app does not make. */
export function applyAccess(repository: ecr.IRepository, access: RepositoryAccess): void {
  const cfn = cfnRepositoryOf(repository);
  if (!cfn) {
    throw new Error(`${describeRepository(repository)} is only referenced here, and its policy belongs to the stack that makes it: `
      + 'give the access list there, or adopt the repository with "cdk import"');
  }
  for (const statement of accessStatements(repository, access, `\`access\` of ${describeRepository(repository)}`)) {
    repository.addToResourcePolicy(statement);
  }
  repository.node.addValidation({ validate: () => policyLengthProblem(cfn) });
}

/** The statements of a repository policy that an access list means; `subject` names it in messages. */
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

/** One statement for all principals without conditions, one for each that has some: a statement has one condition for all its principals. */
function statementsFor(sid: string, actions: string[], principals: iam.IPrincipal[], subject: string): iam.PolicyStatement[] {
  principals.forEach((principal) => assertNotPublic(principal, subject));
  const conditioned = principals.filter((principal) => Object.keys(principal.policyFragment.conditions).length > 0);
  const plain = principals.filter((principal) => !conditioned.includes(principal));
  return [
    ...(plain.length > 0 ? [new iam.PolicyStatement({ sid, actions, principals: plain })] : []),
    ...conditioned.map((principal, index) => new iam.PolicyStatement({ sid: `${sid}If${index + 1}`, actions, principals: [principal] })),
  ];
}

/** The account must be let in as well as the service: Lambda checks both when a function is made. */
function lambdaStatements(scope: IConstruct, accounts: string[]): iam.PolicyStatement[] {
  if (accounts.length === 0) { return []; }
  for (const account of accounts) {
    if (!isUnknown(account) && !/^\d{12}$/.test(account)) {
      throw new Error(`\`lambdaAccounts\`: an account id has 12 digits, got ${JSON.stringify(account)}`);
    }
  }
  const partition = Stack.of(scope).partition;
  return [
    new iam.PolicyStatement({
      sid: 'LambdaService',
      actions: LAMBDA_ACTIONS,
      principals: [new iam.ServicePrincipal('lambda.amazonaws.com')],
      conditions: { StringLike: { 'aws:sourceArn': accounts.map((account) => `arn:${partition}:lambda:*:${account}:function:*`) } },
    }),
    new iam.PolicyStatement({
      sid: 'LambdaAccounts',
      actions: LAMBDA_ACTIONS,
      principals: accounts.map((account) => new iam.AccountPrincipal(account)),
    }),
  ];
}

function policyLengthProblem(cfn: ecr.CfnRepository): string[] {
  const text = JSON.stringify(Stack.of(cfn).resolve(cfn.repositoryPolicyText) ?? '');
  return text.length > MAX_POLICY_TEXT
    ? [`the repository policy has ${text.length} characters and ECR takes ${MAX_POLICY_TEXT}; name accounts or an organization instead of single roles`]
    : [];
}
