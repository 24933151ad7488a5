import { LiveFile, LIVE_FILE_VARIABLE, SERVER_SETTINGS } from './live';
import { testBundle } from './test-bundle';
import { Run } from '../../../local/process/run';
import { prepareVenvs, startLocalCloud } from '../../../local/services/local-cloud';

/** jest's global set-up: both services, and an API key as a user of the library would have one. */
export default async function start(): Promise<void> {
  const run = await Run.create();
  (globalThis as { liveRun?: Run }).liveRun = run;
  await prepareVenvs(run);
  const [{ aws, zenml }, bundle] = await Promise.all([
    startLocalCloud(run, { implicitAuthentication: true, pythonPath: SERVER_SETTINGS }),
    testBundle(run.directory('test-bundle')),
  ]);
  const { key } = await zenml.createApiKey('live');
  const content: LiveFile = {
    aws: aws.where,
    zenml: zenml.where,
    apiKey: key,
    folder: run.directory('live'),
    logs: run.logs,
    bundle,
  };
  process.env[LIVE_FILE_VARIABLE] = run.writeSecret('live.json', JSON.stringify(content));
}
