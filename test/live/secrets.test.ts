import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { DeleteSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterHistoryCommand, paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Canaries, filesBelow } from './support/canaries';
import { DeployedStack } from './support/deployed-stack';
import { DirectAnswer, DirectCaller } from './support/direct-call';
import { NEEDED_CALLS } from './support/ecr-calls';
import { Identities } from './support/identities';
import { live, Live } from './support/live';
import { StoredApiKey, wrongKeyLike } from './support/stored-api-key';
import { RegistryStack } from '../../local/clients/registry-stack';
import { StackResult } from '../../local/clients/stack-driver';
import { Credentials } from '../../local/services/aws';
import { storeSecret } from '../../local/services/local-cloud';
import { ProxiedRequest, RecordedCall, RecordingProxy } from '../../local/services/recording-proxy';
import { mustCall } from '../../local/services/signed-call';
import { ConnectorAuthentication, EcrContainerRegistry, RegistryAuthentication } from '../../src';

/*
 * No secret shows anywhere: real ones go through a deploy, a refused create, updates that fail because the server
 * echoes what it was sent, a rotation and direct calls of the function; then every place that people or tools can read
 * is searched for them.
 */
const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const CONNECTOR = 'Custom::ZenMLServiceConnector';
const USER = 'secrets-user';

let cloud: Live;
let identities: Identities;
let proxy: RecordingProxy;
let apiKey: StoredApiKey;
let wrongKey: StoredApiKey;
let userKeys: { arn: string; credentials: Credentials };
let userSecret: string;
let stack: RegistryStack;
let refused: RegistryStack;
let stackIds: string[] = [];
const canaries = new Canaries();
/** Of the stack that stays, taken before it goes. */
const results: Record<string, StackResult> = {};
const calls: RecordedCall[] = [];
const answers: (DirectAnswer & { step: string })[] = [];
/** What a careless server writes into its answers: the secrets that it was sent for one connector. */
const echoed: Record<'Role' | 'Keys', string> = { Role: '', Keys: '' };

interface Shape {
  readonly serial?: number;
  /** A label for one of the two, so that only that one is updated. */
  readonly label?: 'Role' | 'Keys';
  readonly withRefused?: boolean;
}

function build(shape: Shape): (scope: Stack) => void {
  return (scope) => {
    const make = (id: string, key: StoredApiKey, authentication: ConnectorAuthentication) =>
      new EcrContainerRegistry(scope, id, {
        server: key.server(scope, { url: proxy.url }),
        labels: shape.label === id ? { team: 'x' } : undefined,
        repositoryNames: [`${scope.stackName}/${id.toLowerCase()}`],
        repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
        authentication: RegistryAuthentication.connector(authentication),
      });
    make('Role', apiKey, ConnectorAuthentication.iamRole({ accessKeySerial: shape.serial ?? 0 }));
    make(
      'Keys',
      apiKey,
      ConnectorAuthentication.secretKey({ secret: Secret.fromSecretCompleteArn(scope, 'UserKeys', userSecret) }),
    );
    if (shape.withRefused) { make('Refused', wrongKey, ConnectorAuthentication.iamRole()); }
  };
}

/** The next change of a connector is refused as ZenML refuses a bad one: with the input in the text. */
function echo422(connector: keyof typeof echoed): void {
  echo(({ method, path }) => method === 'PUT' && /\/service_connectors\/[^/]+$/.test(path), 422, [
    'ValueError',
    `1 validation error: input ${echoed[connector]}`,
  ]);
}

/** The next verification fails for good, and its text, which is quoted in the reason, holds secrets. */
function echoVerification(connector: keyof typeof echoed): void {
  const body = { error: `Could not connect to the endpoint with ${echoed[connector]}`, resources: [] };
  echo(({ method, path }) => method === 'POST' && path.endsWith('/service_connectors/verify'), 200, body);
}

function echo(which: (request: ProxiedRequest) => boolean, status: number, body: unknown): void {
  let left = 1;
  proxy.intervene = (request) => (which(request) && left-- > 0 ? { answer: { status, body } } : undefined);
}

async function connectorKeys(): Promise<void> {
  for (const secret of (await DeployedStack.of(cloud.aws, stack.driver.stackId)).all('AWS::SecretsManager::Secret')) {
    const { accessKeyId, secretAccessKey } = await identities.keysIn(secret);
    canaries.add(`secret of key ${accessKeyId}`, secretAccessKey);
    echoed.Role = `${await identities.secretText(apiKey.arn)} ${secretAccessKey}`;
  }
}

async function callDirectly(): Promise<void> {
  const caller = await DirectCaller.open(cloud.aws, await functionName(), 'secrets-answers');
  const call = async (step: string, event: object) => {
    const answer = await caller.call({ StackId: stack.driver.stackId, ResourceType: CONNECTOR, ...event });
    canaries.add(`address of the answer to ${step}`, answer.signature);
    answers.push({ step, ...answer });
  };
  // Of this stack alone: a list of all misses one when another test deletes parameters between two of its pages.
  const bindings = await versionsOf(
    (await DeployedStack.of(cloud.aws, stack.driver.stackId)).all('AWS::SSM::Parameter'),
  );
  const named = (part: RegExp) => bindings.find((binding) => part.test(binding.value))!.name;
  const ResourceProperties = {
    ServiceToken: 'the function',
    ServiceTimeout: '300',
    ServerBinding: named(new RegExp(`"server".*${apiKey.name}`)),
    ServerUrl: proxy.url,
    NamePrefix: 'direct',
    AuthMethod: 'secret-key',
    ResourceType: 'docker-registry',
    ResourceId: `${cloud.aws.account}.dkr.ecr.${cloud.aws.region}.amazonaws.com`,
    Region: cloud.aws.region,
    KeysBinding: named(/"keys".*secrets\/user/),
  };
  await call('create', { RequestType: 'Create', ResourceProperties });
  const { PhysicalResourceId } = answers[0]!.body;
  const update = {
    RequestType: 'Update',
    PhysicalResourceId,
    OldResourceProperties: ResourceProperties,
    ResourceProperties: { ...ResourceProperties, Labels: { team: 'x' } },
  };
  echo422('Keys');
  await call('update whose 422 echoes the input', update);
  echoVerification('Keys');
  await call('update whose verification echoes the input', update);
  proxy.intervene = undefined;
  await call('update', update);
  await call('delete', { RequestType: 'Delete', PhysicalResourceId, ResourceProperties });
}

beforeAll(async () => {
  cloud = await live();
  identities = new Identities(cloud.aws);
  proxy = await RecordingProxy.start({ target: cloud.zenml.url, onCall: (call) => calls.push(call) });
  const { key } = await cloud.zenml.createApiKey('secrets');
  const wrong = wrongKeyLike(key);
  apiKey = await StoredApiKey.in(cloud, 'secrets/api-key', key);
  wrongKey = await StoredApiKey.in(cloud, 'secrets/wrong-key', wrong);
  userKeys = await identities.makeUser(USER, { Action: Object.keys(NEEDED_CALLS), Resource: '*' });
  const { accessKeyId, secretAccessKey } = userKeys.credentials;
  userSecret = await storeSecret(
    cloud.aws,
    'secrets/user',
    JSON.stringify({ aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey }),
  );
  canaries.add('API key', key);
  canaries.add('wrong API key', wrong);
  canaries.add('secret of the user\'s key', secretAccessKey);
  echoed.Keys = `${key} ${encodeURIComponent(key)} ${secretAccessKey}`;

  stack = cloud.stack('secrets');
  refused = cloud.stack('secrets-refused');
  results.created = await stack.deploy(build({}));
  await connectorKeys();
  results.refused = await refused.deploy(build({ withRefused: true }));
  results.refusedInUpdate = await stack.deploy(build({ withRefused: true }));
  for (const label of ['Keys', 'Role'] as const) {
    echo422(label);
    results[`echoed${label}`] = await stack.deploy(build({ label }));
    echoVerification(label);
    results[`echoedByVerification${label}`] = await stack.deploy(build({ label }));
  }
  proxy.intervene = undefined;
  results.rotated = await stack.deploy(build({ serial: 1 }));
  await connectorKeys();
  await callDirectly();
  stackIds = [stack.driver.stackId, refused.driver.stackId];
});

afterAll(async () => {
  expect((await stack.destroy()).status).toBe('DELETE_COMPLETE');
  expect((await refused.destroy()).status).toBe('DELETE_COMPLETE');
  await identities.deleteUser(USER);
  await new SecretsManagerClient(cloud.aws.clientOptions()).send(
    new DeleteSecretCommand({ SecretId: userSecret, ForceDeleteWithoutRecovery: true }),
  );
  await apiKey.delete();
  await wrongKey.delete();
  await proxy.stop();
});

test('the scenario of this file has happened: a success, a refused key, echoes, and a rotation', () => {
  const happened = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.status]));
  expect(happened).toEqual({
    created: 'CREATE_COMPLETE',
    refused: 'ROLLBACK_COMPLETE',
    refusedInUpdate: 'UPDATE_ROLLBACK_COMPLETE',
    echoedKeys: 'UPDATE_ROLLBACK_COMPLETE',
    echoedByVerificationKeys: 'UPDATE_ROLLBACK_COMPLETE',
    echoedRole: 'UPDATE_ROLLBACK_COMPLETE',
    echoedByVerificationRole: 'UPDATE_ROLLBACK_COMPLETE',
    rotated: 'UPDATE_COMPLETE',
  });
  expect(results.refused!.failures.join()).toMatch(/refuses the API key in secret secrets\/wrong-key \(HTTP 401\)/);
  for (const { failures } of [results.echoedByVerificationKeys!, results.echoedByVerificationRole!]) {
    expect(failures.join()).toMatch(/Could not connect to the endpoint with \[redacted\]/);
  }
  expect(answers.map(({ step, body }) => [step, body.Status])).toEqual([
    ['create', 'SUCCESS'],
    ['update whose 422 echoes the input', 'FAILED'],
    ['update whose verification echoes the input', 'FAILED'],
    ['update', 'SUCCESS'],
    ['delete', 'SUCCESS'],
  ]);
});

test('all secrets of this file are known, and are found in Secrets Manager', async () => {
  expect(canaries.count).toBe(5 + answers.length);
  expect(canaries.in(await identities.secretText(apiKey.arn))).toContain('API key');
  expect(canaries.in(`x ${encodeURIComponent(await identities.secretText(userSecret))} x`)).toEqual([
    "secret of the user's key",
  ]);
  expect(canaries.in(Buffer.from(`ab${await identities.secretText(wrongKey.arn)}`).toString('base64'))).toContain(
    'wrong API key',
  );
  expect(canaries.in(`cut: ${(await identities.secretText(apiKey.arn)).slice(60, 80)}`)).toContain('API key');
});

/** Each place with a text that it must hold, so that an empty one is noticed. */
test.each<[string, RegExp, () => Promise<string>]>([
  [
    'templates, assets and metadata of the app',
    /Custom::ZenMLServiceConnector/,
    async () => stackIds.map((id) => filesBelow(join(cloud.folder, id.split('/')[1]!))).join('\n'),
  ],
  [
    'CloudFormation: events and reasons',
    /CREATE_FAILED|UPDATE_FAILED/,
    async () => ofStacks(async (client, StackName) => client.send(new DescribeStackEventsCommand({ StackName }))),
  ],
  [
    'CloudFormation: stacks with parameters and outputs',
    /dkr\.ecr/,
    async () => ofStacks(async (client, StackName) => client.send(new DescribeStacksCommand({ StackName }))),
  ],
  [
    'CloudFormation: resources',
    /zenml:service-connector:/,
    async () => ofStacks(async (client, StackName) => client.send(new DescribeStackResourcesCommand({ StackName }))),
  ],
  [
    'CloudFormation: templates',
    /AccessKeySecret/,
    async () => ofStacks(async (client, StackName) => client.send(new GetTemplateCommand({ StackName }))),
  ],
  [
    'Lambda: configuration',
    /nodejs24/,
    async () =>
      (
        await mustCall(cloud.aws, ROOT, {
          service: 'lambda',
          method: 'GET',
          path: `/2015-03-31/functions/${await functionName()}`,
        })
      ).toString(),
  ],
  ['Lambda: logs', /"outcome\\*":\\*"FAILED/, logs],
  ['SSM: parameters and their history', /secretId/, async () => JSON.stringify(await parameters())],
  [
    'Secrets Manager: names and descriptions',
    /secrets\/api-key/,
    async () =>
      JSON.stringify(await new SecretsManagerClient(cloud.aws.clientOptions()).send(new ListSecretsCommand({}))),
  ],
  ["the function's answers", /"Status":"FAILED"/, async () => answers.map((answer) => answer.text).join('\n')],
  [
    'addresses of the calls to ZenML',
    /\/api\/v1\/login/,
    async () => calls.map((call) => `${call.path}?${call.query}`).join('\n'),
  ],
  [
    'ZenML: what its users see',
    /direct|secrets/,
    async () =>
      JSON.stringify([await cloud.zenml.admin.list('service_connectors'), await cloud.zenml.admin.list('components')]),
  ],
])('no secret is in this place: %s', async (_, holds, read) => {
  const text = await read();
  expect(text).toMatch(holds);
  expect(canaries.in(text)).toEqual([]);
});

async function ofStacks(ask: (client: CloudFormationClient, stackId: string) => Promise<unknown>): Promise<string> {
  const client = new CloudFormationClient(cloud.aws.clientOptions());
  return JSON.stringify(await Promise.all(stackIds.map(async (id) => ask(client, id))));
}

async function functionName(): Promise<string> {
  return (await DeployedStack.of(cloud.aws, stack.driver.stackId)).one('AWS::Lambda::Function');
}

async function logs(): Promise<string> {
  const logGroupName = (await DeployedStack.of(cloud.aws, stack.driver.stackId)).one('AWS::Logs::LogGroup');
  return (
    await mustCall(cloud.aws, ROOT, {
      service: 'logs',
      target: 'Logs_20140328.FilterLogEvents',
      body: JSON.stringify({ logGroupName, limit: 10000 }),
    })
  ).toString();
}

/** All of the account, every version. */
async function parameters(): Promise<{ name: string; value: string }[]> {
  const names: string[] = [];
  for await (const page of paginateDescribeParameters({ client: new SSMClient(cloud.aws.clientOptions()) }, {})) {
    names.push(...page.Parameters!.map(({ Name }) => Name!));
  }
  return versionsOf(names);
}

/** All versions of the parameters. A parameter that another test has deleted in the meantime has none. */
async function versionsOf(names: string[]): Promise<{ name: string; value: string }[]> {
  const client = new SSMClient(cloud.aws.clientOptions());
  const histories = await Promise.all(
    names.map(async (Name) => client.send(new GetParameterHistoryCommand({ Name })).catch(() => undefined)),
  );
  return histories
    .flatMap((history) => history?.Parameters ?? [])
    .map((parameter) => ({ name: parameter.Name!, value: parameter.Value! }));
}
