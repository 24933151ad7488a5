import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DeleteSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { attempt } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { NEEDED_CALLS } from './support/ecr-calls';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { neededCalls, S3Caller } from './support/s3-calls';
import { ServerIdentity } from './support/server-identity';
import { StoredApiKey } from './support/stored-api-key';
import { DockerCredentials, pushImage } from '../../local/clients/oci-repository';
import { RegistryStack } from '../../local/clients/registry-stack';
import { Credentials } from '../../local/services/aws';
import { storeSecret } from '../../local/services/local-cloud';
import { ConnectorAuthentication, EcrContainerRegistry, RegistryAuthentication, S3ArtifactStore } from '../../src';

/*
 * Each of ZenML's authentication methods, deployed in one stack for a registry and for an artifact store: the real
 * ZenML server reaches both with it and hands out credentials; without the one right that the method lives from, the
 * same server is refused.
 */
const METHODS = ['implicit', 'iamRole', 'secretKey', 'sessionToken', 'federationToken', 'stsToken'] as const;
type Method = (typeof METHODS)[number];

const CONNECTOR = 'Custom::ZenMLServiceConnector';
const BUCKET = 'methods-artifacts';
const S3_CALLS = without(neededCalls(undefined as never), /Version$|Versions$|Abort/);
const NEEDED = { Action: [...Object.keys(NEEDED_CALLS), ...Object.keys(S3_CALLS)], Resource: '*' };
const USERS = { server: 'methods-server', keys: 'methods-keys', federator: 'methods-federator' };
// Of this stack only: another test file, which runs beside this one, relies on a server without any right in AWS.
const ASSUME = { Action: ['sts:AssumeRole'], Resource: 'arn:aws:iam::111122223333:role/methods-*' };
const FEDERATE = { Action: [...NEEDED.Action, 'sts:GetFederationToken'], Resource: '*' };

let cloud: Live;
let identities: Identities;
let apiKey: StoredApiKey;
let serverIdentity: ServerIdentity;
let stack: RegistryStack;
let deployed: DeployedStack;
let users: Record<keyof typeof USERS, { arn: string; credentials: Credentials }>;
let temporary: Credentials;
let secrets: Record<'keys' | 'federator' | 'temporary', string>;

const sts = (as: Credentials) => new STSClient(cloud.aws.clientOptions(as));
const registryHost = () => `${cloud.aws.account}.dkr.ecr.${cloud.aws.region}.amazonaws.com`;
const connectorId = (method: Method) => deployed.zenmlId(CONNECTOR, new RegExp(`^${method}`, 'i'));
const storeConnectorId = (method: Method) => deployed.zenmlId(CONNECTOR, new RegExp(`^Store${method}`));
const ecrAs = (credentials: Credentials) => new ECRClient(cloud.aws.clientOptions(credentials));
const repository = (method: Method) => `methods/${method.toLowerCase()}`;

/** What the server says to the connector as it is stored: nothing when AWS accepts. */
async function complaint(method: Method): Promise<string> {
  return complaintOf(connectorId(method), 'docker-registry', registryHost());
}

async function complaintOf(id: string, resourceType: string, reached: string): Promise<string> {
  const answer = await cloud.zenml.admin.call<{
    error: string | null;
    resources: { error: string | null; resource_ids: string[] | null }[];
  }>('PUT', `/service_connectors/${id}/verify?resource_type=${resourceType}`);
  const [resource] = answer.resources;
  const error = answer.error ?? resource!.error;
  if (error) { return error; }
  expect(resource!.resource_ids).toEqual([reached]);
  return '';
}

function without<T>(calls: Record<string, T>, names: RegExp): Record<string, T> {
  return Object.fromEntries(Object.entries(calls).filter(([name]) => !names.test(name)));
}

async function dockerCredentials(method: Method): Promise<DockerCredentials> {
  const answer = await cloud.zenml.admin.call<{ metadata: { configuration: DockerCredentials } }>(
    'GET', `/service_connectors/${connectorId(method)}/client?resource_type=docker-registry`);
  return answer.metadata.configuration;
}

function made(
  session: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined,
): Credentials {
  return {
    accessKeyId: session!.AccessKeyId!,
    secretAccessKey: session!.SecretAccessKey!,
    sessionToken: session!.SessionToken!,
  };
}

beforeAll(async () => {
  cloud = await live();
  identities = new Identities(cloud.aws);
  apiKey = await StoredApiKey.in(cloud, 'methods/api-key');
  users = {
    server: await identities.makeUser(USERS.server, ASSUME),
    keys: await identities.makeUser(USERS.keys, NEEDED),
    federator: await identities.makeUser(USERS.federator, FEDERATE),
  };
  temporary = made(
    (await sts(users.keys.credentials).send(new GetSessionTokenCommand({ DurationSeconds: 3600 }))).Credentials,
  );
  const store = async (name: string, { accessKeyId, secretAccessKey, sessionToken }: Credentials) =>
    storeSecret(
      cloud.aws,
      `methods/${name}`,
      JSON.stringify({
        aws_access_key_id: accessKeyId,
        aws_secret_access_key: secretAccessKey,
        aws_session_token: sessionToken,
      }),
    );
  secrets = {
    keys: await store('keys', users.keys.credentials),
    federator: await store('federator', users.federator.credentials),
    temporary: await store('temporary', temporary),
  };
  serverIdentity = new ServerIdentity(cloud);
  serverIdentity.become(users.server.credentials);
  stack = cloud.stack('methods');
  const result = await stack.deploy(build);
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
});

afterAll(async () => {
  expect(await stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  serverIdentity.forget();
  for (const name of Object.values(USERS)) { await identities.deleteUser(name); }
  const client = new SecretsManagerClient(cloud.aws.clientOptions());
  for (const SecretId of Object.values(secrets)) {
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
  }
  await apiKey.delete();
});

function build(scope: Stack): void {
  const keys = (name: keyof typeof secrets) => ({
    secret: Secret.fromSecretCompleteArn(scope, `Keys-${name}`, secrets[name]),
  });
  const methods: Record<Method, ConnectorAuthentication> = {
    implicit: ConnectorAuthentication.implicit(),
    iamRole: ConnectorAuthentication.iamRole(),
    secretKey: ConnectorAuthentication.secretKey(keys('keys')),
    sessionToken: ConnectorAuthentication.sessionToken({ secret: scope.node.findChild('Keys-keys') as Secret }),
    federationToken: ConnectorAuthentication.federationToken(keys('federator')),
    stsToken: ConnectorAuthentication.stsToken(keys('temporary'), {
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  };
  const server = apiKey.server(scope, { awsIdentity: new iam.ArnPrincipal(users.server.arn) });
  const bucket = new s3.Bucket(scope, 'Artifacts', { bucketName: BUCKET, removalPolicy: RemovalPolicy.DESTROY });
  for (const method of METHODS) {
    new S3ArtifactStore(scope, `Store-${method}`, {
      server, bucket, prefix: method, authentication: methods[method], outputs: false,
    });
    new EcrContainerRegistry(scope, method, {
      server,
      repositoryNames: [repository(method)],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.connector(methods[method]),
    });
  }
}

/** What a client of the artifact store gets from ZenML. */
async function s3Credentials(method: Method): Promise<Credentials> {
  const { metadata } = await cloud.zenml.admin.call<{ metadata: { configuration: Record<string, string> } }>(
    'GET',
    `/service_connectors/${storeConnectorId(method)}/client?resource_type=s3-bucket&resource_id=s3://${BUCKET}`,
  );
  const { aws_access_key_id, aws_secret_access_key, aws_session_token } = metadata.configuration;
  return { accessKeyId: aws_access_key_id!, secretAccessKey: aws_secret_access_key!, sessionToken: aws_session_token };
}

describe.each(METHODS)('authentication method %s', (method) => {
  /** Takes away what the method lives from and gives back how to restore it. */
  async function takeRightAway(): Promise<() => Promise<void>> {
    switch (method) {
      case 'implicit':
        await identities.disallow(USERS.server);
        return async () => identities.allow(USERS.server, ASSUME);
      case 'iamRole': {
        const restore: (() => Promise<void>)[] = [];
        for (const name of deployed.all('AWS::IAM::Role', /^(Store)?iamRole.*AccessRole/)) {
          for (const policy of await identities.rolePolicies(name)) {
            await identities.putRolePolicy(name, {
              ...policy,
              document: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
            });
            restore.push(async () => identities.putRolePolicy(name, policy));
          }
        }
        return async () => { for (const one of restore) { await one(); } };
      }
      case 'federationToken':
        await identities.allow(USERS.federator, NEEDED);
        return async () => identities.allow(USERS.federator, FEDERATE);
      default:
        await identities.disallow(USERS.keys);
        return async () => identities.allow(USERS.keys, NEEDED);
    }
  }

  test('the ZenML server verifies the connector, which reaches this registry', async () => {
    expect(await complaint(method)).toBe('');
  });

  test('the Docker credentials of the connector push an image', async () => {
    const credentials = await dockerCredentials(method);
    expect(credentials).toMatchObject({
      username: 'AWS',
      registry: expect.stringContaining(registryHost()),
      password: expect.stringMatching(/./),
    });
    const digest = await pushImage(cloud.aws, credentials, repository(method), 'methods');
    const images = await new ECRClient(cloud.aws.clientOptions()).send(
      new DescribeImagesCommand({ repositoryName: repository(method) }),
    );
    expect(images.imageDetails?.map((image) => image.imageDigest)).toEqual([digest]);
  });

  test('the server verifies the connector of the artifact store, and its credentials reach the objects below the prefix', async () => {
    expect(await complaintOf(storeConnectorId(method), 's3-bucket', `s3://${BUCKET}`)).toBe('');
    const caller = new S3Caller(cloud.aws, await s3Credentials(method));
    const admin = new S3Caller(cloud.aws, { accessKeyId: 'test', secretAccessKey: 'test' });
    const calls = without(neededCalls(admin), /Version$|Versions$|Abort/);
    const outcomes: Record<string, string> = {};
    for (const [action, call] of Object.entries(calls)) {
      outcomes[action] = await attempt(async () => call(caller, BUCKET, `${method}/x`));
    }
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(calls).map((action) => [action, 'allowed'])));
    // A key with permissions of its own has them everywhere; a role and a federation token are limited to the prefix.
    const isLimited = ['implicit', 'iamRole', 'federationToken'].includes(method);
    expect(await attempt(async () => calls['s3:PutObject']!(caller, BUCKET, 'beside/x')))
      .toBe(isLimited ? 'denied' : 'allowed');
  });

  test('both connectors are refused without the permission that their method needs', async () => {
    const restore = await takeRightAway();
    try {
      expect(await complaint(method)).toMatch(/AccessDenied|not authorized/);
      expect(await complaintOf(storeConnectorId(method), 's3-bucket', '')).toMatch(
        /AccessDenied|not authorized|Forbidden/);
    } finally {
      await restore();
    }
  });
});

describe('the session of each method, as the server creates it', () => {
  const session: Record<Method, () => Promise<Credentials>> = {
    implicit: async () => assume(users.server.credentials, 'implicit'),
    iamRole: async () => assume(await connectorUser(), 'iamRole'),
    secretKey: async () => users.keys.credentials,
    sessionToken: async () =>
      made((await sts(users.keys.credentials).send(new GetSessionTokenCommand({}))).Credentials),
    federationToken: async () =>
      made(
        (
          await sts(users.federator.credentials).send(
            new GetFederationTokenCommand({
              Name: 'zenml-connector',
              Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...NEEDED }] }),
            }),
          )
        ).Credentials,
      ),
    stsToken: async () => temporary,
  };

  test.each(METHODS)(
    'the session of a connector with %s is allowed all actions of a login, a push and a pull',
    async (method) => {
      const client = ecrAs(await session[method]());
      const outcomes: Record<string, string> = {};
      for (const [action, call] of Object.entries(NEEDED_CALLS)) {
        outcomes[action] = await attempt(async () => call(client, repository(method)));
      }
      expect(outcomes).toEqual(Object.fromEntries(Object.keys(NEEDED_CALLS).map((action) => [action, 'allowed'])));
    },
  );

  test.each<[Method, Method]>([
    ['implicit', 'iamRole'],
    ['iamRole', 'implicit'],
  ])('the session of a connector with %s is denied a push to the repository of %s', async (method, other) => {
    const credentials = await session[method]();
    for (const action of ['ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:BatchGetImage']) {
      expect([action, await attempt(async () => NEEDED_CALLS[action]!(ecrAs(credentials), repository(other)))]).toEqual(
        [action, 'denied'],
      );
    }
  });
});

describe('roles that each identity may assume', () => {
  test.each<[string, 'allowed' | 'denied', () => Promise<unknown>]>([
    [
      "implicit: the server's identity under ZenML's session name",
      'allowed',
      async () => assume(users.server.credentials, 'implicit'),
    ],
    [
      "implicit: the server's identity under another session name",
      'denied',
      async () => assume(users.server.credentials, 'implicit', 'deploy'),
    ],
    ["implicit: the account's root", 'denied', async () => assume(undefined, 'implicit')],
    ["implicit: the connector's user of iamRole", 'denied', async () => assume(await connectorUser(), 'implicit')],
    [
      "iamRole: the server's identity, which may ask for any role of the stack",
      'denied',
      async () => assume(users.server.credentials, 'iamRole'),
    ],
    [
      "implicit: the server's identity without the role lists repositories",
      'denied',
      async () => NEEDED_CALLS['ecr:DescribeRepositories']!(ecrAs(users.server.credentials), ''),
    ],
  ])('for %s, the call is %s', async (_, expected, call) => {
    expect(await attempt(call)).toBe(expected);
  });
});

describe('keys in a connector\'s configuration', () => {
  const stored = async (method: Method) =>
    (
      await cloud.zenml.admin.call<{ metadata: { configuration: Record<string, string> } }>(
        'GET',
        `/service_connectors/${connectorId(method)}?expand_secrets=true`,
      )
    ).metadata.configuration;

  test('implicit stores no key in the configuration of the connector', async () => {
    expect(Object.keys(await stored('implicit')).filter((key) => /key|token|secret/.test(key))).toEqual([]);
  });

  test.each<[Method, 'allowed' | 'denied']>([
    ['iamRole', 'denied'],
    ['secretKey', 'allowed'],
    ['sessionToken', 'allowed'],
    ['federationToken', 'allowed'],
    ['stsToken', 'allowed'],
  ])(
    'the key that %s stores in the configuration of the connector, used for a push, is %s',
    async (method, expected) => {
      const {
        aws_access_key_id: accessKeyId,
        aws_secret_access_key: secretAccessKey,
        aws_session_token: sessionToken,
      } = await stored(method);
      const key = ecrAs({ accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey!, sessionToken });
      expect(await attempt(async () => NEEDED_CALLS['ecr:PutImage']!(key, repository(method)))).toBe(expected);
    },
  );
});

async function connectorUser(): Promise<Credentials> {
  return identities.keysIn(deployed.one('AWS::SecretsManager::Secret', /^iamRole/));
}

async function assume(
  as: Credentials | undefined,
  method: 'implicit' | 'iamRole',
  RoleSessionName = 'zenml-connector-x',
): Promise<Credentials> {
  const role = await identities.role(deployed.one('AWS::IAM::Role', new RegExp(`^${method}.*AccessRole`)));
  return identities.assume(as, { RoleArn: role.arn, RoleSessionName });
}
