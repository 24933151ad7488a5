import { Run } from '../../../local/process/run';

export default async function stop(): Promise<void> {
  await (globalThis as { liveRun?: Run }).liveRun?.end();
}
