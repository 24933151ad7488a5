/**
 * Time that passes only when nothing else can happen: an hour's wait costs microseconds, and one seed gives one order
 * of events.
 */
export class VirtualClock {
  private time: number;
  private sequence = 0;
  private timers: { at: number; sequence: number; ring: () => void }[] = [];

  public constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.time = start;
  }

  public now(): number {
    return this.time;
  }

  public alarm(milliseconds: number, ring: () => void): () => void {
    const timer = { at: this.time + Math.max(0, milliseconds), sequence: this.sequence++, ring };
    this.timers.push(timer);
    return () => { this.timers = this.timers.filter(other => other !== timer); };
  }

  public sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) { return reject(signal.reason as Error); }
      const cancel = this.alarm(milliseconds, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      const stop = () => {
        cancel();
        reject(signal!.reason as Error);
      };
      return signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Lets time pass until the work is done. */
  public async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    work.then(() => { settled = true; }, () => { settled = true; });
    for (;;) {
      await drain();
      if (settled) { return work; }
      if (!this.step()) { throw new Error('deadlock: the work waits for something that no timer brings'); }
    }
  }

  /** Lets time pass until nothing is left to happen: late deliveries included. */
  public async settle(): Promise<void> {
    do { await drain(); } while (this.step());
  }

  private step(): boolean {
    if (this.timers.length === 0) { return false; }
    let next = this.timers[0]!;
    for (const timer of this.timers) {
      if (timer.at < next.at || (timer.at === next.at && timer.sequence < next.sequence)) { next = timer; }
    }
    this.timers = this.timers.filter(other => other !== next);
    this.time = Math.max(this.time, next.at);
    next.ring();
    return true;
  }
}

/** Everything that is ready runs first: in process there is nothing but microtasks. */
const drain = () => new Promise<void>(resolve => setImmediate(resolve));
