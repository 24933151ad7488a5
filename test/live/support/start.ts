import { LiveFile, LIVE_FILE_VARIABLE, SERVER_SETTINGS } from './live';
import { startPythons } from './pythons';
import { testBundle } from './test-bundle';
import { Run } from '../../../local/process/run';
import { ensureAwsVenv, LocalAws } from '../../../local/services/aws';
import { ZenmlServer } from '../../../local/services/zenml';

/** jest's global set-up: both services, and an API key as a user of the library would have one. */
export default async function start(): Promise<void> {
  const run = await Run.create();
  (globalThis as { liveRun?: Run }).liveRun = run;
  const [pythons, aws, bundle] = await Promise.all([
    startPythons(run),
    ensureAwsVenv(run.log('ministack-venv')).then(async (venv) => LocalAws.start(run, venv)),
    testBundle(run.directory('test-bundle')),
  ]);
  const zenml = await ZenmlServer.start(run, pythons.newestServer, aws, {
    implicitAuthentication: true, pythonPath: SERVER_SETTINGS,
  });
  const { key } = await zenml.createApiKey('live');
  const content: LiveFile = {
    aws: aws.where,
    // Its command line is that of a client.
    zenml: { ...zenml.where, venv: pythons.client },
    pythons,
    apiKey: key,
    folder: run.directory('live'),
    logs: run.logs,
    bundle,
  };
  process.env[LIVE_FILE_VARIABLE] = run.writeSecret('live.json', JSON.stringify(content));
}
