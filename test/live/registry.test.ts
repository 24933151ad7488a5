import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetTemplateCommand, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal } from 'aws-cdk-lib/aws-iam';
import { LiveScene } from './support/live-scene';
import { describeCalls, logins } from '../../local/services/recording-proxy';
import { ConnectorAuthentication, RegistryAuthentication } from '../../src';

/*
 * The life of one registry, one step after the other: each test goes on where the one before it ended.
 */
let scene: LiveScene;
let ids: string[];

interface Wish {
  readonly description?: string;
  readonly serial?: number;
  readonly repositories?: string[];
  readonly implicit?: boolean;
}

const deploy = async (wish: Wish = {}) => scene.deploy((scope: Stack) => {
  const server = scene.server(
    scope,
    wish.implicit ? { awsIdentity: new ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server') } : {},
  );
  scene.registryInStack(
    scope,
    server,
    {
      repositoryNames: [scene.repositoryName, ...(wish.repositories ?? [])],
      repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
      authentication: RegistryAuthentication.connector(
        wish.implicit
          ? ConnectorAuthentication.implicit()
          : ConnectorAuthentication.iamRole({ accessKeySerial: wish.serial ?? 0 }),
      ),
    },
    { description: wish.description },
  );
});

/** Whether the ZenML server itself reaches the registry with the connector. */
async function verified(): Promise<unknown> {
  const { connectors } = await scene.inZenml();
  const answer = await scene.cloud.zenml.admin.call<{ error: unknown; resources: { resource_ids: string[] }[] }>(
    'PUT', `/service_connectors/${connectors[0]!.id}/verify`);
  return answer.error ?? answer.resources[0]!.resource_ids;
}

beforeAll(async () => { scene = await LiveScene.open('LiveRegistry'); });
afterAll(async () => { await scene.close(); });

test('a deploy registers connector, component and stack, verified, with one login and at most nine calls', async () => {
  const result = await deploy();
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const calls = scene.proxy.take();
  expect({ calls: describeCalls(calls), few: calls.length <= 9, logins: logins(calls) }).toMatchObject({
    few: true,
    logins: 1,
  });

  const { connectors, components, stacks } = await scene.inZenml();
  expect([connectors.length, components.length, stacks.length]).toEqual([1, 1, 1]);
  expect(components[0]!.metadata).toMatchObject({
    configuration: { uri: '111122223333.dkr.ecr.us-east-1.amazonaws.com', default_repository: scene.repositoryName },
    connector: { id: connectors[0]!.id },
    connector_resource_id: '111122223333.dkr.ecr.us-east-1.amazonaws.com',
  });
  expect(await verified()).toEqual(['111122223333.dkr.ecr.us-east-1.amazonaws.com']);
  ids = await scene.idsInZenml();
});

test('no secret is in template, events, outputs or logs', async () => {
  const secrets = new SecretsManagerClient(scene.cloud.aws.clientOptions());
  const made = (await secrets.send(new ListSecretsCommand({}))).SecretList!.filter((secret) =>
    secret.Name!.startsWith('LiveRegistry'),
  );
  const keys = await Promise.all(
    made.map(async (secret) => (await secrets.send(new GetSecretValueCommand({ SecretId: secret.ARN }))).SecretString!),
  );
  const accessKeys = keys.map((text) => (JSON.parse(text) as { aws_secret_access_key: string }).aws_secret_access_key);
  const hidden = [scene.cloud.apiKey, ...accessKeys];
  expect(accessKeys).toHaveLength(1);

  const cloudFormation = new CloudFormationClient(scene.cloud.aws.clientOptions());
  const places: Record<string, string> = {
    template: (await cloudFormation.send(new GetTemplateCommand({ StackName: scene.stack.name }))).TemplateBody!,
    events: JSON.stringify(await scene.stack.driver.events()),
    outputs: JSON.stringify((await deploy()).outputs),
    ...Object.fromEntries(
      readdirSync(scene.cloud.logs).map((file) => [file, readFileSync(join(scene.cloud.logs, file), 'utf8')]),
    ),
  };
  expect(places.template).toContain('Custom::ZenMLServiceConnector');
  expect(
    Object.entries(places)
      .filter(([, text]) => hidden.some((secret) => text.includes(secret)))
      .map(([place]) => place),
  ).toEqual([]);
});

test('an unchanged deploy makes no call to ZenML', async () => {
  scene.proxy.take();
  expect((await deploy()).status).toBe('NO_CHANGES');
  expect(scene.proxy.take()).toEqual([]);
});

test('a changed description is updated in place, without a login', async () => {
  expect(await deploy({ description: 'changed' })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(logins(scene.proxy.take())).toBe(0);
  expect(await scene.idsInZenml()).toEqual(ids);
  expect((await scene.inZenml()).stacks[0]!.metadata).toMatchObject({ description: 'changed' });
});

test('an additional repository is proved with two reads of ZenML, and nothing is written', async () => {
  scene.proxy.take();
  expect(await deploy({ description: 'changed', repositories: ['live-registry-second'] })).toMatchObject({
    status: 'UPDATE_COMPLETE',
    failures: [],
  });
  expect(describeCalls(scene.proxy.take())).toMatch(
    /^GET \S+\/components\/\S+ 200\nGET \S+\/service_connectors\/\S+\/client 200$/,
  );
});

test('a rotated access key is written to the same connector, and the old key is deleted', async () => {
  const before = (await scene.inAws()).filter((line) => line.startsWith('access key'));
  expect(await deploy({ description: 'changed', serial: 1 })).toMatchObject({
    status: 'UPDATE_COMPLETE',
    failures: [],
  });
  const after = (await scene.inAws()).filter((line) => line.startsWith('access key'));
  expect([before.length, after.length]).toEqual([1, 1]);
  expect(after).not.toEqual(before);
  expect(await scene.idsInZenml()).toEqual(ids);
  expect(await verified()).toEqual(['111122223333.dkr.ecr.us-east-1.amazonaws.com']);
});

test('another authentication method replaces the connector, and component and stack stay', async () => {
  // The ZenML server of the live pass has no AWS identity, so it cannot use the implicit method: the change must fail
  // and leave all as it was.
  const result = await deploy({ description: 'changed', serial: 1, implicit: true });
  expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await scene.idsInZenml()).toEqual(ids);
  expect(await verified()).toEqual(['111122223333.dkr.ecr.us-east-1.amazonaws.com']);
});

test('a destroy leaves nothing in ZenML and nothing in AWS', async () => {
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await scene.idsInZenml()).toEqual([]);
  expect(await scene.inAws()).toEqual([]);
});
