import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { live, Live } from './support/live';
import { Run } from '../../local/process/run';
import { expectEqual, succeeded } from '../../local/servers/checks';
import { Life } from '../../local/servers/life';
import { makeServerIdentity, ServerIdentity } from '../../local/servers/server-identity';
import { ensureServerVenv, OLDEST_SUPPORTED } from '../../local/servers/zenml-versions';
import { DATABASE_FILE, ZENML_VERSION, ZenmlServer } from '../../local/services/zenml';

/*
 * What happens to a ZenML server between two deploys: an upgrade, a restored backup, a new server at the same URL. Each test continues with the
 * deployment of the one before it.
 */
let cloud: Live;
let run: Run;
let identity: ServerIdentity;
let life: Life;
let zenml: ZenmlServer;

beforeAll(async () => {
  cloud = await live();
  run = await Run.create();
  identity = await makeServerIdentity(cloud.aws, 'changing-zenml-server');
});
afterAll(async () => {
  await life.end();
  await run.end();
});

async function start(name: string, version: string = ZENML_VERSION, succeeds?: ZenmlServer): Promise<ZenmlServer> {
  const venv = await ensureServerVenv(version, run.log('venv'));
  zenml = await ZenmlServer.start(run, venv, cloud.aws, { name, succeeds, implicitAuthentication: true, awsIdentity: identity.credentials });
  return zenml;
}

async function begin(name: string, version: string = ZENML_VERSION): Promise<void> {
  life = await Life.begin({ aws: cloud.aws, zenml: await start(name, version), identity, database: 'SQLite', version }, name, cloud.folder);
}

/** Stops the server, and starts one at the same address. */
async function restart(name: string, version: string = ZENML_VERSION, whileStopped: () => void = () => {}): Promise<void> {
  const before = zenml;
  await before.stop();
  whileStopped();
  life.continueOn(await start(name, version, before));
}

test(`a server that is upgraded from ${OLDEST_SUPPORTED} to ${ZENML_VERSION} between two deploys keeps its objects, and all changes work`, async () => {
  await begin('life-upgraded', OLDEST_SUPPORTED);
  await life.create();
  await restart('life-upgraded');
  await life.unchanged();
  await life.update();
  await life.rotation();
});

test('a server that is restored from a backup gets the state of the template with the next refreshToken, and keeps only what the backup restored', async () => {
  const database = join(run.directory('life-upgraded'), DATABASE_FILE);
  await restart('life-upgraded', ZENML_VERSION, () => cpSync(database, `${database}.backup`));
  await life.changeOfMethod();
  await restart('life-upgraded', ZENML_VERSION, () => cpSync(`${database}.backup`, database));
  succeeded(await life.refresh('restored'), 'UPDATE_COMPLETE');
  // CloudFormation has deleted this connector, and the backup brought it back. The log of the function names it.
  expect(await life.deleteUnusedConnectors()).toBe(1);
  await life.verify();
  await life.rename();
});

test('a new server at the same URL gets all objects with the next refreshToken, once the secret has an API key of the new server', async () => {
  await restart('new-server');
  const refused = await life.refresh('with the old key');
  expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(refused.failures.join()).toMatch(/API key/);
  await life.renewApiKey();
  expect((await life.refresh('with a new key')).status).toBe('UPDATE_COMPLETE');
  await life.verify();
});

test('a stack whose server was replaced can be deleted with a new API key, without another deploy before', async () => {
  await restart('empty-server');
  await life.renewApiKey();
  await life.delete();
  expectEqual(await zenml.admin.inventory(), [], 'objects of the new server');
});
