import { ManyStacks } from './many-stacks';
import { figures, Table } from './section';
import { Run } from '../local/process/run';
import { startLocalCloud } from '../local/services/local-cloud';
import { logins } from '../local/services/recording-proxy';

export const title =
  '100 registries in 50 stacks at once, each event delivered twice, a sandbox for each event in flight, one server';

const REGISTRIES = 100;
const STACKS = 50;

export async function measure(): Promise<Table> {
  const run = await Run.create();
  const { zenml } = await startLocalCloud(run);
  const many = await ManyStacks.start(zenml.url, (await zenml.createApiKey('many')).key, STACKS);
  try {
    const { resources, seconds } = await many.create(REGISTRIES);
    const calls = many.proxy.take();
    const failed = resources.filter(([, answer]) => answer.Status !== 'SUCCESS');
    const present = (await zenml.admin.inventory()).map((line) => line.split(' ')[2]);
    const told = new Set(resources.flatMap(([, answer]) => answer.Data?.Id ?? []));
    const { sandboxes } = many;
    const removed = await many.remove(resources);
    return figures([
      ['objects asked for (connectors, components, stacks)', `${resources.length}`],
      ['failed', `${failed.length}${failed[0] ? ` (${failed[0][1].Reason})` : ''}`],
      ['lost (told, not there)', `${[...told].filter((id) => !present.includes(id)).length}`],
      ['doubled (there, not told)', `${present.filter((id) => !told.has(id!)).length}`],
      [
        'created in',
        `${seconds.toFixed(1)} s, ${calls.length} calls, ${logins(calls)} logins of ${sandboxes} sandboxes`,
      ],
      [
        'failed or turned away by the server (500, 429, 503), and tried again or looked up',
        `${calls.filter((call) => [429, 500, 503].includes(call.status)).length}`,
      ],
      [
        'deleted in',
        `${removed.seconds.toFixed(1)} s, ${removed.failed.length} failed, ${(await zenml.admin.inventory()).length} left`,
      ],
    ]);
  } finally {
    await many.stop();
    await run.end();
  }
}
