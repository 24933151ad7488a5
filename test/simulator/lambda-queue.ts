import { VirtualClock } from './clock';

/** An event that AWS gave up on before any process got it. */
interface Dropped {
  readonly event: unknown;
  readonly afterSeconds: number;
}

/**
 * Lambda's own queue of asynchronous events: what cannot start now is tried again after 1, 2, 4, ... 300 seconds, until
 * it is too old.
 */
export class EventQueue {
  public readonly dropped: Dropped[] = [];

  public constructor(private readonly clock: VirtualClock) {}

  /** `start`: false when there is no room, or no function that is ready. */
  public offer(
    event: unknown,
    sent: number,
    maxAgeSeconds: () => number,
    start: () => boolean,
    tries: number = 0,
  ): void {
    const age = this.clock.now() - sent;
    if (age > maxAgeSeconds() * 1000) {
      this.dropped.push({ event, afterSeconds: Math.round(age / 1000) });
      return;
    }
    if (start()) {
      return;
    }
    this.clock.alarm(Math.min(300, 2 ** tries) * 1000, () => this.offer(event, sent, maxAgeSeconds, start, tries + 1));
  }
}
