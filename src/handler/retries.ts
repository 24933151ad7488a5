import { Deadline } from './cloudformation/deadline';
import { Ports } from './ports';

/** The pauses between tries. Each pause is longer than the one before, by a factor. */
export interface Backoff {
  /** The first pause, in milliseconds. */
  readonly firstMs: number;
  /** The longest pause, in milliseconds. */
  readonly longestMs: number;
  /** Factor from one pause to the next. Default: 2. */
  readonly growth?: number;
  /**
   * `true`: each pause is shortened by a random part, at most half. Several callers then do not retry at the same
   * moment. Default: `false`.
   */
  readonly jitter?: boolean;
}

/** When the tries end. Without a limit, they end at the deadline only. */
export interface RetryLimits {
  /** At most this many tries, the first included. */
  readonly tries?: number;
  /** No pause begins that would end later than this after the start, in milliseconds. */
  readonly withinMs?: number;
  /** No pause begins later than this after the start, in milliseconds. The last try can come after this time. */
  readonly lastPauseMs?: number;
  /**
   * `true`: no pause begins that would reach the deadline. `false` (default): such a pause ends with the error of the
   * deadline.
   */
  readonly endsBeforeDeadline?: boolean;
}

/** Pauses of 1, 2, 4, 8, 8, ... seconds. */
export const SECONDS: Backoff = { firstMs: 1_000, longestMs: 8_000 };

/** The parts of an invocation that retries use. Without a deadline, only the limits end them. */
interface RetryContext {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly deadline?: Pick<Deadline, 'signal' | 'left'>;
}

/**
 * The tries of one operation. The caller tries, and calls `pause` after each failure:
 *
 *     for (;;) {
 *       const result = await attempt();
 *       if (result || !await retries.pause()) { return result; }
 *     }
 */
export class Retries {
  private readonly startedMs: number;
  private failures = 0;

  public constructor(
    private readonly context: RetryContext,
    private readonly backoff: Backoff,
    private readonly limits: RetryLimits = {},
  ) {
    this.startedMs = context.ports.clock.now();
  }

  /**
   * Waits before the next try. Returns `false` at once where no further try may begin. `atMostMs`: cuts this pause; 0
   * ends the tries.
   */
  public async pause(atMostMs: number = Infinity): Promise<boolean> {
    this.failures++;
    const waitMs = Math.min(pauseMs(this.backoff, this.failures, this.context.ports), atMostMs);
    if (waitMs <= 0 || this.isOver(waitMs)) {
      return false;
    }
    await this.context.ports.clock.sleep(waitMs, this.context.deadline?.signal);
    return true;
  }

  private isOver(waitMs: number): boolean {
    const { tries = Infinity, withinMs = Infinity, lastPauseMs = Infinity, endsBeforeDeadline = false } = this.limits;
    const elapsedMs = this.context.ports.clock.now() - this.startedMs;
    return (
      this.failures >= tries
      || elapsedMs + waitMs > withinMs
      || elapsedMs >= lastPauseMs
      || (endsBeforeDeadline && this.context.deadline !== undefined && waitMs >= this.context.deadline.left())
    );
  }
}

/** The pause after the given number of failures, in milliseconds: the only formula for pauses. */
export function pauseMs(
  { firstMs, longestMs, growth = 2, jitter }: Backoff,
  failures: number,
  ports: Pick<Ports, 'random'>,
): number {
  const wholeMs = Math.min(longestMs, firstMs * growth ** (failures - 1));
  return jitter ? wholeMs * (0.5 + ports.random() / 2) : wholeMs;
}
