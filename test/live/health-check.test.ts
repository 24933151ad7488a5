import { setTimeout } from 'node:timers/promises';
import {
  DeleteAccessKeyCommand,
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RemovalPolicy } from 'aws-cdk-lib';
import { DeployedStack } from './support/deployed-stack';
import { LiveScene } from './support/live-scene';
import { mustCall } from '../../local/services/signed-call';
import { ZenmlObject } from '../../local/services/zenml-api';
import { ConnectorAuthentication, RegistryAuthentication } from '../../src';

/*
 * A health check finds what people and AWS have changed since the deployment, changes nothing, and a deploy with
 * another repairTrigger repairs it.
 */
const ROOT = { accessKeyId: 'test', secretAccessKey: 'test' };
/** How long a report may take from the end of the invocation into the log. */
const REPORT_MILLISECONDS = 20_000;
const HEALTHY = {
  Healthy: 1,
  ServiceConnectorHealthy: 1,
  AccessHealthy: 1,
  StackComponentHealthy: 1,
  StacksHealthy: 1,
  differences: [],
};

let scene: LiveScene;
let deployed: DeployedStack;
let token = 0;
let accessKeySerial = 0;

interface Report extends Record<string, unknown> {
  readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Namespace: string }[] };
  readonly differences: readonly string[];
}

const deploy = async (repairTrigger?: string) => scene.deploy((scope) => {
  const server = scene.server(scope);
  const registry = scene.registryInStack(scope, server, {
    repairTrigger,
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    authentication: RegistryAuthentication.connector(ConnectorAuthentication.iamRole({ accessKeySerial })),
  }, { repairTrigger });
  registry.scheduleHealthCheck();
});
const repair = async () => expect(await deploy(`repair-${++token}`)).toMatchObject({ status: 'UPDATE_COMPLETE' });

beforeAll(async () => {
  scene = await LiveScene.open('LiveHealth');
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(scene.cloud.aws, scene.stack.driver.stackId);
});
afterAll(async () => scene.close());

/**
 * Runs the check as the schedule does, and waits for its report. As on AWS, the log may have it later than the
 * invocation ends.
 */
async function check(event: object = {}): Promise<Report> {
  const earlier = (await reports()).length;
  const name = deployed.one('AWS::Lambda::Function', /HealthCheck/);
  const answer = await mustCall(scene.cloud.aws, ROOT, {
    service: 'lambda',
    path: `/2015-03-31/functions/${name}/invocations`,
    body: JSON.stringify(event),
  });
  const began = Date.now();
  for (;;) {
    const lines = await reports();
    const last = lines.at(-1);
    if (last !== undefined && lines.length > earlier) { return JSON.parse(last.slice(last.indexOf('{'))) as Report; }
    if (Date.now() - began > REPORT_MILLISECONDS) { throw new Error(`no report in the log; answer: ${String(answer)}`); }
    await setTimeout(100);
  }
}

/** The lines of all reports in the log, oldest first. */
async function reports(): Promise<string[]> {
  const logGroupName = deployed.one('AWS::Logs::LogGroup', /HealthCheck/);
  const answer = await mustCall(scene.cloud.aws, ROOT, {
    service: 'logs',
    target: 'Logs_20140328.FilterLogEvents',
    body: JSON.stringify({ logGroupName, limit: 10_000 }),
  });
  return (JSON.parse(answer.toString()) as { events: { message: string }[] }).events
    .map(({ message }) => message)
    .filter((line) => line.includes('"_aws"'));
}

const objects = async () => JSON.stringify(await scene.inZenml());

test('a deployed registry is healthy in every check, and the check changes nothing, whatever the event says', async () => {
  const before = await objects();
  expect(await check({ RequestType: 'Delete', ResourceProperties: { ServerBinding: '/other' } })).toMatchObject(
    HEALTHY,
  );
  expect(await objects()).toBe(before);
});

test('an edited component and a changed composition are found, and the next repairTrigger repairs both', async () => {
  const { admin } = scene.cloud.zenml;
  const { components, stacks } = await scene.inZenml();
  const { configuration } = components[0]!.metadata as { configuration: object };
  await admin.call('PUT', `/components/${components[0]!.id}`, {
    configuration: { ...configuration, default_repository: 'edited' },
  });
  const composition = (stacks[0]!.metadata as { components: Record<string, ZenmlObject[]> }).components;
  const ids = Object.fromEntries(Object.entries(composition).map(([type, list]) => [type, list.map(({ id }) => id)]));
  const { container_registry: _, ...others } = ids;
  await admin.call('PUT', `/stacks/${stacks[0]!.id}`, { components: others });
  const report = await check();
  expect(report).toMatchObject({
    Healthy: 0,
    StacksHealthy: 0,
    ServiceConnectorHealthy: 1,
    AccessHealthy: 1,
    StackComponentHealthy: 0,
  });
  expect(report.differences.join()).toMatch(
    /configuration of stack component .* differs: .*ZenML stack .* does not contain the registry/,
  );
  await repair();
  expect(await check()).toMatchObject(HEALTHY);
});

test('an access key that somebody has switched off is found: ZenML cannot verify the connector', async () => {
  const iam = new IAMClient(scene.cloud.aws.clientOptions());
  const UserName = deployed.one('AWS::IAM::User');
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
  const set = async (Status: 'Active' | 'Inactive') =>
    iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: AccessKeyMetadata![0]!.AccessKeyId!, Status }));
  await set('Inactive');
  try {
    const report = await check();
    expect(report).toMatchObject({
      Healthy: 0,
      ServiceConnectorHealthy: 0,
      AccessHealthy: 0,
      StackComponentHealthy: 1,
      StacksHealthy: 1,
    });
    expect(report.differences.join()).toMatch(/was refused when ZenML tried it/);
  } finally {
    await set('Active');
  }
  expect(await check()).toMatchObject(HEALTHY);
});

test('a policy that denies pushes is found, although ZenML still verifies the connector', async () => {
  const iam = new IAMClient(scene.cloud.aws.clientOptions());
  const RoleName = deployed.one('AWS::IAM::Role', /AccessRole/);
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'ecr:InitiateLayerUpload', Resource: '*' }],
  });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'deny', PolicyDocument }));
  try {
    const report = await check();
    expect(report).toMatchObject({
      Healthy: 0,
      ServiceConnectorHealthy: 1,
      AccessHealthy: 0,
      StackComponentHealthy: 1,
      StacksHealthy: 1,
    });
    expect(report.differences.join()).toContain('remove the statement that denies ecr:InitiateLayerUpload');
    const refused = await deploy(`repair-${++token}`);
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(refused.failures.join()).toContain('remove the statement that denies ecr:InitiateLayerUpload');
  } finally {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'deny' }));
  }
  await repair();
  expect(await check()).toMatchObject(HEALTHY);
});

test('a policy of the role that lost its right to push is found', async () => {
  const iam = new IAMClient(scene.cloud.aws.clientOptions());
  const RoleName = deployed.one('AWS::IAM::Role', /AccessRole/);
  const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const policies = await Promise.all(
    PolicyNames!.map(async (PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
  );
  const { PolicyName, PolicyDocument } = policies.find((policy) => policy.PolicyDocument!.includes('UploadLayerPart'))!;
  const whole = decodeURIComponent(PolicyDocument!);
  await iam.send(new PutRolePolicyCommand({
    RoleName, PolicyName, PolicyDocument: whole.replace('ecr:InitiateLayerUpload', 'ecr:DescribeImages'),
  }));
  try {
    const report = await check();
    expect(report).toMatchObject({ Healthy: 0, ServiceConnectorHealthy: 1, AccessHealthy: 0 });
    expect(report.differences.join()).toContain('ecr:InitiateLayerUpload');
  } finally {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: whole }));
  }
  expect(await check()).toMatchObject(HEALTHY);
});

test('an access key that was deleted is found, and a deploy with another accessKeySerial repairs it', async () => {
  const iam = new IAMClient(scene.cloud.aws.clientOptions());
  const UserName = deployed.one('AWS::IAM::User');
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKeyMetadata![0]!.AccessKeyId! }));
  expect(await check()).toMatchObject({ Healthy: 0, ServiceConnectorHealthy: 0, AccessHealthy: 0 });
  accessKeySerial++;
  expect(await deploy(`repair-${token}`)).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(await check()).toMatchObject(HEALTHY);
});

test('a connector that somebody has edited is found, and the next repairTrigger writes it back', async () => {
  const { admin } = scene.cloud.zenml;
  const id = (await scene.inZenml()).connectors[0]!.id;
  const found = await admin.call<ZenmlObject & { body: object; metadata: { configuration: object; labels: object } }>(
    'GET',
    `/service_connectors/${id}?expand_secrets=true`,
  );
  const { auth_method, resource_types, resource_id } = found.body as Record<string, unknown>;
  await admin.call('PUT', `/service_connectors/${id}`, {
    name: found.name,
    connector_type: 'aws',
    auth_method,
    resource_types,
    resource_id,
    labels: found.metadata.labels,
    configuration: { ...found.metadata.configuration, region: 'us-west-2' },
  });
  const report = await check();
  expect(report).toMatchObject({ Healthy: 0, ServiceConnectorHealthy: 0 });
  expect(report.differences.join()).toContain('differs from the deployment: region');
  await repair();
  expect(await check()).toMatchObject(HEALTHY);
});

test('a deleted component is found, and the next repairTrigger creates it again in its ZenML stack', async () => {
  const { admin } = scene.cloud.zenml;
  const { components, stacks } = await scene.inZenml();
  const composition = (stacks[0]!.metadata as { components: Record<string, ZenmlObject[]> }).components;
  const { container_registry: _, ...others } = Object.fromEntries(
    Object.entries(composition).map(([type, list]) => [type, list.map(({ id }) => id)]),
  );
  await admin.call('PUT', `/stacks/${stacks[0]!.id}`, { components: others });
  await admin.call('DELETE', `/components/${components[0]!.id}`);
  expect(await check()).toMatchObject({ Healthy: 0, StackComponentHealthy: 0, StacksHealthy: 0, AccessHealthy: 1 });
  await repair();
  expect(await check()).toMatchObject(HEALTHY);
});

test('a deleted connector is found, and the next repairTrigger creates another one', async () => {
  const { admin } = scene.cloud.zenml;
  const { connectors, components } = await scene.inZenml();
  await admin.call('PUT', `/components/${components[0]!.id}`, { connector: null, connector_resource_id: null });
  await admin.call('DELETE', `/service_connectors/${connectors[0]!.id}`);
  expect(await check()).toMatchObject({ Healthy: 0, ServiceConnectorHealthy: 0 });
  await repair();
  expect(await check()).toMatchObject(HEALTHY);
});

test('a server that cannot be reached is unhealthy, with the reason', async () => {
  const revive = await scene.killProxy();
  try {
    const report = await check();
    expect(report).toMatchObject({ Healthy: 0, differences: [expect.stringMatching(/ZenML at http/)] });
    expect(report).not.toHaveProperty('StackComponentHealthy');
  } finally {
    await revive();
  }
});

test('an API key that ZenML no longer accepts is found, and the new key in the secret repairs it without a deploy', async () => {
  const secrets = new SecretsManagerClient(scene.cloud.aws.clientOptions());
  const put = async (SecretString: string) =>
    secrets.send(new PutSecretValueCommand({ SecretId: scene.secretArn, SecretString }));
  const { key, accountId, keyId } = await scene.cloud.zenml.createApiKey('health');
  await put(key);
  expect(await check()).toMatchObject(HEALTHY);
  await scene.cloud.zenml.admin.call('PUT', `/service_accounts/${accountId}/api_keys/${keyId}`, { active: false });
  const report = await check();
  expect(report).toMatchObject({ Healthy: 0, differences: [expect.stringContaining(scene.secretArn)] });
  expect(JSON.stringify(report)).not.toContain(key);
  await put(scene.cloud.apiKey);
  expect(await check()).toMatchObject(HEALTHY);
});

test('a deploy without changes calls nothing, with a health check as without', async () => {
  scene.proxy.take();
  expect((await deploy(`repair-${token}`)).status).toBe('NO_CHANGES');
  expect(scene.proxy.take()).toEqual([]);
});
