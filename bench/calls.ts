import { startBenchCloud } from './cloud';
import { CommandLine } from './command-line';
import { Registration, ServerAddress } from './registration';
import { median, spread, Table } from './section';
import { RegistryStack } from '../local/clients/registry-stack';
import { StackResult } from '../local/clients/stack-driver';
import { Run } from '../local/process/run';
import { logins, RecordedCall, RecordingProxy } from '../local/services/recording-proxy';

export const title = 'connector + container registry + ZenML stack, step by step, beside the zenml command line';

const RUNS = 5;

/** What a step must end with. */
type Step = readonly [name: string, status: string, work: (registration: Registration) => Promise<StackResult>];

const STEPS: readonly Step[] = [
  ['create', 'CREATE_COMPLETE', async (registration) => registration.deploy({})],
  ['unchanged', 'NO_CHANGES', async (registration) => registration.deploy({})],
  ['description', 'UPDATE_COMPLETE', async (registration) => registration.deploy({ description: 'two' })],
  ['rotate the key', 'UPDATE_COMPLETE', async (registration) => registration.deploy({ description: 'two', serial: 1 })],
  [
    'change of method',
    'UPDATE_COMPLETE',
    async (registration) => registration.deploy({ description: 'two', implicit: true }),
  ],
  [
    'failed update and its rollback',
    'UPDATE_ROLLBACK_COMPLETE',
    async (registration) => {
      const result = await registration.deploy({ description: 'three', implicit: true, refused: true });
      registration.isRolledBackTo({ description: 'two', implicit: true });
      return result;
    },
  ],
  ['destroy', 'DELETE_COMPLETE', async (registration) => registration.destroy()],
];
const STEPS_OF_FIVE: readonly Step[] = [
  ['create, five objects', 'CREATE_COMPLETE', async (registration) => registration.deploy({ five: true })],
  ['destroy, five objects', 'DELETE_COMPLETE', async (registration) => registration.destroy()],
];

interface Measured {
  readonly calls: readonly RecordedCall[];
  readonly connections: number;
  readonly seconds: number;
}

/** By step. */
type Runs = Map<string, Measured[]>;

export async function measure(): Promise<Table> {
  const run = await Run.create();
  const { aws, zenml, apiKey, secretArn, identityArn } = await startBenchCloud(run);
  const proxy = await RecordingProxy.start({ target: zenml.url });
  try {
    const address: ServerAddress = { url: proxy.url, secretArn, identityArn };
    const byHand = await CommandLine.prepare(aws, zenml, proxy, apiKey);
    const [cold, warm, unproved, commandLine]: [Runs, Runs, Runs, Runs] = [new Map(), new Map(), new Map(), new Map()];
    const variants = [
      ['cold', cold, true, true],
      ['warm', warm, false, true],
      ['unproved', unproved, true, false],
    ] as const;
    for (let round = 0; round < RUNS; round++) {
      for (const [name, runs, isCold, isProved] of variants) {
        for (const [index, steps] of [STEPS, STEPS_OF_FIVE].entries()) {
          const stack = new RegistryStack(aws, `life-${name}-${round}-${index}`, run.directory('bench'));
          await live(new Registration(stack, address, isProved), steps, proxy, isCold, runs);
        }
      }
      add(commandLine, 'create', await observed(proxy, async () => byHand.create()));
      add(commandLine, 'destroy', await observed(proxy, async () => byHand.delete()));
    }
    return tableOf({ cold, warm, unproved, commandLine });
  } finally {
    await proxy.stop();
    await run.end();
  }
}

async function live(
  registration: Registration,
  steps: readonly Step[],
  proxy: RecordingProxy,
  isCold: boolean,
  runs: Runs,
): Promise<void> {
  for (const [name, status, work] of steps) {
    if (isCold && name !== steps[0]![0]) {
      await registration.recycle();
    }
    const measured = await observed(proxy, async () => {
      const result = await work(registration);
      if (result.status !== status) {
        throw new Error(`${name}: expected ${status}, got ${result.status}: ${result.failures.join('; ')}`);
      }
    });
    add(runs, name, measured);
  }
}

async function observed(proxy: RecordingProxy, work: () => Promise<void>): Promise<Measured> {
  proxy.take();
  const [connections, began] = [proxy.connections, Date.now()];
  await work();
  return { calls: proxy.take(), connections: proxy.connections - connections, seconds: (Date.now() - began) / 1000 };
}

function add(runs: Runs, name: string, measured: Measured): void {
  runs.set(name, [...runs.get(name) ?? [], measured]);
}

function tableOf({
  cold,
  warm,
  unproved,
  commandLine,
}: Record<'cold' | 'warm' | 'unproved' | 'commandLine', Runs>): Table {
  const whole = (runs: readonly Measured[]) => spread(runs.map(({ seconds }) => seconds));
  const rows = [...cold.keys()].map((name) => {
    const [ours, kept, without, hand] = [cold.get(name)!, warm.get(name)!, unproved.get(name)!, commandLine.get(name)];
    return [
      name,
      callsOf(ours),
      counts(ours, ({ connections }) => connections),
      spread(ours.map(atZenml)),
      spread(ours.map(beyondFloor)),
      spread(ours.map(otherCalls)),
      whole(ours),
      callsOf(without),
      spread(without.map(beyondFloor)),
      whole(without),
      callsOf(kept),
      whole(kept),
      ...(hand ? [callsOf(hand), whole(hand), (secondsOf(ours) / secondsOf(hand)).toFixed(2)] : ['-', '-', '-']),
    ];
  });
  return {
    columns: [
      'step',
      'calls (logins)',
      'connections',
      'at ZenML, s',
      'of that beyond the floor, s',
      'of that in the server, s',
      'whole operation, s',
      'without proof: calls (logins)',
      'without proof: beyond the floor, s',
      'without proof: whole operation, s',
      'warm: calls (logins)',
      'warm: whole operation, s',
      'by hand: calls (logins)',
      'by hand: s',
      'ratio to by hand',
    ],
    rows,
    bars: ['create', 'destroy'].map((work) => ({
      work,
      library: secondsOf(cold.get(work)!),
      commandLine: secondsOf(commandLine.get(work)!),
    })),
  };
}

function secondsOf(runs: readonly Measured[]): number {
  return median(runs.map(({ seconds }) => seconds));
}

/** `8 (1)`; the range where the rounds differ. */
function callsOf(runs: readonly Measured[]): string {
  return `${counts(runs, ({ calls }) => calls.length)} (${counts(runs, ({ calls }) => logins([...calls]))})`;
}

function counts(runs: readonly Measured[], count: (measured: Measured) => number): string {
  return spread(runs.map(count), 0);
}

/** From the beginning of the first call to the end of the last one, in seconds. */
function atZenml({ calls }: Measured): number {
  if (calls.length === 0) { return 0; }
  return (
    (Math.max(...calls.map(({ began, milliseconds }) => began + milliseconds))
      - Math.min(...calls.map(({ began }) => began)))
    / 1000
  );
}

/**
 * What login, verification and credentials for Docker do not take by themselves at the server: those are the floor of
 * any client that logs in with an API key, verifies and proves.
 */
function beyondFloor(measured: Measured): number {
  return Math.max(0, atZenml(measured) - secondsOfCalls(measured, isFloor));
}

/** The server's time for the calls that are not the floor, mostly the writes of the objects. */
function otherCalls(measured: Measured): number {
  return secondsOfCalls(measured, (call) => !isFloor(call));
}

function isFloor({ path }: RecordedCall): boolean {
  return /\/(login|verify|client)$/.test(path);
}

function secondsOfCalls({ calls }: Measured, which: (call: RecordedCall) => boolean): number {
  return calls.filter(which).reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
}
