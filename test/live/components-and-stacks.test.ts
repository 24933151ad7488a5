import { live, Live } from './support/live';
import { ServerRegistration } from '../../local/servers/registration';
import { runtimeSettings } from '../../local/servers/runtime-settings';
import { makeServerIdentity } from '../../local/servers/server-identity';
import { severalOfAType } from '../../local/servers/several-of-a-type';
import { create, deleteAll } from '../../local/servers/steps';
import { attachment } from '../../local/servers/steps-with-others';
import { NEWEST_TESTED } from '../../src/handler/zenml/server-versions';

/*
 * Settings of components and stacks, and components in ZenML stacks of others, on the newest server. The oldest server:
 * floor.test.ts.
 */
let cloud: Live;
let registration: ServerRegistration;

beforeAll(async () => {
  cloud = await live();
  const { aws, zenml, folder } = cloud;
  const scene = {
    aws, zenml, identity: await makeServerIdentity(aws, 'components-zenml-server'), database: 'SQLite', version: NEWEST_TESTED,
  } as const;
  registration = await ServerRegistration.begin(scene, 'life-components', folder);
  await create(registration);
});

afterAll(async () => {
  await deleteAll(registration);
  await registration.end();
});

test('a registry displaces the one of another stack, which comes back', async () => {
  await attachment(registration);
});

test('a component and a stack have the environment variables and secrets of the template, beside those of others', async () => {
  await runtimeSettings(registration);
});

test('a step operator joins those of another stack and does not become the default', async () => {
  await severalOfAType(registration);
});
