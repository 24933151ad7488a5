import { AwsAccount, AwsFunction } from './aws-account';

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** A process of the function: it keeps its memory between invocations and does one at a time. */
export class Environment {
  public alive = true;
  public busy = false;
  private calls = 0;
  private crash?: Crash;
  private onDeath?: () => void;

  public constructor(public readonly fn: AwsFunction) {}

  public start(crash: Crash | undefined, onDeath: () => void): void {
    Object.assign(this, { busy: true, calls: 0, crash, onDeath });
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
export interface Crash {
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

/** Asynchronous invocation: queue, retries after errors, duplicates, processes that live on. */
export class LambdaService {
  /** Handler errors and crashes, for tests to look at. */
  public readonly failures: string[] = [];
  /** Set by tests: what happens to an event. */
  public deliver: (event: unknown) => Delivery;
  private readonly pools = new Map<string, { environment: Environment; handler: Handler }[]>();

  public constructor(private readonly account: AwsAccount, private readonly load: (environment: Environment) => Handler) {
    this.deliver = () => ({});
  }

  /** False when there is no such function. */
  public invoke(arn: string, event: unknown): boolean {
    const fn = this.account.functions.get(arn);
    if (!fn) { return false; }
    const delivery = this.deliver(event);
    const sent = this.account.clock.now();
    const deliveries = [...(delivery.lost ? [] : [delivery.delay ?? 50]), ...(delivery.duplicates ?? [])];
    deliveries.forEach((delay, index) => {
      this.account.clock.alarm(delay, () => this.attempt(arn, event, sent, 0, index === 0 ? delivery.crash : undefined));
    });
    return true;
  }

  /** Lambda may end idle processes at any time, and with them what they remember. */
  public recycle(): void {
    for (const pool of this.pools.values()) { pool.splice(0, pool.length, ...pool.filter(({ environment }) => environment.busy)); }
  }

  private attempt(arn: string, event: unknown, sent: number, count: number, crash: Crash | undefined): void {
    const { clock } = this.account;
    const fn = this.account.functions.get(arn);
    if (!fn) { return; }
    const config = this.account.invokeConfigs.get(fn.name) ?? { retryAttempts: 2, maxEventAgeSeconds: 21600 };
    if (clock.now() - sent > config.maxEventAgeSeconds * 1000) { return; }
    const pool = this.pools.get(arn) ?? [];
    this.pools.set(arn, pool);
    let process = pool.find(entry => entry.environment.alive && !entry.environment.busy);
    if (!process) {
      const environment = new Environment(fn);
      process = { environment, handler: this.load(environment) };
      pool.push(process);
    }
    const { environment, handler } = process;
    const end = clock.now() + fn.timeoutSeconds * 1000;
    let over = false;
    const finish = (failure: string | undefined) => {
      if (over) { return; }
      over = true;
      cancel();
      environment.busy = false;
      if (failure === undefined) { return; }
      this.failures.push(failure);
      if (count < config.retryAttempts) { clock.alarm(60_000 * (count + 1), () => this.attempt(arn, event, sent, count + 1, undefined)); }
    };
    const cancel = clock.alarm(fn.timeoutSeconds * 1000, () => environment.die());
    environment.start(crash, () => finish(clock.now() >= end ? 'timeout' : 'crash'));
    handler(event, { getRemainingTimeInMillis: () => end - clock.now() }).then(() => finish(undefined), (error: Error) => finish(`error: ${error.message}`));
  }
}
