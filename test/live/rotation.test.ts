import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { attempt } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { StoredApiKey } from './support/stored-api-key';
import { RegistryStack } from '../../local/clients/registry-stack';
import { StackResult } from '../../local/clients/stack-driver';
import { Credentials } from '../../local/services/aws';
import { Intervention, logins, ProxiedRequest, RecordingProxy } from '../../local/services/recording-proxy';
import { ZenmlApi } from '../../local/services/zenml-api';
import { ConnectorAuthentication, EcrContainerRegistry, RegistryAuthentication } from '../../src';

/*
 * Keys change without a gap. A proxy before the ZenML server shows (and can break) the very moment at which the
 * connector moves to its new key. IAM's limit of two keys for a user is enforced by the local AWS.
 */
const CONNECTOR = 'Custom::ZenMLServiceConnector';
const REPOSITORY = 'rotation/images';

let cloud: Live;
let identities: Identities;
let proxy: RecordingProxy;
let apiKey: StoredApiKey;
let account: { key: string; accountId: string; keyId: string };
let stack: RegistryStack;
let userName: string;
let connectorId: string;

interface State {
  readonly keys: string[];
  readonly credentials: Credentials;
  readonly stored: string;
}

beforeAll(async () => {
  cloud = await live();
  identities = new Identities(cloud.aws);
  proxy = await RecordingProxy.start({ target: cloud.zenml.url });
  account = await cloud.zenml.createApiKey('rotation');
  apiKey = await StoredApiKey.in(cloud, 'rotation/api-key', account.key);
  stack = cloud.stack('rotation');
  expect(await deploy(0)).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
  userName = deployed.one('AWS::IAM::User');
  connectorId = deployed.zenmlId(CONNECTOR);
});

afterEach(() => { proxy.intervene = undefined; });

afterAll(async () => {
  expect(await stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  await apiKey.delete();
  await proxy.stop();
});

async function deploy(
  accessKeySerial: number,
  change: { labels?: Record<string, string>; breakLater?: boolean } = {},
): Promise<StackResult> {
  return stack.deploy((scope: Stack) => {
    const registry = new EcrContainerRegistry(scope, 'Registry', {
      server: apiKey.server(scope, { url: proxy.url }),
      labels: change.labels,
      repositoryNames: [REPOSITORY],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole({ accessKeySerial })),
    });
    if (change.breakLater) {
      // A third key of the user, when there are two: IAM's limit.
      const user = registry.node.findAll().find((child) => child instanceof iam.CfnUser) as iam.CfnUser;
      new iam.CfnAccessKey(scope, 'ThirdKey', { userName: user.ref }).node.addDependency(registry);
    }
  });
}

/** The user's keys in AWS, the pair in the stack's secret, and the key id that ZenML has. */
async function state(): Promise<State> {
  const deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
  expect(deployed.zenmlId(CONNECTOR)).toBe(connectorId);
  const connector = await cloud.zenml.admin.call<{ metadata: { configuration: Record<string, string> } }>(
    'GET',
    `/service_connectors/${connectorId}?expand_secrets=true`,
  );
  return {
    keys: await identities.accessKeys(userName),
    credentials: await identities.keysIn(deployed.one('AWS::SecretsManager::Secret')),
    stored: connector.metadata.configuration.aws_access_key_id!,
  };
}

/** One key, the same one everywhere, and it works: in AWS, and for the ZenML server. */
async function expectHealthy(now: State): Promise<void> {
  expect(now.keys).toEqual([now.credentials.accessKeyId]);
  expect(now.stored).toBe(now.credentials.accessKeyId);
  expect(await works(now.credentials)).toBe(true);
  expect(await complaint()).toBe('');
}

async function works(credentials: Credentials): Promise<boolean> {
  return attempt(async () => new STSClient(cloud.aws.clientOptions(credentials)).send(new GetCallerIdentityCommand({})))
    .then(() => true, (error: Error) => (error.name === 'InvalidClientTokenId' ? false : Promise.reject(error)));
}

async function complaint(): Promise<string> {
  const answer = await cloud.zenml.admin.call<{ error: string | null }>(
    'PUT',
    `/service_connectors/${connectorId}/verify?resource_type=docker-registry`,
  );
  return answer.error ?? '';
}

const isMove = ({ method, path }: ProxiedRequest) =>
  method === 'PUT' && path.endsWith(`/service_connectors/${connectorId}`);
const isVerification = ({ method, path }: ProxiedRequest) =>
  method === 'POST' && path.endsWith('/service_connectors/verify');

/** Interferes with the first request of a kind only: what the rollback sends afterwards gets through. */
function once(which: (request: ProxiedRequest) => boolean, intervention: Intervention): void {
  let done = false;
  proxy.intervene = (request) => {
    if (done || !which(request)) { return undefined; }
    done = true;
    return intervention;
  };
}

test('an access key is rotated in one deploy, new before old, and the connector stays and works all the time', async () => {
  const before = await state();
  const moments: { keys: string[]; works: boolean[]; complaint: string }[] = [];
  const look = async () => {
    const secrets = (await DeployedStack.of(cloud.aws, stack.driver.stackId)).all('AWS::SecretsManager::Secret');
    const pairs = await Promise.all(secrets.map(async (secret) => identities.keysIn(secret)));
    expect(await identities.accessKeys(userName)).toEqual(pairs.map((pair) => pair.accessKeyId));
    moments.push({
      keys: pairs.map((pair) => pair.accessKeyId),
      works: await Promise.all(pairs.map(works)),
      complaint: await complaint(),
    });
  };
  const failures: unknown[] = [];
  proxy.take();
  // What throws here would only hang the deploy.
  const first = async () =>
    look().catch((error) => {
      failures.push(error);
    });
  proxy.intervene = (request) => (isMove(request) || isVerification(request) ? { first } : undefined);

  expect(await deploy(1)).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(failures).toEqual([]);

  const after = await state();
  await expectHealthy(after);
  expect(after.credentials.accessKeyId).not.toBe(before.credentials.accessKeyId);
  expect(await works(before.credentials)).toBe(false);
  // At the verification of the new key and at the move to it: two keys, both good, and the connector as it was still
  // works.
  expect(moments).toEqual(
    [1, 2].map(() => ({
      keys: [before.credentials.accessKeyId, after.credentials.accessKeyId],
      works: [true, true],
      complaint: '',
    })),
  );
  // Only the connector is touched: component and stack keep theirs.
  expect(proxy.take().filter((call) => /\/(components|stacks)/.test(call.path) && call.method !== 'GET')).toEqual([]);
});

describe('a deploy that fails during the rotation', () => {
  test.each<[string, () => void, { breakLater?: boolean }, RegExp]>([
    [
      'the new key is refused',
      () =>
        once(isVerification, {
          answer: { status: 200, body: { error: 'Could not connect to the endpoint', resources: [] } },
        }),
      {},
      /Could not connect/,
    ],
    [
      'ZenML refuses the change',
      () => once(isMove, { answer: { status: 400, body: { detail: ['ValueError', 'no'] } } }),
      {},
      /400/,
    ],
    ['a later resource of the template fails', () => {}, { breakLater: true }, /^ThirdKey .*quota/],
  ])(
    'a deploy that fails during the rotation because %s keeps the old key working, and leaves no second key',
    async (_, interfere, change, reason) => {
      const before = await state();
      interfere();
      const result = await deploy(7, change);
      expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(result.failures.join('\n')).toMatch(reason);
      const after = await state();
      expect(after.credentials).toEqual(before.credentials);
      await expectHealthy(after);
    },
  );

  test('the next rotation after failed ones succeeds', async () => {
    const before = await state();
    expect(await deploy(7)).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
    const after = await state();
    expect(after.credentials.accessKeyId).not.toBe(before.credentials.accessKeyId);
    await expectHealthy(after);
  });
});

test('a rotated API key needs no deploy: the next change reads the new key from the same secret', async () => {
  const rotated = await cloud.zenml.admin.call<{ body: { key: string } }>(
    'PUT', `/service_accounts/${account.accountId}/api_keys/${account.keyId}/rotate`, { retain_period_minutes: 0 });
  await expect(ZenmlApi.login(cloud.zenml.url, account.key)).rejects.toThrow(/401/);
  await new SecretsManagerClient(cloud.aws.clientOptions()).send(
    new PutSecretValueCommand({ SecretId: apiKey.arn, SecretString: rotated.body.key }),
  );

  proxy.take();
  expect((await deploy(7)).status).toBe('NO_CHANGES');
  expect(proxy.take()).toEqual([]);
  expect(await deploy(7, { labels: { team: 'ml' } })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(logins(proxy.take())).toBeGreaterThan(0);
  const connector = await cloud.zenml.admin.call<{ metadata: { labels: Record<string, string> } }>(
    'GET',
    `/service_connectors/${connectorId}?expand_secrets=false`,
  );
  expect(connector.metadata.labels).toMatchObject({ team: 'ml' });
  await expectHealthy(await state());
});
