import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBenchCloud } from './cloud';
import { DelayingRelay } from './delaying-relay';
import { Registration } from './registration';
import { spread, Table } from './section';
import { RegistryStack } from '../local/clients/registry-stack';
import { Run } from '../local/process/run';
import { LocalAws } from '../local/services/aws';
import { RecordingProxy } from '../local/services/recording-proxy';

const RUNS = 3;
const ONE_WAY_MS = 30;

export const title = `create and destroy over TLS with a server that is ${ONE_WAY_MS} ms away each way: connections kept, and one connection a call`;

interface Distance {
  readonly proxy: RecordingProxy;
  readonly relay: DelayingRelay;
}

export async function measure(): Promise<Table> {
  const run = await Run.create();
  const { aws, zenml, secretArn, identityArn } = await startBenchCloud(run);
  const distances = { kept: await distant(aws, zenml.url, false), single: await distant(aws, zenml.url, true) };
  try {
    const rows: Record<keyof typeof distances, { create: number[]; destroy: number[]; connections: number[] }> = {
      kept: { create: [], destroy: [], connections: [] }, single: { create: [], destroy: [], connections: [] },
    };
    for (let round = 0; round < RUNS; round++) {
      for (const kind of ['kept', 'single'] as const) {
        const { proxy, relay } = distances[kind];
        const url = `https://127.0.0.1:${relay.port}`;
        const stack = new RegistryStack(aws, `life-distance-${kind}-${round}`, run.directory('bench'));
        const registration = new Registration(stack, {
          url,
          secretArn,
          identityArn,
          certificate: certificate(aws).cert,
        });
        const before = proxy.connections;
        rows[kind].create.push(succeeded(await registration.deploy({}), 'CREATE_COMPLETE'));
        rows[kind].destroy.push(succeeded(await registration.destroy(), 'DELETE_COMPLETE'));
        rows[kind].connections.push(proxy.connections - before);
      }
    }
    return {
      columns: ['connections', 'how many', 'create, whole operation, s', 'destroy, whole operation, s'],
      rows: (['kept', 'single'] as const).map((kind) => [
        kind === 'kept' ? 'kept within an invocation (as it is)' : 'closed by the server after each answer',
        spread(rows[kind].connections, 0),
        spread(rows[kind].create),
        spread(rows[kind].destroy),
      ]),
    };
  } finally {
    for (const { proxy, relay } of Object.values(distances)) {
      await relay.stop();
      await proxy.stop();
    }
    await run.end();
  }
}

async function distant(aws: LocalAws, target: string, closeAfterAnswer: boolean): Promise<Distance> {
  const proxy = await RecordingProxy.start({ target, tls: certificate(aws), closeAfterAnswer });
  return { proxy, relay: await DelayingRelay.start(Number(new URL(proxy.url).port), ONE_WAY_MS) };
}

/** The certificate of the local AWS is one for 127.0.0.1, made anew in each run. */
function certificate(aws: LocalAws): { key: string; cert: string } {
  const read = (name: string) => readFileSync(join(aws.where.home, name), 'utf8');
  return { key: read('server.key'), cert: read('server.crt') };
}

function succeeded(
  { status, failures, seconds }: { status: string; failures: readonly string[]; seconds: number },
  wanted: string,
): number {
  if (status !== wanted) {
    throw new Error(`expected ${wanted}, got ${status}: ${failures.join('; ')}`);
  }
  return seconds;
}
