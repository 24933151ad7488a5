import { Clock } from '../../../src/handler/ports';

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
  timer?: NodeJS.Timeout;
}

/**
 * The clock of the handler in the live tests: a wait takes a fraction of its time, everything else takes its real time.
 *
 * `now` counts a wait in full, so limits and deadlines hold after the same waits as in the product. The handler waits
 * for AWS, for retries and for requests that are still on their way; on one machine these need a fraction of the time.
 */
export class ShortWaits implements Clock {
  private skipped = 0;
  private readonly alarms = new Set<Alarm>();

  public constructor(private readonly divisor: number) {}

  /** Each event starts at the real time: CloudFormation's dates are compared with it. */
  public reset(): void {
    this.skipped = 0;
  }

  public now(): number {
    return Date.now() + this.skipped;
  }

  public async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const began = Date.now();
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds / this.divisor);
      signal?.addEventListener('abort', stop, { once: true });
    });
    this.skipped += Math.max(0, milliseconds - (Date.now() - began));
    for (const alarm of this.alarms) { this.arm(alarm); }
    // An alarm that lies within the wait has rung now.
    signal?.throwIfAborted();
  }

  public alarm(milliseconds: number, ring: () => void): () => void {
    const alarm: Alarm = { at: this.now() + milliseconds, ring };
    this.alarms.add(alarm);
    this.arm(alarm);
    return () => {
      clearTimeout(alarm.timer);
      this.alarms.delete(alarm);
    };
  }

  private arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const ring = () => {
      this.alarms.delete(alarm);
      alarm.ring();
    };
    const left = alarm.at - this.now();
    if (left <= 0) { return ring(); }
    alarm.timer = setTimeout(ring, left);
  }
}
