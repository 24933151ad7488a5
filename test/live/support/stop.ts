import { Run } from '../../../local/services/state';

export default async function stop(): Promise<void> {
  await (globalThis as { liveRun?: Run }).liveRun?.end();
}
