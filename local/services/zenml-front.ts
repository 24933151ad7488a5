import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './environment';
import { ROOT } from './paths';
import { freePort } from './ports';
import { Service } from './process';
import { RecordedCall } from './recording-proxy';
import { Run } from './state';

/** The recording proxy in a process of its own, in front of a ZenML server. */
export class ZenmlFront {
  public static async start(run: Run, target: string): Promise<ZenmlFront> {
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
      ready: async () => (await fetch(`${url}/health`)).ok,
      env: cleanEnvironment(home),
    });
    const front = new ZenmlFront(url, calls, service);
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
