import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { LiveScene } from './support/live-scene';
import { ZenmlObject } from '../../local/services/zenml-api';
import { EcrContainerRegistry, EcrContainerRegistryProps } from '../../src';

/*
 * The steps of docs/moving-over.md, from what ZenML's documentation page makes by hand: repository, AWS user with a
 * key, service connector, container registry and ZenML stack, made with the real command line.
 */
const NAME = 'moving-over';
const REPOSITORY = 'livemoving/zenml';

let scene: LiveScene;
let iam: IAMClient;
let images: ECRClient;
let accessKeyId: string;
let before: { connector: string; component: string; stack: string };

beforeAll(async () => {
  scene = await LiveScene.open('LiveMoving');
  const { aws } = scene.cloud;
  [iam, images] = [new IAMClient(aws.clientOptions()), new ECRClient(aws.clientOptions())];
  await images.send(new CreateRepositoryCommand({ repositoryName: REPOSITORY }));
  await iam.send(new CreateUserCommand({ UserName: NAME }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['ecr:*', 'sts:*'], Resource: '*' }],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: NAME, PolicyName: 'ecr', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: NAME }));
  accessKeyId = AccessKey!.AccessKeyId!;
  await zenml(
    'service-connector',
    'register',
    NAME,
    '--type',
    'aws',
    '--resource-type',
    'docker-registry',
    '--auth-method',
    'secret-key',
    `--region=${aws.region}`,
    `--aws_access_key_id=${AccessKey!.AccessKeyId!}`,
    `--aws_secret_access_key=${AccessKey!.SecretAccessKey!}`,
  );
  await zenml(
    'container-registry',
    'register',
    NAME,
    '--flavor=aws',
    `--uri=${aws.account}.dkr.ecr.${aws.region}.amazonaws.com`,
  );
  await zenml('container-registry', 'connect', NAME, '--connector', NAME);
  await zenml('stack', 'register', NAME, '-o', 'default', '-a', 'default', '-c', NAME);
  before = {
    connector: (await byName('service_connectors')).id,
    component: (await byName('components')).id,
    stack: (await byName('stacks')).id,
  };
}, 180_000);

afterAll(async () => {
  await scene.close();
  const { admin } = scene.cloud.zenml;
  for (const [kind, id] of [
    ['stacks', before.stack],
    ['components', before.component],
    ['service_connectors', before.connector],
  ]) {
    await admin.call('DELETE', `/${kind}/${id}`).catch(() => {});
  }
  await images.send(new DeleteRepositoryCommand({ repositoryName: REPOSITORY, force: true }));
});

const zenml = async (...args: string[]) => scene.cloud.zenml.cli(scene.cloud.apiKey, args, scene.cloud.aws);
const byName = async (kind: 'service_connectors' | 'components' | 'stacks') =>
  (await scene.cloud.zenml.admin.list(kind, `&name=equals:${NAME}`))[0]!;
const registriesOf = ({ metadata }: ZenmlObject) =>
  (metadata as { components: Record<string, ZenmlObject[]> }).components.container_registry!.map(({ id }) => id);
const connectorOf = (component: ZenmlObject) => (component.metadata as { connector: ZenmlObject | null }).connector?.id;

const deploy = async (props: Partial<EcrContainerRegistryProps> = {}) => scene.deploy((scope: Stack) => {
  new EcrContainerRegistry(scope, 'Registry', {
    server: scene.server(scope),
    repositories: [ecr.Repository.fromRepositoryName(scope, 'Images', REPOSITORY)],
    stackComponentName: NAME,
    adoptExisting: true,
    ...props,
  });
});

test('a deploy adopts the registry that was made by hand: component and stack keep their ids, and push and pull are proved with a new connector', async () => {
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const [component, stack] = [await byName('components'), await byName('stacks')];
  expect(component.id).toBe(before.component);
  expect(registriesOf(stack)).toEqual([before.component]);
  expect(connectorOf(component)).not.toBe(before.connector);
  expect(await zenml('stack', 'describe', NAME)).toContain(NAME);
});

test('the connector, the user and the key that were made by hand can be deleted, and the registry goes on working', async () => {
  await zenml('service-connector', 'delete', NAME);
  await iam.send(new DeleteUserPolicyCommand({ UserName: NAME, PolicyName: 'ecr' }));
  await iam.send(new DeleteAccessKeyCommand({ UserName: NAME, AccessKeyId: accessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName: NAME }));
  const connector = connectorOf(await byName('components'))!;
  expect(await zenml('service-connector', 'verify', connector, '--resource-type', 'docker-registry')).toContain(
    'dkr.ecr',
  );
  expect(await deploy({ repairTrigger: 'after the move' })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
});

test('with removalPolicy DESTROY a destroy deletes the registry as if the deploy had created it, and keeps the repository', async () => {
  expect((await deploy({ repairTrigger: 'after the move', removalPolicy: RemovalPolicy.DESTROY })).status).toBe(
    'UPDATE_COMPLETE',
  );
  await zenml('stack', 'delete', NAME, '-y');
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE' });
  expect(await scene.cloud.zenml.admin.list('components', `&name=equals:${NAME}`)).toEqual([]);
});
