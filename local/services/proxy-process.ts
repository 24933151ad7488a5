import { appendFileSync } from 'node:fs';
import { RecordingProxy } from './recording-proxy';

/**
 * The recording proxy as a process of its own: `proxy-process.ts TARGET PORT FILE` adds one JSON line per call to the
 * file. So it lives on with the services when the demo is kept running.
 */
const [target, port, file] = process.argv.slice(2) as [string, string, string];

RecordingProxy.start({
  target,
  port: Number(port),
  onCall: (call) => appendFileSync(file, `${JSON.stringify(call)}\n`),
}).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
