import { live, Live, SERVER_SETTINGS } from './support/live';
import { Run } from '../../local/process/run';
import { ServerRegistration } from '../../local/servers/registration';
import { runtimeSettings } from '../../local/servers/runtime-settings';
import { makeServerIdentity } from '../../local/servers/server-identity';
import { severalOfAType } from '../../local/servers/several-of-a-type';
import { changeOfMethod, create, deleteAll, update } from '../../local/servers/steps';
import { attachment } from '../../local/servers/steps-with-others';
import { OLDEST_SUPPORTED } from '../../local/servers/zenml-versions';
import { ZenmlServer } from '../../local/services/zenml';

/*
 * The oldest release of ZenML that the library supports: a registration is created, updated, replaced and deleted. All
 * steps on all releases: npm run test:servers.
 */
let cloud: Live;
let run: Run;
let registration: ServerRegistration;

beforeAll(async () => {
  cloud = await live();
  run = await Run.create();
  const identity = await makeServerIdentity(cloud.aws);
  const name = 'life-floor';
  const zenml = await ZenmlServer.start(run, cloud.pythons.oldestServer, cloud.aws, {
    name, implicitAuthentication: true, awsIdentity: identity.credentials, pythonPath: SERVER_SETTINGS,
  });
  registration = await ServerRegistration.begin(
    { aws: cloud.aws, zenml, identity, database: 'SQLite', version: OLDEST_SUPPORTED },
    name,
    cloud.folder,
  );
});

afterAll(async () => {
  await registration.end();
  await run.end();
});

test(`the oldest supported server, ZenML ${OLDEST_SUPPORTED}, works with create, update, replace and delete`, async () => {
  await create(registration);
  await update(registration);
  await changeOfMethod(registration);
  await attachment(registration);
  await severalOfAType(registration);
  await runtimeSettings(registration);
  await deleteAll(registration);
});
