import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { live, Live, SERVER_SETTINGS } from './support/live';
import { Run } from '../../local/process/run';
import { expectEqual, succeeded } from '../../local/servers/checks';
import { ServerRegistration } from '../../local/servers/registration';
import { makeServerIdentity, ServerIdentity } from '../../local/servers/server-identity';
import {
  changeOfMethod,
  create,
  deleteAll,
  rename,
  rotation,
  unchanged,
  update,
  verify,
} from '../../local/servers/steps';
import { OLDEST_SUPPORTED } from '../../local/servers/zenml-versions';
import { DATABASE_FILE, ZENML_VERSION, ZenmlServer } from '../../local/services/zenml';

/*
 * What happens to a ZenML server between two deploys: an upgrade, a restored backup, a new server at the same URL. Each
 * test continues with the deployment of the one before it.
 */
let cloud: Live;
let run: Run;
let identity: ServerIdentity;
let registration: ServerRegistration;
let zenml: ZenmlServer;

beforeAll(async () => {
  cloud = await live();
  run = await Run.create();
  identity = await makeServerIdentity(cloud.aws, 'changing-zenml-server');
});
afterAll(async () => {
  await registration.end();
  await run.end();
});

async function start(name: string, version: string = ZENML_VERSION, succeeds?: ZenmlServer): Promise<ZenmlServer> {
  const { oldestServer, newestServer } = cloud.pythons;
  const venv = version === OLDEST_SUPPORTED ? oldestServer : newestServer;
  zenml = await ZenmlServer.start(run, venv, cloud.aws, {
    name,
    succeeds,
    implicitAuthentication: true,
    awsIdentity: identity.credentials,
    pythonPath: SERVER_SETTINGS,
  });
  return zenml;
}

async function begin(name: string, version: string = ZENML_VERSION): Promise<void> {
  registration = await ServerRegistration.begin(
    { aws: cloud.aws, zenml: await start(name, version), identity, database: 'SQLite', version },
    name,
    cloud.folder,
  );
}

/** Stops the server, and starts one at the same address. */
async function restart(
  name: string,
  version: string = ZENML_VERSION,
  whileStopped: () => void = () => {},
): Promise<void> {
  const before = zenml;
  await before.stop();
  whileStopped();
  registration.continueOn(await start(name, version, before));
}

test(`a server that is upgraded from ${OLDEST_SUPPORTED} to ${ZENML_VERSION} between two deploys keeps its objects, and all changes work`, async () => {
  await begin('life-upgraded', OLDEST_SUPPORTED);
  await create(registration);
  await restart('life-upgraded');
  await unchanged(registration);
  await update(registration);
  await rotation(registration);
});

test('a server that is restored from a backup gets the state of the template with the next repairTrigger, and keeps only what the backup restored', async () => {
  const database = join(run.directory('life-upgraded'), DATABASE_FILE);
  // Nobody calls the server now, so the file is complete.
  cpSync(database, `${database}.backup`);
  await changeOfMethod(registration);
  await restart('life-upgraded', ZENML_VERSION, () => cpSync(`${database}.backup`, database));
  succeeded(await registration.refresh('restored'), 'UPDATE_COMPLETE');
  // CloudFormation has deleted this connector, and the backup brought it back. The log of the function names it.
  expect(await registration.deleteUnusedConnectors()).toBe(1);
  await verify(registration);
  await rename(registration);
});

test('a new server at the same URL gets all objects with the next repairTrigger, once the secret has an API key of the new server', async () => {
  await restart('new-server');
  const refused = await registration.refresh('with the old key');
  expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(refused.failures.join()).toMatch(/API key/);
  await registration.renewApiKey();
  expect((await registration.refresh('with a new key')).status).toBe('UPDATE_COMPLETE');
  await verify(registration);
});

test('a stack whose server was replaced can be deleted with a new API key, without another deploy before', async () => {
  await restart('empty-server');
  await registration.renewApiKey();
  await deleteAll(registration);
  expectEqual(await zenml.admin.inventory(), [], 'objects of the new server');
});
