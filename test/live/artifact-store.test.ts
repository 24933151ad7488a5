import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DeployedStack } from './support/deployed-stack';
import { Identities } from './support/identities';
import { LiveScene } from './support/live-scene';
import { person } from './support/person';
import { ZenmlClient } from '../../local/clients/zenml-client';
import { ComponentType, S3ArtifactStore, S3ArtifactStoreProps, StackComponent, ZenMLStack } from '../../src';

/*
 * A real pipeline of the real ZenML client writes and reads its artifacts in S3, with the credentials that the service
 * connector hands out. The local AWS enforces the policies of the role and of the session.
 */
let scene: LiveScene;
let deployed: DeployedStack;
let bucket: string;
let author: ZenmlClient;

interface PipelineRun {
  readonly run: string;
  readonly uri: string;
  readonly value: string;
}

const deploy = async (props: Partial<S3ArtifactStoreProps> = {}) => scene.deploy((scope: Stack) => {
  const server = scene.server(scope);
  const store = new S3ArtifactStore(scope, 'Store', {
    server, prefix: 'team/zenml', dataRemovalPolicy: RemovalPolicy.DESTROY, ...props,
  });
  new s3.Bucket(scope, 'Other', { bucketName: 'live-artifact-store-other', removalPolicy: RemovalPolicy.DESTROY });
  new ZenMLStack(scope, 'Stack', {
    server,
    zenmlStackName: 'live-artifact-store',
    components: [
      store,
      StackComponent.fromStackComponentName(scope, 'Orchestrator', server, ComponentType.ORCHESTRATOR, 'default'),
    ],
  });
});

beforeAll(async () => {
  scene = await LiveScene.open('LiveArtifactStore');
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  deployed = await DeployedStack.of(scene.cloud.aws, scene.stack.driver.stackId);
  bucket = deployed.one('AWS::S3::Bucket', /Store/);
  author = await person(scene.cloud, 'artifact-store-author');
  await author.zenml('stack', 'set', 'live-artifact-store');
});
afterAll(async () => scene.close());

test('a pipeline of two steps hands an artifact over in S3, and a teammate without AWS keys reads it', async () => {
  const made = await author.script<PipelineRun>('two_steps.py', 'least privilege');
  expect(made).toMatchObject({ value: 'least-privilege' });
  expect(made.uri).toMatch(new RegExp(`^s3://${bucket}/team/zenml/join/`));
  expect(await (await person(scene.cloud, 'artifact-store-teammate')).script('read_artifact.py', made.run)).toBe('least-privilege');
});

test('the connector writes, reads, uploads in parts and deletes below the prefix, and is refused beside it and in another bucket', async () => {
  const { connectors } = await scene.inZenml();
  const [inside, beside, elsewhere] = [`${bucket}/team/zenml/x`, `${bucket}/team/x`, 'live-artifact-store-other/x'];
  const answers = await author.script(
    'try_objects.py', connectors[0]!.name, `s3://${bucket}`, inside!, beside!, elsewhere!);
  expect(answers).toEqual({
    [inside!]: ['written', 'read', 'aborted', 'deleted'], [beside!]: ['AccessDenied'], [elsewhere!]: ['AccessDenied'],
  });
});

test('an artifact of 60 MB is written, read back and deleted', async () => {
  expect(await author.script('large_artifact.py')).toEqual({ same: true, gone: true });
});

test('without s3:ListBucket, ZenML says what docs/troubleshooting.md explains: HeadBucket with a connector, CreateBucket without', async () => {
  const identities = new Identities(scene.cloud.aws);
  const roleName = deployed.one('AWS::IAM::Role', /AccessRole/);
  const user = await identities.keysIn(deployed.one('AWS::SecretsManager::Secret'));
  const { accessKeyId, secretAccessKey, sessionToken } = await identities.assume(user, {
    RoleArn: (await identities.role(roleName)).arn, RoleSessionName: 'zenml-connector-x',
  });
  await identities.withoutRight(roleName, 's3:ListBucket', async () => {
    expect(await author.script('make_folder.py', accessKeyId, secretAccessKey, sessionToken!)).toEqual({
      connector: expect.stringMatching(/failed to fetch S3 bucket.*HeadBucket operation: Forbidden/) as string,
      keys: expect.stringMatching(/CreateBucket/) as string,
    });
  });
});

test('a deploy without changes makes no call, and a change of the labels keeps the ids', async () => {
  scene.proxy.take();
  expect((await deploy()).status).toBe('NO_CHANGES');
  expect(scene.proxy.take()).toEqual([]);
  const ids = await scene.idsInZenml();
  expect(await deploy({ labels: { team: 'ml' } })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(await scene.idsInZenml()).toEqual(ids);
});

test('a destroy deletes connector, component and stack, and what the app defines in AWS', async () => {
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await scene.idsInZenml()).toEqual([]);
  expect(await scene.inAws()).toEqual([]);
});
