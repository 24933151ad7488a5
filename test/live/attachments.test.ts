import { live, Live } from './support/live';
import { ServerRegistration } from '../../local/servers/registration';
import { makeServerIdentity } from '../../local/servers/server-identity';
import { severalOfAType } from '../../local/servers/several-of-a-type';
import { create, deleteAll } from '../../local/servers/steps';
import { attachment } from '../../local/servers/steps-with-others';
import { NEWEST_TESTED } from '../../src/handler/zenml/server-versions';

/* Components of an app in ZenML stacks of others, on the newest server. The oldest one: floor.test.ts. */
let cloud: Live;
let registration: ServerRegistration;

beforeAll(async () => {
  cloud = await live();
  const { aws, zenml, folder } = cloud;
  const scene = {
    aws, zenml, identity: await makeServerIdentity(aws, 'attachments-zenml-server'), database: 'SQLite', version: NEWEST_TESTED,
  } as const;
  registration = await ServerRegistration.begin(scene, 'life-attachments', folder);
  await create(registration);
});

afterAll(async () => {
  await deleteAll(registration);
  await registration.end();
});

test('a registry displaces the one of another stack, which comes back', async () => {
  await attachment(registration);
});

test('a step operator joins those of another stack and does not become the default', async () => {
  await severalOfAType(registration);
});
