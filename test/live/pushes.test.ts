import {
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { RemovalPolicy } from 'aws-cdk-lib';
import { TagMutability } from 'aws-cdk-lib/aws-ecr';
import { live } from './support/live';
import { OciRepository } from '../../local/clients/oci-repository';
import { RegistryStack } from '../../local/clients/registry-stack';
import { PrivateRepository } from '../../src/ecr-repository';

/**
 * What images meet in the repositories that the library defines. The local AWS does not judge tag exclusions: template
 * tests do.
 */

let stack: RegistryStack;
let ecr: ECRClient;
let repository: (name: string) => OciRepository;

const NAMES = { Default: 'pushes/default', Odd: 'pushes/a--b__c', Immutable: 'pushes/immutable' };

beforeAll(async () => {
  const cloud = await live();
  stack = cloud.stack('LivePushes');
  const result = await stack.deploy((scope) => {
    // Deleted with the stack, but not emptied.
    const removalPolicy = RemovalPolicy.DESTROY;
    new PrivateRepository(scope, 'Default', { repositoryName: NAMES.Default, removalPolicy });
    new PrivateRepository(scope, 'Odd', { repositoryName: NAMES.Odd, removalPolicy });
    new PrivateRepository(scope, 'Immutable', {
      repositoryName: NAMES.Immutable,
      imageTagMutability: TagMutability.IMMUTABLE,
      removalPolicy,
    });
  });
  expect(result).toMatchObject({ status: 'CREATE_COMPLETE' });
  ecr = new ECRClient(cloud.aws.clientOptions());
  const { authorizationToken, proxyEndpoint } = (await ecr.send(new GetAuthorizationTokenCommand({})))
    .authorizationData![0]!;
  const [username, password] = Buffer.from(authorizationToken!, 'base64').toString().split(':') as [string, string];
  repository = (name) => new OciRepository(cloud.aws, { registry: proxyEndpoint!, username, password }, name);
});

afterAll(async () => {
  for (const repositoryName of Object.values(NAMES)) {
    await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })).catch(() => undefined); // gone already
  }
});

test('a tag that is pushed again moves, as ZenML needs it, and the older image is kept under its digest', async () => {
  const images = repository(NAMES.Default);
  const first = await images.push('pipeline', 'first');
  const second = await images.push('pipeline', 'second');
  expect(second.digest).not.toBe(first.digest);
  expect((await images.pull('pipeline')).digest).toBe(second.digest);
  expect((await images.pull(first.digest)).digest).toBe(first.digest);
  const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName: NAMES.Default }));
  expect(imageDetails!.find(({ imageDigest }) => imageDigest === second.digest)!.imageTags).toEqual(['pipeline']);
});

test('immutable tags refuse the second push, which is why a registry for ZenML must not have them', async () => {
  const images = repository(NAMES.Immutable);
  await images.push('pipeline', 'first');
  await expect(images.push('pipeline', 'second')).rejects.toThrow(/immutable/i);
});

test('a push does not create a repository that nobody defined', async () => {
  await expect(repository('pushes/unknown').push('pipeline')).rejects.toThrow(
    /NAME_UNKNOWN|not known|RepositoryNotFound/i,
  );
});

test('a repository name that aws-cdk refuses and ECR accepts works', async () => {
  const images = repository(NAMES.Odd);
  const image = await images.push('v1');
  expect((await images.pull('v1')).digest).toBe(image.digest);
});

test('an index of several architectures is pulled by tag and by digest', async () => {
  const images = repository(NAMES.Default);
  const amd64 = await images.push('multi-amd64', 'amd64');
  const arm64 = await images.push('multi-arm64', 'arm64');
  const index = await images.pushIndex('multi', { amd64, arm64 });
  const pulled = await images.pull('multi');
  expect(pulled.digest).toBe(index.digest);
  expect((pulled.manifest.manifests as { digest: string }[]).map((one) => one.digest)).toEqual([
    amd64.digest,
    arm64.digest,
  ]);
  expect((await images.pull(index.digest)).digest).toBe(index.digest);
});

test('a repository with images is deleted only with emptyOnDelete', async () => {
  expect((await stack.destroy()).status).toBe('DELETE_FAILED');
  expect((await repository(NAMES.Default).pull('pipeline')).digest).toMatch(/^sha256:/);
});
