import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateAccessKeyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  DescribeSecretCommand, GetSecretValueCommand, ListSecretsCommand, PutSecretValueCommand, SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { attempt } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { describeByName, NEEDED_CALLS, OTHER_CALLS } from './support/ecr-calls';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { OTHER_SERVICES } from './support/other-services';
import { StoredApiKey } from './support/stored-api-key';
import { RegistryStack } from '../../local/clients/registry-stack';
import { StackDriver } from '../../local/clients/stack-driver';
import { ClientOptions, Credentials } from '../../local/services/aws';
import { mustCall } from '../../local/services/signed-call';
import { EcrContainerRegistry } from '../../src';
import { actionsOf, permits, PolicyDocument, statementsOf } from '../support/policy-evaluator';

/*
 * What the function that talks to ZenML may do. Its credentials come from a test-only way: root assumes the role at the
 * local AWS, which lets root through where a role trusts a service (on AWS only Lambda can). That the function itself
 * runs under this role shows in every deploy of these tests, which fails without the rights below.
 */
const MADE = 'handler/made';
const REFERENCED = 'handler/referenced';
const STRANGE_PARAMETER = '/handler/strange';

let cloud: Live;
let identities: Identities;
let apiKey: StoredApiKey;
let strangeKey: StoredApiKey;
let outside: StackDriver;
let stack: RegistryStack;
let deployed: DeployedStack;
let roleName: string;
let documents: PolicyDocument[];
let session: Credentials;

beforeAll(async () => {
  cloud = await live();
  identities = new Identities(cloud.aws);
  apiKey = await StoredApiKey.in(cloud, 'handler/api-key');
  strangeKey = await StoredApiKey.in(cloud, 'handler/api-key-of-others');
  outside = new StackDriver(cloud.aws, 'handler-outside');
  expect(await outside.put({
    Resources: {
      Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: REFERENCED, EmptyOnDelete: true } },
      Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: STRANGE_PARAMETER, Value: 'v' } },
    },
  })).toMatchObject({ failures: [] });
  stack = cloud.stack('handler');
  expect(await stack.deploy(build)).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
  roleName = deployed.one('AWS::IAM::Role', /ZenMLRegistration/);
  documents = (await identities.rolePolicies(roleName)).map((policy) => policy.document);
  session = await identities.assume(undefined, {
    RoleArn: (await identities.role(roleName)).arn,
    RoleSessionName: 'permissions',
  });
});

afterAll(async () => {
  expect(await stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  await outside.destroy();
  await apiKey.delete();
  await strangeKey.delete();
});

function build(scope: Stack): void {
  new EcrContainerRegistry(scope, 'Registry', {
    server: apiKey.server(scope),
    repositoryNames: [MADE],
    repositories: [ecr.Repository.fromRepositoryName(scope, 'Referenced', REFERENCED)],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  });
}

const as = <T>(Client: new (options: ClientOptions) => T) => new Client(cloud.aws.clientOptions(session));
const parameters = () => deployed.all('AWS::SSM::Parameter');
const keysSecret = () => deployed.one('AWS::SecretsManager::Secret');
const functionName = () => deployed.one('AWS::Lambda::Function');
const accessRole = async () => identities.role(deployed.one('AWS::IAM::Role', /AccessRole/));

describe('the function is allowed', () => {
  test.each<[string, () => Promise<unknown>]>([
    [
      "ssm:GetParameter of the server's binding",
      async () => as(SSMClient).send(new GetParameterCommand({ Name: parameters()[0] })),
    ],
    [
      "ssm:GetParameter of the keys' binding",
      async () => as(SSMClient).send(new GetParameterCommand({ Name: parameters()[1] })),
    ],
    [
      'secretsmanager:GetSecretValue of the API key',
      async () => as(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: apiKey.arn })),
    ],
    [
      "secretsmanager:GetSecretValue of the connector's keys",
      async () => as(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: keysSecret() })),
    ],
    ['ecr:DescribeRepositories of the referenced repository', async () => describeByName(as(ECRClient), REFERENCED)],
  ])('the role of the function is allowed %s', async (_, call) => {
    expect(await attempt(call)).toBe('allowed');
  });

  test.each(['logs:CreateLogStream', 'logs:PutLogEvents'])(
    'the policy document of the function allows %s in its own log group (the local AWS evaluates another ARN than AWS)',
    (action) => {
      const group = `arn:aws:logs:${cloud.aws.region}:${cloud.aws.account}:log-group:${deployed.one('AWS::Logs::LogGroup')}`;
      expect(permits(documents, { action, resource: `${group}:log-stream:2026/01/01/[$LATEST]0` })).toBe(true);
      expect(permits(documents, { action, resource: `${group}-of-others:log-stream:x` })).toBe(false);
    },
  );
});

describe('the function is denied', () => {
  test.each<[string, () => Promise<unknown>]>([
    ...Object.entries(OTHER_SERVICES).map(([action, call]): [string, () => Promise<unknown>] => [
      action,
      async () => call(cloud.aws, session),
    ]),
    [
      'ssm:GetParameter of another parameter',
      async () => as(SSMClient).send(new GetParameterCommand({ Name: STRANGE_PARAMETER })),
    ],
    [
      'ssm:PutParameter on its own binding',
      async () => as(SSMClient).send(new PutParameterCommand({ Name: parameters()[0], Value: '{}', Overwrite: true })),
    ],
    [
      'ssm:DeleteParameter on its own binding',
      async () => as(SSMClient).send(new DeleteParameterCommand({ Name: parameters()[0] })),
    ],
    [
      'ssm:GetParametersByPath',
      async () => as(SSMClient).send(new GetParametersByPathCommand({ Path: '/', Recursive: true })),
    ],
    [
      'secretsmanager:GetSecretValue of another secret',
      async () => as(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: strangeKey.arn })),
    ],
    [
      'secretsmanager:PutSecretValue of the API key',
      async () => as(SecretsManagerClient).send(new PutSecretValueCommand({ SecretId: apiKey.arn, SecretString: 'x' })),
    ],
    [
      'secretsmanager:DescribeSecret of the API key',
      async () => as(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId: apiKey.arn })),
    ],
    ['secretsmanager:ListSecrets', async () => as(SecretsManagerClient).send(new ListSecretsCommand({}))],
    [
      "iam:CreateAccessKey for the connector's user",
      async () => as(IAMClient).send(new CreateAccessKeyCommand({ UserName: deployed.one('AWS::IAM::User') })),
    ],
    [
      'iam:PutRolePolicy on its own role',
      async () =>
        as(IAMClient).send(
          new PutRolePolicyCommand({
            RoleName: roleName,
            PolicyName: 'more',
            PolicyDocument: '{"Version":"2012-10-17","Statement":[]}',
          }),
        ),
    ],
    [
      'sts:AssumeRole on the access role',
      async () => identities.assume(session, { RoleArn: (await accessRole()).arn, RoleSessionName: 'zenml-connector' }),
    ],
    [
      'lambda:InvokeFunction on itself',
      async () =>
        mustCall(cloud.aws, session, {
          service: 'lambda',
          path: `/2015-03-31/functions/${functionName()}/invocations`,
          body: '{}',
        }),
    ],
    [
      'lambda:GetFunction on itself',
      async () =>
        mustCall(cloud.aws, session, {
          service: 'lambda',
          method: 'GET',
          path: `/2015-03-31/functions/${functionName()}`,
        }),
    ],
    [
      'logs:CreateLogGroup',
      async () =>
        mustCall(cloud.aws, session, {
          service: 'logs',
          target: 'Logs_20140328.CreateLogGroup',
          body: '{"logGroupName":"handler-more"}',
        }),
    ],
    [
      'logs:DeleteLogGroup on its own',
      async () =>
        mustCall(cloud.aws, session, {
          service: 'logs',
          target: 'Logs_20140328.DeleteLogGroup',
          body: JSON.stringify({ logGroupName: deployed.one('AWS::Logs::LogGroup') }),
        }),
    ],
    ['ecr:DescribeRepositories of all', async () => as(ECRClient).send(new DescribeRepositoriesCommand({}))],
    ['ecr:DescribeRepositories of a repository that the stack makes', async () => describeByName(as(ECRClient), MADE)],
  ])('the role of the function is denied %s', async (_, call) => {
    expect(await attempt(call)).toBe('denied');
  });

  test.each([...Object.entries(NEEDED_CALLS), ...Object.entries(OTHER_CALLS)])(
    'the role of the function is denied %s on the referenced repository',
    async (action, call) => {
      expect(await attempt(async () => call(as(ECRClient), REFERENCED))).toBe('denied');
      if (action !== 'ecr:DescribeRepositories') {
        expect(
          permits(documents, {
            action,
            resource: `arn:aws:ecr:${cloud.aws.region}:${cloud.aws.account}:repository/${REFERENCED}`,
          }),
        ).toBe(false);
      }
    },
  );
});

test('the role of the function has exactly these actions and no wildcard resource', () => {
  expect(actionsOf(documents)).toEqual([
    'cloudformation:DescribeStackEvents',
    'ecr:DescribeRepositories',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
  ]);
  expect(
    documents
      .flatMap(statementsOf)
      .flatMap((statement) => statement.Resource)
      .filter((resource) => resource === '*'),
  ).toEqual([]);
});

describe('the function without one permission', () => {
  test.each(['ssm:GetParameter', 'secretsmanager:GetSecretValue', 'ecr:DescribeRepositories'])(
    'the role of the function is denied %s while a policy denies it, and allowed afterwards',
    async (action) => {
      const policies = await identities.rolePolicies(roleName);
      for (const policy of policies) {
        const Statement = [...statementsOf(policy.document), { Effect: 'Deny', Action: action, Resource: '*' }];
        await identities.putRolePolicy(roleName, { ...policy, document: { ...policy.document, Statement } });
      }

      const call = {
        'ssm:GetParameter': async () => as(SSMClient).send(new GetParameterCommand({ Name: parameters()[0] })),
        'secretsmanager:GetSecretValue': async () =>
          as(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: apiKey.arn })),
        'ecr:DescribeRepositories': async () => describeByName(as(ECRClient), REFERENCED),
      }[action]!;
      try {
        expect(await attempt(call)).toBe('denied');
      } finally {
        for (const policy of policies) {
          await identities.putRolePolicy(roleName, policy);
        }
      }
      expect(await attempt(call)).toBe('allowed');
    },
  );
});

test('the role of the function may read only the API key and the connector\'s keys, by their ARNs', () => {
  const readable = documents
    .flatMap(statementsOf)
    .filter((statement) => statement.Action === 'secretsmanager:GetSecretValue')
    .flatMap((statement) => statement.Resource!);
  expect(readable.sort()).toEqual([keysSecret(), `${apiKey.arn.slice(0, -6)}??????`].sort());
});
