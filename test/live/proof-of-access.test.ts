import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  ECRClient,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { Aspects, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { LiveScene } from './support/live-scene';
import { describeCalls } from '../../local/services/recording-proxy';
import { EcrContainerRegistry } from '../../src';

/*
 * A deploy succeeds only where a pipeline could push and pull. The real ZenML server hands out the Docker credentials,
 * and the local AWS judges them by IAM and by the repository's policy (local/ministack/registry_access.py).
 */
const OTHER = 'liveproof-other';

let scene: LiveScene;
let client: ECRClient;

interface Wish {
  /** An action that the access role is denied. */
  readonly denied?: string;
  /** The registry also has a repository that exists. */
  readonly other?: boolean;
  /** The registry also has another repository of the stack. */
  readonly second?: boolean;
}

const deploy = async ({ denied, other, second }: Wish = {}) => scene.deploy((scope: Stack) => {
  new EcrContainerRegistry(scope, 'Registry', {
    server: scene.server(scope),
    repositoryNames: [scene.repositoryName, ...second ? ['liveproof-second'] : []],
    repositories: other ? [ecr.Repository.fromRepositoryName(scope, 'Other', OTHER)] : undefined,
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
  });
  if (!denied) { return; }
  Aspects.of(scope).add({
    visit: (node) => {
      if (
        !(node instanceof CfnResource)
        || node.cfnResourceType !== 'AWS::IAM::Policy'
        || !node.node.path.includes('/PushAndPull')
      ) {
        return;
      }
      node.addPropertyOverride('PolicyDocument.Statement.1', { Effect: 'Deny', Action: denied, Resource: '*' });
    },
  });
});

beforeAll(async () => {
  scene = await LiveScene.open('LiveProof');
  client = new ECRClient(scene.cloud.aws.clientOptions());
  await client.send(new CreateRepositoryCommand({ repositoryName: OTHER }));
});
afterAll(async () => {
  await scene.close();
  await client.send(new DeleteRepositoryCommand({ repositoryName: OTHER, force: true }));
});

test.each([
  ['push to', 'ecr:InitiateLayerUpload'],
  ['pull from', 'ecr:BatchGetImage'],
])('a Create whose role may not %s the repository fails, names %s, and leaves nothing', async (what, denied) => {
  const result = await deploy({ denied });
  expect(result.status).toBe('ROLLBACK_COMPLETE');
  expect(result.failures.join()).toContain(`may not ${what} ECR repository "${scene.repositoryName}"`);
  expect(result.failures.join()).toContain(
    `remove the statement that denies ${denied} from the policy of the connector's role or user`,
  );
  expect(await scene.idsInZenml()).toEqual([]);
  await scene.stack.destroy();
});

test('a Create whose role has both permissions succeeds, with one call more to ZenML', async () => {
  scene.proxy.take();
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const calls = describeCalls(scene.proxy.take());
  expect(JSON.stringify(calls).match(/\/client/g)).toHaveLength(1);
});

test('an unchanged deploy makes no call', async () => {
  await deploy();
  expect(scene.proxy.take()).toEqual([]);
});

test('an Update that adds a repository proves it, and does not write the component', async () => {
  expect(await deploy({ second: true })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  const calls = scene.proxy.take();
  expect(calls.filter(({ path }) => path.includes('/client'))).toHaveLength(1);
  expect(calls.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/login'))).toEqual([]);
});

test('an Update with a repository whose own policy denies pushes is refused, and the component is unchanged', async () => {
  const component = async () => {
    const [{ id, metadata }] = (await scene.inZenml()).components as unknown as [
      { id: string; metadata: Record<string, unknown> },
    ];
    return { id, configuration: metadata.configuration, connector: (metadata.connector as { id: string }).id };
  };
  const before = await component();
  const policyText = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 'ecr:InitiateLayerUpload' }],
  });
  await client.send(new SetRepositoryPolicyCommand({ repositoryName: OTHER, policyText }));
  const result = await deploy({ other: true });
  await client.send(new DeleteRepositoryPolicyCommand({ repositoryName: OTHER }));
  expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(result.failures.join()).toContain(
    "remove the statement that denies ecr:InitiateLayerUpload from the repository's policy",
  );
  expect(await component()).toEqual(before);
});

test('the same deploy succeeds after the policy is removed', async () => {
  expect((await deploy({ other: true })).status).toBe('UPDATE_COMPLETE');
});

test('a role that loses its permission to push fails the next change, and the rollback ends well', async () => {
  const result = await deploy({ denied: 'ecr:InitiateLayerUpload' });
  expect(result.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(result.failures.join()).toContain(`may not push to ECR repository "${scene.repositoryName}"`);
});
