import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Identities } from './support/identities';
import { SERVER_SETTINGS } from './support/live';
import { LiveScene } from './support/live-scene';
import { Run } from '../../local/process/run';
import { storeSecret } from '../../local/services/local-cloud';
import { RecordingProxy } from '../../local/services/recording-proxy';
import { ZenmlServer } from '../../local/services/zenml';
import { ZenmlApi, ZenmlObject } from '../../local/services/zenml-api';
import { ConnectorAuthentication, RegistryAuthentication } from '../../src';

/*
 * Changes that must not hurt: while each is deployed, somebody asks all the time whether the ZenML stack has a registry
 * whose connector hands out Docker credentials. On a server of its own, which has an AWS identity (the shared one has
 * none, or another test's).
 */
const USER = 'changes-server';
const OTHER_REGION = 'eu-west-1';
const ELSEWHERE = `arn:aws:ecr:${OTHER_REGION}:111122223333:repository/elsewhere`;
const OTHER_HOST = `111122223333.dkr.ecr.${OTHER_REGION}.amazonaws.com`;

interface Wish {
  readonly implicit?: boolean;
  readonly labels?: Record<string, string>;
  readonly names?: {
    readonly stackComponentName: string;
    readonly serviceConnectorName: string;
    readonly zenmlStackName: string;
  };
  readonly sessionDuration?: Duration;
  readonly repositories?: string[];
  readonly role?: boolean;
  readonly serial?: number;
  /** Repository in another Region: another registry host. */
  readonly elsewhere?: boolean;
  readonly at?: 'another URL' | 'another server';
  /** The API key stands in another secret, and the one before is in the template no more. */
  readonly otherSecret?: boolean;
}

let run: Run;
let scene: LiveScene;
let identities: Identities;
let zenml: ZenmlServer;
let proxies: { first: RecordingProxy; second: RecordingProxy };
let keyArn: string;
let otherKeyArn: string;
let userArn: string;
let ids: string[];

const deploy = async (wish: Wish = {}) => scene.deploy((scope: Stack) => {
  const url = wish.at === 'another URL' ? proxies.second.url : proxies.first.url;
  const server = scene.server(scope, {
    awsIdentity: new iam.ArnPrincipal(userArn),
    implicitAuthentication: true,
    ...(wish.at === 'another server'
      ? {}
      : { url, apiKey: Secret.fromSecretCompleteArn(scope, 'OwnKey', wish.otherSecret ? otherKeyArn : keyArn) }),
  });
  const { zenmlStackName, ...names } = wish.names ?? {};
  const role = wish.role ? new iam.Role(scope, 'OwnRole', { assumedBy: new iam.AccountRootPrincipal() }) : undefined;
  scene.registryInStack(scope, server, {
    ...names,
    labels: wish.labels,
    repositoryNames: wish.elsewhere ? [] : [scene.repositoryName, ...wish.repositories ?? []],
    repositories: wish.elsewhere ? [ecr.Repository.fromRepositoryArn(scope, 'Elsewhere', ELSEWHERE)] : [],
    repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true },
    authentication: RegistryAuthentication.connector(wish.implicit
      ? ConnectorAuthentication.implicit()
      : ConnectorAuthentication.iamRole({ sessionDuration: wish.sessionDuration, role, accessKeySerial: wish.serial })),
  }, { zenmlStackName });
});

async function objects(admin: ZenmlApi = zenml.admin): Promise<ZenmlObject[]> {
  const all = [
    ...(await admin.list('service_connectors')),
    ...(await admin.list('components')),
    ...(await admin.list('stacks')),
  ];
  return all.filter((object) => JSON.stringify(object.metadata).includes(`:stack/${scene.stack.name}/`));
}

const idsNow = async () => (await objects()).map((object) => object.id);

/** Deploys while looking; what was seen that should not be. */
async function deployWatched(wish: Wish): Promise<void> {
  const troubles: string[] = [];
  let looks = 0;
  let over = false;
  const look = async () => {
    const stack = await zenml.admin.call<{ metadata: { components: Record<string, { id: string }[]> } }>(
      'GET',
      `/stacks/${ids[2]}`,
    );
    const component = stack.metadata.components.container_registry?.[0]?.id;
    if (!component) { troubles.push('the stack has no registry'); return; }
    const { connector } = (
      await zenml.admin.call<{ metadata: { connector: { id: string } | null } }>('GET', `/components/${component}`)
    ).metadata;
    if (!connector) { troubles.push('the registry has no connector'); return; }
    await zenml.admin.call('GET', `/service_connectors/${connector.id}/client?resource_type=docker-registry`);
  };
  const watching = (async () => {
    while (!over) {
      // An object that is deleted between two of a look's questions is no trouble: who asks again gets the new one.
      await look().catch(async () => look()).catch((error: Error) => { troubles.push(error.message); });
      looks++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const result = await deploy(wish);
  over = true;
  await watching;
  expect(result).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
  expect(troubles).toEqual([]);
  expect(looks).toBeGreaterThan(0);
}

beforeAll(async () => {
  run = await Run.create();
  scene = await LiveScene.open('LiveChanges');
  identities = new Identities(scene.cloud.aws);
  const user = await identities.makeUser(USER, {
    Action: ['sts:AssumeRole'],
    Resource: 'arn:aws:iam::111122223333:role/LiveChanges-*',
  });
  userArn = user.arn;
  zenml = await ZenmlServer.start(run, scene.cloud.pythons.newestServer, scene.cloud.aws, {
    implicitAuthentication: true, awsIdentity: user.credentials, pythonPath: SERVER_SETTINGS,
  });
  proxies = {
    first: await RecordingProxy.start({ target: zenml.url }),
    second: await RecordingProxy.start({ target: zenml.url }),
  };
  keyArn = await storeSecret(scene.cloud.aws, 'live/LiveChanges-own', (await zenml.createApiKey('changes')).key);
  otherKeyArn = await storeSecret(
    scene.cloud.aws,
    'live/LiveChanges-other',
    (await zenml.createApiKey('changes-other')).key,
  );
  const elsewhere = new ECRClient({ ...scene.cloud.aws.clientOptions(), region: OTHER_REGION });
  await elsewhere.send(new CreateRepositoryCommand({ repositoryName: 'elsewhere' }));
  expect(await deploy()).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  ids = await idsNow();
  expect(ids).toHaveLength(3);
});

afterAll(async () => {
  await scene.close();
  await new ECRClient({ ...scene.cloud.aws.clientOptions(), region: OTHER_REGION }).send(
    new DeleteRepositoryCommand({ repositoryName: 'elsewhere', force: true }),
  );
  await identities.deleteUser(USER);
  await proxies.first.stop();
  await proxies.second.stop();
  await run.end();
});

describe('changes in place', () => {
  test.each<[string, Wish]>([
    ['labels', { labels: { team: 'b' } }],
    ['the lifetime of the credentials', { sessionDuration: Duration.minutes(30) }],
    ['one more repository', { repositories: ['livechanges-second'] }],
    ['credentials', { serial: 1 }],
    ['role', { serial: 1, role: true }],
    [
      'names',
      {
        serial: 1,
        role: true,
        names: {
          stackComponentName: 'livechanges-registry',
          serviceConnectorName: 'livechanges-connector',
          zenmlStackName: 'livechanges-stack',
        },
      },
    ],
    ['the URL of the same server', { serial: 1, role: true, at: 'another URL' }],
  ])('a change of %s keeps the ids of connector, component and stack', async (_, wish) => {
    await deployWatched(wish);
    expect(await idsNow()).toEqual(ids);
  });
});

describe('replacements, with a working registry at every moment', () => {
  // The old connector's cleanup Delete comes when its binding and the right to its secret have left the template.
  test.each<[string, Wish]>([
    ['the method iamRole becomes implicit', { implicit: true }],
    ['the method implicit becomes iamRole, and the API key moves to another secret', { otherSecret: true }],
    ['the method iamRole becomes implicit again, and the API key moves back', { implicit: true }],
  ])(
    'the connector is replaced, and component and stack stay, when %s', async (_, wish) => {
      await deployWatched(wish);
      const now = await idsNow();
      expect(now).toEqual([expect.not.stringMatching(ids[0]!), ids[1], ids[2]]);
      ids = now;
    });

  test('another registry host replaces connector and component, and the stack stays', async () => {
    await deployWatched({ elsewhere: true });
    const [connector, component, stack] = await objects();
    expect(component!.metadata).toMatchObject({ configuration: { uri: OTHER_HOST }, connector: { id: connector!.id } });
    expect([connector!.id === ids[0], component!.id === ids[1], stack!.id]).toEqual([false, false, ids[2]]);
    ids = await idsNow();
  });

  test('another server gets all three objects, and the former server has none', async () => {
    expect(await deploy({ at: 'another server' })).toMatchObject({ status: 'UPDATE_COMPLETE', failures: [] });
    expect((await objects(scene.cloud.zenml.admin)).length).toBe(3);
    expect(await objects()).toEqual([]);
  });
});
