import { ECRClient } from '@aws-sdk/client-ecr';
import { Stack } from 'aws-cdk-lib';
import { attempt } from './support/attempt';
import { DeployedStack } from './support/deployed-stack';
import { NEEDED_CALLS } from './support/ecr-calls';
import { Identities } from './support/identities';
import { LiveScene } from './support/live-scene';
import { S3Caller } from './support/s3-calls';
import { Credentials } from '../../local/services/aws';
import { mustCall } from '../../local/services/signed-call';
import { AwsZenMLStack, AwsZenMLStackProps } from '../../src';

/*
 * The three connectors of a whole stack share one IAM user with one key. The key rotates in one deploy, and it opens
 * nothing but the three roles, each with its own rights only.
 */
let scene: LiveScene;
let identities: Identities;
let deployed: DeployedStack;
let user: string;

interface Connector {
  readonly id: string;
  readonly keyId: string;
  readonly roleArn: string;
  readonly complaints: (string | null)[];
}

const deploy = async (props: Partial<AwsZenMLStackProps> = {}) => scene.deploy((scope: Stack) => {
  new AwsZenMLStack(scope, 'ML', { server: scene.server(scope), ...props });
});

/** The connectors as ZenML has stored them, with what the server says against each. */
async function connectors(): Promise<Connector[]> {
  const { admin } = scene.cloud.zenml;
  return Promise.all((await scene.inZenml()).connectors.map(async ({ id }) => {
    const { metadata } = await admin.call<{ metadata: { configuration: Record<string, string> } }>(
      'GET', `/service_connectors/${id}?expand_secrets=true`);
    const { error, resources } = await admin.call<{ error: string | null; resources: { error: string | null }[] }>(
      'PUT', `/service_connectors/${id}/verify`);
    return {
      id,
      keyId: metadata.configuration.aws_access_key_id!,
      roleArn: metadata.configuration.role_arn!,
      complaints: [error, ...resources.map((resource) => resource.error)].filter((one) => one !== null),
    };
  }));
}

beforeAll(async () => {
  scene = await LiveScene.open('RotationShared');
  identities = new Identities(scene.cloud.aws);
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(scene.cloud.aws, scene.stack.driver.stackId);
  user = deployed.one('AWS::IAM::User');
});

afterAll(async () => scene.close());

test('three connectors with a role each store the one key of one user, and ZenML verifies them', async () => {
  const found = await connectors();
  expect(found.map(({ complaints }) => complaints)).toEqual([[], [], []]);
  expect(found.map(({ keyId }) => keyId)).toEqual(Array(3).fill((await identities.accessKeys(user))[0]));
  expect(await identities.accessKeys(user)).toHaveLength(1);
  expect(new Set(found.map(({ roleArn }) => roleArn)).size).toBe(3);
});

test('the key can assume the three roles only, and each role may do what its connector is for and nothing of the others', async () => {
  const { aws } = scene.cloud;
  const key = await identities.keysIn(deployed.one('AWS::SecretsManager::Secret'));
  const [bucket] = deployed.all('AWS::S3::Bucket', /ArtifactStore/);
  const [repository] = deployed.all('AWS::ECR::Repository');
  const [project] = deployed.all('AWS::CodeBuild::Project');
  const calls: Record<string, (as: Credentials) => Promise<unknown>> = {
    ArtifactStore: async (as) => new S3Caller(aws, as).call('PUT', `${bucket}/x`, {}, 'x'),
    Registry: async (as) => NEEDED_CALLS['ecr:InitiateLayerUpload']!(new ECRClient(aws.clientOptions(as)), repository!),
    Compute: async (as) => mustCall(aws, as, {
      service: 'codebuild', target: 'CodeBuild_20161006.StartBuild', body: JSON.stringify({ projectName: project }),
    }),
  };
  const assume = async (role: string) =>
    identities.assume(key, { RoleArn: (await identities.role(role)).arn, RoleSessionName: 'zenml-connector-x' });
  for (const own of Object.keys(calls)) {
    const session = await assume(deployed.one('AWS::IAM::Role', new RegExp(`${own}.*AccessRole`)));
    for (const [name, call] of Object.entries(calls)) {
      expect([own, name, await attempt(async () => call(session))]).toEqual([own, name, own === name ? 'allowed' : 'denied']);
      expect([name, await attempt(async () => call(key))]).toEqual([name, 'denied']);
    }
  }
  for (const role of deployed.all('AWS::IAM::Role').filter((name) => !name.includes('AccessRole'))) {
    expect([role, await attempt(async () => assume(role))]).toEqual([role, 'denied']);
  }
});

test('one deploy rotates the key for all connectors, which keep their ids, and writes no component and no stack', async () => {
  const before = await connectors();
  const updated = async () => {
    const { components, stacks } = await scene.inZenml();
    return [...components, ...stacks].map(({ id, body }) => [id, (body as { updated: string }).updated]);
  };
  const untouched = await updated();
  expect(await deploy({ accessKeySerial: 1 })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  const after = await connectors();
  expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  expect(after.map(({ complaints }) => complaints)).toEqual([[], [], []]);
  const keys = await identities.accessKeys(user);
  expect(keys).toHaveLength(1);
  expect(keys).not.toContain(before[0]!.keyId);
  expect(after.map(({ keyId }) => keyId)).toEqual(Array(3).fill(keys[0]));
  expect(await updated()).toEqual(untouched);
});
