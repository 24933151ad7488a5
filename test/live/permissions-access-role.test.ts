import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateAccessKeyCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { attempt } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { describeByName, EcrCall, NEEDED_CALLS, OTHER_CALLS } from './support/ecr-calls';
import { Identities, NamedPolicy } from './support/identities';
import { live, Live } from './support/live';
import { OTHER_SERVICES } from './support/other-services';
import { StoredApiKey } from './support/stored-api-key';
import { RegistryStack } from '../../local/clients/registry-stack';
import { Credentials } from '../../local/services/aws';
import { ConnectorAuthentication, EcrContainerRegistry, RegistryAuthentication } from '../../src';
import { actionsOf, permits, statementsOf } from '../support/policy-evaluator';

/*
 * What the connector's role and user may do in AWS, tried with their real credentials against the local AWS, which
 * enforces IAM. Each answer is compared with a second evaluator's on the policies that IAM tells. ZenML's own
 * verification would not do: it notices neither a missing right to push nor GetAuthorizationToken (both were seen).
 */
const DEFAULT = 'permissions/default';
const ADDED = 'permissions/added';
const PARENT = 'permissions/parent';
const FOREIGN = 'permissions/foreign';
const SCRAP = 'permissions/scrap';
const GOES = { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true };
const REGISTRY_WIDE = ['ecr:GetAuthorizationToken', 'ecr:DescribeRepositories'];
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = ['ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage'];

let cloud: Live;
let identities: Identities;
let apiKey: StoredApiKey;
let stack: RegistryStack;
let roleName: string;
let role: Awaited<ReturnType<Identities['role']>>;
let rolePolicies: NamedPolicy[];
let userName: string;
let userPolicies: NamedPolicy[];
let user: Credentials;
let session: Credentials;
let secretIds: { keys: string; apiKey: string };
let parameter: string;
let handlerRole: string;

const repositoryArn = (name: string) => `arn:aws:ecr:${cloud.aws.region}:${cloud.aws.account}:repository/${name}`;
const resourceOf = (action: string, repository: string) => {
  if (action === 'ecr:GetAuthorizationToken' || action === 'ecr:DescribeRegistry') { return '*'; }
  return repositoryArn(action === 'ecr:DescribeRepositories' ? '*' : repository);
};
const ecrAs = (credentials: Credentials) => new ECRClient(cloud.aws.clientOptions(credentials));
const assume = async (as: Credentials | undefined, RoleSessionName: string, more: object = {}) =>
  identities.assume(as, { RoleArn: role.arn, RoleSessionName, ...more });

beforeAll(async () => {
  cloud = await live();
  identities = new Identities(cloud.aws);
  apiKey = await StoredApiKey.in(cloud, 'permissions/api-key');
  stack = cloud.stack('permissions');
  const result = await stack.deploy(build);
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });

  const deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
  roleName = deployed.one('AWS::IAM::Role', /AccessRole/);
  handlerRole = (await identities.role(deployed.one('AWS::IAM::Role', /ZenMLRegistration/))).arn;
  userName = deployed.one('AWS::IAM::User');
  role = await identities.role(roleName);
  rolePolicies = await identities.rolePolicies(roleName);
  userPolicies = await identities.userPolicies(userName);
  secretIds = { keys: deployed.one('AWS::SecretsManager::Secret'), apiKey: apiKey.arn };
  parameter = deployed.all('AWS::SSM::Parameter')[0]!;
  user = await identities.keysIn(secretIds.keys);
  session = await assume(user, 'zenml-connector-x');
});

afterAll(async () => {
  expect(await stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  await apiKey.delete();
});

function build(scope: Stack): void {
  const registry = new EcrContainerRegistry(scope, 'Registry', {
    server: apiKey.server(scope),
    repositoryNames: [DEFAULT],
    repositoryDefaults: GOES,
    authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole()),
    pullFrom: [new ecr.Repository(scope, 'Parent', { repositoryName: PARENT, ...GOES })],
  });
  registry.addRepository('Added', { repositoryName: ADDED });
  new ecr.Repository(scope, 'Foreign', { repositoryName: FOREIGN, ...GOES });
}

describe('the access role, in a session of the connector\'s user', () => {
  const rows: [expected: 'allowed' | 'denied', action: string, repository: string, call: EcrCall][] = [];
  for (const repository of [DEFAULT, ADDED]) {
    for (const action of [...PULL, ...PUSH]) { rows.push(['allowed', action, repository, NEEDED_CALLS[action]!]); }
  }
  for (const action of REGISTRY_WIDE) { rows.push(['allowed', action, DEFAULT, NEEDED_CALLS[action]!]); }
  for (const action of PULL) { rows.push(['allowed', action, PARENT, NEEDED_CALLS[action]!]); }
  for (const action of PUSH) { rows.push(['denied', action, PARENT, NEEDED_CALLS[action]!]); }
  for (const action of [...PULL, ...PUSH]) { rows.push(['denied', action, FOREIGN, NEEDED_CALLS[action]!]); }
  for (const [action, call] of Object.entries(OTHER_CALLS)) { rows.push(['denied', action, DEFAULT, call]); }

  test.each(rows)('the access role is %s to call %s on %s', async (expected, action, repository, call) => {
    expect(await attempt(async () => call(ecrAs(session), repository))).toBe(expected);
    expect(
      permits(
        rolePolicies.map((policy) => policy.document),
        { action, resource: resourceOf(action, repository) },
      ),
    ).toBe(expected === 'allowed');
  });

  test('the access role is allowed to call ecr:DescribeRepositories by name, on each repository of the registry', async () => {
    for (const name of [DEFAULT, ADDED]) {
      expect(await attempt(async () => describeByName(ecrAs(session), name))).toBe('allowed');
    }
  });

  test.each<[string, () => Promise<unknown>]>([
    ...Object.entries(OTHER_SERVICES).map(([action, call]): [string, () => Promise<unknown>] => [
      action,
      async () => call(cloud.aws, session),
    ]),
    [
      "iam:CreateAccessKey for the connector's user",
      async () =>
        new IAMClient(cloud.aws.clientOptions(session)).send(new CreateAccessKeyCommand({ UserName: userName })),
    ],
    [
      'iam:UpdateAssumeRolePolicy on itself',
      async () =>
        new IAMClient(cloud.aws.clientOptions(session)).send(
          new UpdateAssumeRolePolicyCommand({ RoleName: roleName, PolicyDocument: JSON.stringify(role.trust) }),
        ),
    ],
    ['secretsmanager:GetSecretValue of the API key', async () => secretAs(session, secretIds.apiKey)],
    ['secretsmanager:GetSecretValue of its own keys', async () => secretAs(session, secretIds.keys)],
    [
      'ssm:GetParameter of a binding',
      async () => new SSMClient(cloud.aws.clientOptions(session)).send(new GetParameterCommand({ Name: parameter })),
    ],
    [
      "sts:AssumeRole on the handler's role",
      async () => identities.assume(session, { RoleArn: handlerRole, RoleSessionName: 'zenml-connector' }),
    ],
    ['sts:AssumeRole on itself', async () => assume(session, 'zenml-connector-y')],
  ])('the access role is denied %s', async (_, call) => {
    expect(await attempt(call)).toBe('denied');
  });

  test.each([
    ['another Region', 'arn:aws:ecr:eu-west-1:111122223333:repository/*'],
    ['another account', 'arn:aws:ecr:us-east-1:444455556666:repository/*'],
  ])(
    'the policy document denies ecr:DescribeRepositories in %s (the local AWS does not evaluate this)',
    (_, resource) => {
      const documents = rolePolicies.map((policy) => policy.document);
      for (const action of ['ecr:DescribeRepositories', ...PUSH, ...PULL]) {
        expect(permits(documents, { action, resource })).toBe(false);
      }
    },
  );

  test('the session policy that ZenML adds takes away no permission that is needed', async () => {
    // As in ZenML 0.98's connector: all repositories of the Region, and the login.
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['ecr:DescribeRepositories', ...PULL, ...PUSH],
          Resource: [`arn:aws:ecr:${cloud.aws.region}:*:repository/*`, `arn:aws:ecr:${cloud.aws.region}:*:repository`],
        },
        { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: ['*'] },
      ],
    });
    const narrowed = ecrAs(await assume(user, 'zenml-connector-x', { Policy }));
    expect(await outcomesOf(narrowed)).toEqual(allAllowed());
    expect(await attempt(async () => NEEDED_CALLS['ecr:PutImage']!(narrowed, FOREIGN))).toBe('denied');
  });
});

test('each call that is denied here succeeds for an administrator', async () => {
  const admin = ecrAs({ accessKeyId: 'test', secretAccessKey: 'test' });
  await admin.send(new CreateRepositoryCommand({ repositoryName: SCRAP }));
  const outcomes = [];
  for (const call of Object.values(OTHER_CALLS)) {
    // An answer that there is no policy to show or to delete proves as well that the call was let through.
    outcomes.push(
      await attempt(async () => call(admin, SCRAP)).catch((error: Error) =>
        /PolicyNotFound|RepositoryNotFound/.test(error.name) ? 'allowed' : error.name,
      ),
    );
  }
  expect(outcomes).toEqual(Object.keys(OTHER_CALLS).map(() => 'allowed'));
  await admin.send(new DeleteRepositoryCommand({ repositoryName: `${SCRAP}-more` }));
});

describe('the access role without one action', () => {
  test('the access role has exactly the actions that are tried, and a wildcard only where AWS has no resource level', () => {
    const documents = rolePolicies.map((policy) => policy.document);
    expect(actionsOf(documents)).toEqual(Object.keys(NEEDED_CALLS).sort());
    const wild = documents.flatMap(statementsOf).filter((statement) => statement.Resource === '*');
    expect(wild.map((statement) => statement.Action)).toEqual(['ecr:GetAuthorizationToken']);
  });

  test.each(Object.keys(NEEDED_CALLS))('the access role without %s is denied exactly this action', async (action) => {
    await identities.withoutRight(roleName, action, async () => {
      expect(await outcomesOf(ecrAs(session))).toEqual({ ...allAllowed(), [action]: 'denied' });
    });
  });
});

describe('the trust policy of the access role', () => {
  const names = { other: 'permissions-other-user', admin: 'permissions-admin' };
  let other: Credentials;
  let admin: { arn: string; credentials: Credentials };

  beforeAll(async () => {
    other = (await identities.makeUser(names.other, { Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: '*' }))
      .credentials;
    admin = await identities.makeUser(names.admin, { Action: ['*'], Resource: '*' });
  });
  afterAll(async () => { for (const name of Object.values(names)) { await identities.deleteUser(name); } });

  test.each<[string, 'allowed' | 'denied', () => Promise<unknown>]>([
    [
      "the connector's user as zenml-connector-<uuid>",
      'allowed',
      async () => assume(user, 'zenml-connector-0d8f3a52-1c1f-4f0e-9a51-6b8f0c1d2e3f'),
    ],
    [
      "the connector's user as zenml-connector (a connector without id)",
      'allowed',
      async () => assume(user, 'zenml-connector'),
    ],
    [
      "the connector's user with an external id that nobody asked for",
      'allowed',
      async () => assume(user, 'zenml-connector', { ExternalId: 'x' }),
    ],
    ["the connector's user under another session name", 'denied', async () => assume(user, 'somebody')],
    [
      "the connector's user under a name that only contains ZenML's",
      'denied',
      async () => assume(user, 'my-zenml-connector'),
    ],
    ["the connector's user under ZenML's name in capitals", 'denied', async () => assume(user, 'ZENML-CONNECTOR')],
    [
      "the connector's user with session tags",
      'denied',
      async () => assume(user, 'zenml-connector', { Tags: [{ Key: 'team', Value: 'a' }] }),
    ],
    ['another user who may assume any role', 'denied', async () => assume(other, 'zenml-connector')],
    ['an administrator of the account', 'denied', async () => assume(admin.credentials, 'zenml-connector')],
    ["the account's root", 'denied', async () => assume(undefined, 'zenml-connector')],
  ])('sts:AssumeRole on the access role by %s is %s', async (_, expected, call) => {
    expect(await attempt(call)).toBe(expected);
  });

  test.each([
    ['the connector\'s user', 'zenml-connector-x', true],
    ['the connector\'s user', 'x', false],
    ['another user', 'zenml-connector-x', false],
    ['the root', 'zenml-connector-x', false],
  ])('the trust policy of the access role for %s with session name %s is evaluated to %s', (who, name, expected) => {
    const prefix = `arn:aws:iam::${cloud.aws.account}:`;
    const principal = {
      "the connector's user": `${prefix}user/${userName}`,
      'another user': admin.arn,
      'the root': `${prefix}root`,
    }[who]!;
    expect(
      permits([role.trust], {
        action: 'sts:AssumeRole',
        resource: role.arn,
        principal,
        context: { 'sts:RoleSessionName': name },
      }),
    ).toBe(expected);
  });

  test('the access role permits sessions of one hour at most (its own setting: the local AWS does not enforce it)', () => {
    expect(role.maxSessionSeconds).toBe(3600);
  });
});

describe('the connector\'s user without the role', () => {
  test('the policy of the connector\'s user allows only sts:AssumeRole on the access role', () => {
    expect(userPolicies.flatMap((policy) => statementsOf(policy.document))).toEqual([
      expect.objectContaining({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role.arn }),
    ]);
  });

  test.each(Object.entries(NEEDED_CALLS))("the connector's user without the role is denied %s", async (_, call) => {
    expect(await attempt(async () => call(ecrAs(user), DEFAULT))).toBe('denied');
  });

  test.each<[string, () => Promise<unknown>]>([
    ...Object.entries(OTHER_SERVICES).map(([action, call]): [string, () => Promise<unknown>] => [
      action,
      async () => call(cloud.aws, user),
    ]),
    [
      'iam:CreateAccessKey for itself',
      async () => new IAMClient(cloud.aws.clientOptions(user)).send(new CreateAccessKeyCommand({ UserName: userName })),
    ],
    ['secretsmanager:GetSecretValue of its own keys', async () => secretAs(user, secretIds.keys)],
    ['secretsmanager:GetSecretValue of the API key', async () => secretAs(user, secretIds.apiKey)],
    [
      'ssm:GetParameter of a binding',
      async () => new SSMClient(cloud.aws.clientOptions(user)).send(new GetParameterCommand({ Name: parameter })),
    ],
    [
      'sts:GetFederationToken',
      async () => new STSClient(cloud.aws.clientOptions(user)).send(new GetFederationTokenCommand({ Name: 'x' })),
    ],
    [
      "sts:AssumeRole on the handler's role",
      async () => identities.assume(user, { RoleArn: handlerRole, RoleSessionName: 'zenml-connector' }),
    ],
  ])("the connector's user is denied %s", async (_, call) => {
    expect(await attempt(call)).toBe('denied');
  });
});

const allAllowed = () => Object.fromEntries(Object.keys(NEEDED_CALLS).map((action) => [action, 'allowed']));

async function outcomesOf(client: ECRClient): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const [action, call] of Object.entries(NEEDED_CALLS)) {
    outcomes[action] = await attempt(async () => call(client, DEFAULT));
  }
  return outcomes;
}

async function secretAs(credentials: Credentials, SecretId: string): Promise<unknown> {
  return new SecretsManagerClient(cloud.aws.clientOptions(credentials)).send(new GetSecretValueCommand({ SecretId }));
}
