import { AwsAccount, AwsFunction } from './aws-account';
import { EventQueue } from './lambda-queue';

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** A process of the function: it keeps its memory between invocations and does one at a time. */
export class Environment {
  public alive = true;
  public busy = false;
  /** Which invocation this is, of all that the process has served. */
  public invocation = 0;
  private calls = 0;
  private crash?: Crash;
  private onDeath?: () => void;

  public constructor(public readonly fn: AwsFunction) {}

  public start(crash: Crash | undefined, onDeath: () => void): void {
    Object.assign(this, { busy: true, invocation: this.invocation + 1, calls: 0, crash, onDeath });
  }

  public die(): void {
    this.alive = false;
    this.onDeath?.();
  }

  /** Every touch of the outside goes through here: a dead process never hears of its result. */
  public async reach<T>(work: () => Promise<T>): Promise<T> {
    const call = this.calls++;
    if (this.alive && this.crash && !this.crash.afterwards && call === this.crash.atCall) { this.die(); }
    if (!this.alive) { return never(); }
    try {
      const result = await work();
      if (this.alive && this.crash?.afterwards && call === this.crash.atCall) { this.die(); }
      return this.alive ? result : await never<T>();
    } catch (error) {
      if (!this.alive) { return never(); }
      throw error;
    }
  }

  /** For callbacks of timers. */
  public guard(ring: () => void): () => void {
    return () => { if (this.alive) { ring(); } };
  }
}

const never = <T>() => new Promise<T>(() => undefined);

/** The process dies at its n-th call of the outside, before or after that call had its effect. */
interface Crash {
  readonly atCall: number;
  readonly afterwards: boolean;
}

/** What happens to one event on its way. */
export interface Delivery {
  /** Queueing before the first run, in milliseconds. */
  readonly delay?: number;
  /** More deliveries of the same event, so many milliseconds after it was sent. */
  readonly duplicates?: readonly number[];
  /** First run only. */
  readonly crash?: Crash;
  /** The event gets lost on its way. */
  readonly lost?: boolean;
}

/** How long it takes to make a function's network interfaces anew: "about a minute". */
const WAKING_MS = 70_000;

/** Asynchronous invocation: queue, retries after errors, duplicates, processes that live on. */
export class LambdaService {
  /** Handler errors and crashes, for tests to look at. */
  public readonly failures: string[] = [];
  /** Set by tests: what happens to an event. */
  public deliver: (event: unknown) => Delivery;
  /** How many processes may be at work at the same time, of all functions. */
  public concurrency = Infinity;
  public readonly queue: EventQueue;
  private running = 0;
  /** Functions that were idle for weeks: from when on they are ready again, once somebody has called. */
  private readonly inactive = new Map<string, number | undefined>();
  private readonly pools = new Map<string, { environment: Environment; handler: Handler }[]>();

  public constructor(
    private readonly account: AwsAccount,
    private readonly load: (environment: Environment) => Handler,
  ) {
    this.deliver = () => ({});
    this.queue = new EventQueue(account.clock);
  }

  /** False when there is no such function. */
  public invoke(arn: string, event: unknown): boolean {
    const fn = this.account.functions.get(arn);
    if (!fn) {
      return false;
    }
    const delivery = this.deliver(event);
    const sent = this.account.clock.now();
    const deliveries = [...(delivery.lost ? [] : [delivery.delay ?? 50]), ...(delivery.duplicates ?? [])];
    deliveries.forEach((delay, index) => {
      this.account.clock.alarm(delay, () =>
        this.attempt(arn, event, sent, 0, index === 0 ? delivery.crash : undefined),
      );
    });
    return true;
  }

  /** Lambda may end idle processes at any time, and with them what they remember. */
  public recycle(): void {
    for (const pool of this.pools.values()) {
      pool.splice(0, pool.length, ...pool.filter(({ environment }) => environment.busy));
    }
  }

  /**
   * No function has run for weeks: the next invocation wakes it, and fails like those after it for the time that this
   * takes.
   */
  public fallAsleep(): void {
    this.recycle();
    for (const arn of this.account.functions.keys()) {
      this.inactive.set(arn, undefined);
    }
  }

  public wakeUp(): void {
    this.inactive.clear();
  }

  private isAsleep(arn: string): boolean {
    if (!this.inactive.has(arn)) {
      return false;
    }
    const { clock } = this.account;
    const ready = this.inactive.get(arn) ?? clock.now() + WAKING_MS;
    this.inactive.set(arn, ready);
    if (clock.now() < ready) {
      return true;
    }
    this.inactive.delete(arn);
    return false;
  }

  private attempt(arn: string, event: unknown, sent: number, count: number, crash: Crash | undefined): void {
    const { clock } = this.account;
    const fn = this.account.functions.get(arn);
    if (!fn) {
      return;
    }
    const config = () => this.account.invokeConfigs.get(fn.name) ?? { retryAttempts: 2, maxEventAgeSeconds: 21600 };
    this.queue.offer(
      event,
      sent,
      () => config().maxEventAgeSeconds,
      () => {
        // A queued event for a function that is gone by now reaches nobody.
        if (!this.account.functions.has(arn)) {
          return true;
        }
        if (this.isAsleep(arn) || this.running >= this.concurrency) {
          return false;
        }
        this.run(arn, fn, event, crash, (failure) => {
          this.failures.push(failure);
          if (count < config().retryAttempts) {
            clock.alarm(60_000 * (count + 1), () => this.attempt(arn, event, sent, count + 1, undefined));
          }
        });
        return true;
      },
    );
  }

  private run(
    arn: string,
    fn: AwsFunction,
    event: unknown,
    crash: Crash | undefined,
    failed: (failure: string) => void,
  ): void {
    const { clock } = this.account;
    const pool = this.pools.get(arn) ?? [];
    this.pools.set(arn, pool);
    let process = pool.find((entry) => entry.environment.alive && !entry.environment.busy);
    if (!process) {
      const environment = new Environment(fn);
      process = { environment, handler: this.load(environment) };
      pool.push(process);
    }
    const { environment, handler } = process;
    const end = clock.now() + fn.timeoutSeconds * 1000;
    let over = false;
    this.running++;
    const finish = (failure: string | undefined) => {
      if (over) {
        return;
      }
      over = true;
      this.running--;
      cancel();
      environment.busy = false;
      if (failure !== undefined) {
        failed(failure);
      }
    };
    const cancel = clock.alarm(fn.timeoutSeconds * 1000, () => environment.die());
    environment.start(crash, () => finish(clock.now() >= end ? 'timeout' : 'crash'));
    handler(event, { getRemainingTimeInMillis: () => end - clock.now() }).then(
      () => finish(undefined),
      (error: Error) => finish(`error: ${error.message}`),
    );
  }
}
