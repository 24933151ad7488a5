import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RecordedCall } from './recording-proxy';
import { cleanEnvironment } from '../process/environment';
import { freePort } from '../process/free-port';
import { ROOT } from '../process/paths';
import { Run } from '../process/run';
import { Service } from '../process/service';

/** The recording proxy in a process of its own, in front of a ZenML server. */
export class RecordingFront {
  public static async start(run: Run, target: string): Promise<RecordingFront> {
    const home = run.directory('front');
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const calls = join(home, 'calls.jsonl');
    writeFileSync(calls, '');
    const service = await Service.start({
      name: 'recording proxy',
      command: process.execPath,
      args: ['--import', 'tsx', join(ROOT, 'local', 'services', 'proxy-process.ts'), target, String(port), calls],
      cwd: ROOT,
      log: run.log('recording-proxy'),
      onStart: (record) => run.addService(record),
      timeoutSeconds: 60,
      ready: async () => (await fetch(`${url}/health`, { headers: { connection: 'close' } })).ok,
      env: cleanEnvironment(home),
    });
    const front = new RecordingFront(url, calls, service);
    front.take();
    return front;
  }

  private constructor(public readonly url: string, private readonly calls: string, public readonly service: Service) {}

  /** The calls since the last time, which are then forgotten. */
  public take(): RecordedCall[] {
    if (!existsSync(this.calls)) { return []; }
    const lines = readFileSync(this.calls, 'utf8').split('\n').filter((line) => line !== '');
    truncateSync(this.calls);
    return lines.map((line) => JSON.parse(line) as RecordedCall);
  }
}
