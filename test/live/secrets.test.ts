import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStackEventsCommand, DescribeStackResourcesCommand, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { DeleteSecretCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, GetParameterHistoryCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Canaries } from './support/canaries';
import { DeployedStack, Identities } from './support/deployed';
import { NEEDED_CALLS } from './support/ecr-calls';
import { live, Live } from './support/live';
import { mustCall } from './support/signed-call';
import { StoredApiKey, wrongKeyLike } from './support/zenml-server';
import { Credentials } from '../../local/services/aws';
import { storeSecret } from '../../local/services/local-cloud';
import { ProxiedRequest, RecordedCall, RecordingProxy } from '../../local/services/recording-proxy';
import { RegistryStack } from '../../local/services/registry-stack';
import { StackResult } from '../../local/services/stack-driver';
import { ConnectorAuthentication, EcrContainerRegistry, RegistryAccess } from '../../src';

/*
 * No secret shows anywhere: real ones go through a deploy, a refused create, updates that fail because the server echoes what it was sent,
 * a rotation and direct calls of the function; then every place that people or tools can read is searched for them.
 */
const ROOT: Credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const CONNECTOR = 'Custom::ZenMLServiceConnector';
const USER = 'secrets-user';
const BUCKET = 'secrets-answers';

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
const answers: { step: string; text: string; body: { Status: string; Reason?: string; PhysicalResourceId: string; Data?: object } }[] = [];
/** Secrets that a careless server writes into its answers. */
let echoed = '';

interface Shape {
  readonly serial?: number;
  readonly team?: string;
  readonly withRefused?: boolean;
}

function build(shape: Shape): (scope: Stack) => void {
  return (scope) => {
    const make = (id: string, key: StoredApiKey, authentication: ConnectorAuthentication) => new EcrContainerRegistry(scope, id, {
      server: key.server(scope, { url: proxy.url }),
      labels: shape.team ? { team: shape.team } : undefined,
      repositoryNames: [`${scope.stackName}/${id.toLowerCase()}`],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      access: RegistryAccess.connector(authentication),
    });
    make('Role', apiKey, ConnectorAuthentication.iamRole({ accessKeySerial: shape.serial ?? 0 }));
    make('Keys', apiKey, ConnectorAuthentication.secretKey({ secret: Secret.fromSecretCompleteArn(scope, 'UserKeys', userSecret) }));
    if (shape.withRefused) { make('Refused', wrongKey, ConnectorAuthentication.iamRole()); }
  };
}

const isPut = ({ method, path }: ProxiedRequest) => method === 'PUT' && /\/service_connectors\/[^/]+$/.test(path);
const isVerification = ({ method, path }: ProxiedRequest) => method === 'POST' && path.endsWith('/service_connectors/verify');

function echo(which: (request: ProxiedRequest) => boolean, status: number, body: unknown): void {
  let left = 1;
  proxy.intervene = (request) => (which(request) && left-- > 0 ? { answer: { status, body } } : undefined);
}

async function connectorKeys(): Promise<void> {
  for (const secret of (await DeployedStack.of(cloud.aws, stack.driver.stackId)).all('AWS::SecretsManager::Secret')) {
    const { accessKeyId, secretAccessKey } = await identities.keysIn(secret);
    canaries.add(`secret of key ${accessKeyId}`, secretAccessKey);
    echoed += ` ${secretAccessKey}`;
  }
}

/** Invokes the deployed function as CloudFormation does; the answer goes to a bucket, as on AWS. */
async function invoke(step: string, event: object): Promise<void> {
  const deployed = await DeployedStack.of(cloud.aws, stack.driver.stackId);
  const key = `${BUCKET}/${answers.length}`;
  await mustCall(cloud.aws, ROOT, {
    service: 'lambda',
    path: `/2015-03-31/functions/${deployed.one('AWS::Lambda::Function')}/invocations`,
    body: JSON.stringify({
      StackId: stack.driver.stackId,
      RequestId: `secrets-${answers.length}`,
      LogicalResourceId: 'Direct',
      ResourceType: CONNECTOR,
      ResponseURL: `${cloud.aws.endpoint}/${key}`,
      ...event,
    }),
  });
  const text = (await mustCall(cloud.aws, ROOT, { service: 's3', method: 'GET', path: `/${key}` })).toString();
  answers.push({ step, text, body: JSON.parse(text) });
}

async function invokeDirectly(): Promise<void> {
  const anybody = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/*` }] };
  await mustCall(cloud.aws, ROOT, { service: 's3', method: 'PUT', path: `/${BUCKET}` });
  await mustCall(cloud.aws, ROOT, { service: 's3', method: 'PUT', path: `/${BUCKET}?policy`, body: JSON.stringify(anybody) });
  const bindings = await parameters();
  const named = (part: RegExp) => bindings.find((binding) => part.test(binding.value))!.name;
  const properties = {
    ServiceToken: 'the function', ServiceTimeout: '300', ServerBinding: named(new RegExp(`"server".*${apiKey.name}`)), ServerUrl: proxy.url, NamePrefix: 'direct',
    AuthMethod: 'secret-key', ResourceType: 'docker-registry', ResourceId: `${cloud.aws.account}.dkr.ecr.${cloud.aws.region}.amazonaws.com`, Region: cloud.aws.region,
    KeysBinding: named(/"keys".*secrets\/user/),
  };
  await invoke('create', { RequestType: 'Create', ResourceProperties: properties });
  const { PhysicalResourceId } = answers[0]!.body;
  const update = { RequestType: 'Update', PhysicalResourceId, OldResourceProperties: properties, ResourceProperties: { ...properties, Labels: { team: 'x' } } };
  echo(isPut, 422, ['ValueError', `1 validation error: input ${echoed}`]);
  await invoke('update whose 422 echoes the input', update);
  echo(isVerification, 200, { error: `Could not connect to the endpoint with ${echoed}`, resources: [] });
  await invoke('update whose verification echoes the input', update);
  proxy.intervene = undefined;
  await invoke('update', update);
  await invoke('delete', { RequestType: 'Delete', PhysicalResourceId, ResourceProperties: properties });
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
  userSecret = await storeSecret(cloud.aws, 'secrets/user', JSON.stringify({ aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey }));
  canaries.add('API key', key);
  canaries.add('wrong API key', wrong);
  canaries.add('secret of the user\'s key', secretAccessKey);
  echoed = `${key} ${encodeURIComponent(key)} ${secretAccessKey}`;

  stack = new RegistryStack(cloud.aws, 'secrets', cloud.folder);
  refused = new RegistryStack(cloud.aws, 'secrets-refused', cloud.folder);
  results.created = await stack.deploy(build({}));
  await connectorKeys();
  results.refused = await refused.deploy(build({ withRefused: true }));
  results.refusedInUpdate = await stack.deploy(build({ withRefused: true }));
  echo(isPut, 422, ['ValueError', `1 validation error: input ${echoed}`]);
  results.echoed = await stack.deploy(build({ team: 'a' }));
  echo(isVerification, 200, { error: `Could not connect to the endpoint with ${echoed}`, resources: [] });
  results.echoedByVerification = await stack.deploy(build({ team: 'b' }));
  proxy.intervene = undefined;
  results.rotated = await stack.deploy(build({ serial: 1 }));
  await connectorKeys();
  await invokeDirectly();
  stackIds = [stack.driver.stackId, refused.driver.stackId];
});

afterAll(async () => {
  expect((await stack.destroy()).status).toBe('DELETE_COMPLETE');
  expect((await refused.destroy()).status).toBe('DELETE_COMPLETE');
  await identities.deleteUser(USER);
  await new SecretsManagerClient(cloud.aws.clientOptions()).send(new DeleteSecretCommand({ SecretId: userSecret, ForceDeleteWithoutRecovery: true }));
  await apiKey.delete();
  await wrongKey.delete();
  await proxy.stop();
});

test('what should have happened did: success, a refused key, echoes, a rotation', () => {
  const happened = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.status]));
  expect(happened).toEqual({
    created: 'CREATE_COMPLETE',
    refused: 'ROLLBACK_COMPLETE',
    refusedInUpdate: 'UPDATE_ROLLBACK_COMPLETE',
    echoed: 'UPDATE_ROLLBACK_COMPLETE',
    echoedByVerification: 'UPDATE_ROLLBACK_COMPLETE',
    rotated: 'UPDATE_COMPLETE',
  });
  expect(results.refused!.failures.join()).toMatch(/refuses the API key in secret arn:/);
  expect(results.echoedByVerification!.failures.join()).toMatch(/Could not connect to the endpoint with \[redacted\]/);
  expect(answers.map(({ step, body }) => [step, body.Status])).toEqual([
    ['create', 'SUCCESS'],
    ['update whose 422 echoes the input', 'FAILED'],
    ['update whose verification echoes the input', 'FAILED'],
    ['update', 'SUCCESS'],
    ['delete', 'SUCCESS'],
  ]);
});

test('the secrets are known, and would be found: in Secrets Manager they are', async () => {
  expect(canaries.count).toBe(5);
  expect(canaries.in(await identities.secretText(apiKey.arn))).toEqual(['API key']);
  expect(canaries.in(`x ${encodeURIComponent(await identities.secretText(userSecret))} x`)).toEqual(['secret of the user\'s key']);
  expect(canaries.in(Buffer.from(`ab${await identities.secretText(wrongKey.arn)}`).toString('base64'))).toContain('wrong API key');
  expect(canaries.in(`cut: ${(await identities.secretText(apiKey.arn)).slice(60, 80)}`)).toEqual(['API key']);
});

/** Each place with a text that it must hold, so that an empty one is noticed. */
test.each<[string, RegExp, () => Promise<string>]>([
  ['templates, assets and metadata of the app', /Custom::ZenMLServiceConnector/, async () => stackIds.map((id) => filesBelow(join(cloud.folder, id.split('/')[1]!))).join('\n')],
  ['CloudFormation: events and reasons', /CREATE_FAILED|UPDATE_FAILED/, async () => ofStacks(async (client, StackName) => client.send(new DescribeStackEventsCommand({ StackName })))],
  ['CloudFormation: stacks with parameters and outputs', /dkr\.ecr/, async () => ofStacks(async (client, StackName) => client.send(new DescribeStacksCommand({ StackName })))],
  ['CloudFormation: resources', /zenml:service-connector:/, async () => ofStacks(async (client, StackName) => client.send(new DescribeStackResourcesCommand({ StackName })))],
  ['CloudFormation: templates', /AccessKeySecret/, async () => ofStacks(async (client, StackName) => client.send(new GetTemplateCommand({ StackName })))],
  ['Lambda: configuration', /nodejs24/, async () => (await mustCall(cloud.aws, ROOT, { service: 'lambda', method: 'GET', path: `/2015-03-31/functions/${await functionName()}` })).toString()],
  ['Lambda: logs', /"outcome\\*":\\*"FAILED/, logs],
  ['SSM: parameters and their history', /secretArn/, async () => JSON.stringify(await parameters())],
  ['Secrets Manager: names and descriptions', /secrets\/api-key/, async () => JSON.stringify(await new SecretsManagerClient(cloud.aws.clientOptions()).send(new ListSecretsCommand({})))],
  ['the function\'s answers', /"Status":"FAILED"/, async () => answers.map((answer) => answer.text).join('\n')],
  ['addresses of the calls to ZenML', /\/api\/v1\/login/, async () => calls.map((call) => `${call.path}?${call.query}`).join('\n')],
  ['ZenML: what its users see', /direct|secrets/, async () => JSON.stringify([await cloud.zenml.admin.list('service_connectors'), await cloud.zenml.admin.list('components')])],
])('%s', async (_, holds, read) => {
  const text = await read();
  expect(text).toMatch(holds);
  expect(canaries.in(text)).toEqual([]);
});

function filesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

async function ofStacks(ask: (client: CloudFormationClient, stackId: string) => Promise<unknown>): Promise<string> {
  const client = new CloudFormationClient(cloud.aws.clientOptions());
  return JSON.stringify(await Promise.all(stackIds.map(async (id) => ask(client, id))));
}

async function functionName(): Promise<string> {
  return (await DeployedStack.of(cloud.aws, stack.driver.stackId)).one('AWS::Lambda::Function');
}

async function logs(): Promise<string> {
  const logGroupName = (await DeployedStack.of(cloud.aws, stack.driver.stackId)).one('AWS::Logs::LogGroup');
  return (await mustCall(cloud.aws, ROOT, { service: 'logs', target: 'Logs_20140328.FilterLogEvents', body: JSON.stringify({ logGroupName, limit: 10000 }) })).toString();
}

/** All of the account, every version. */
async function parameters(): Promise<{ name: string; value: string }[]> {
  const client = new SSMClient(cloud.aws.clientOptions());
  const known = (await client.send(new DescribeParametersCommand({ MaxResults: 50 }))).Parameters!;
  const versions = await Promise.all(known.map(async ({ Name }) => (await client.send(new GetParameterHistoryCommand({ Name }))).Parameters!));
  return versions.flat().map((parameter) => ({ name: parameter.Name!, value: parameter.Value! }));
}
