import { RefusalName, REFUSALS } from './refusals';

/** What goes wrong with one exchange. */
type FaultKind =
  /** The connection breaks before the server sees the request. */
  | 'refuse'
  /** The server does as asked, the answer is lost. */
  | 'drop-answer'
  /** An answer of the given status instead of the work. */
  | 'status'
  /** The server does as asked and answers with the given status all the same (a proxy gave up on it). */
  | 'status-after'
  /** The answer comes late, by `milliseconds`. */
  | 'delay'
  /** The request reaches the server late, by `milliseconds`. */
  | 'late'
  /** No answer, ever. */
  | 'hang';

export interface Fault {
  readonly kind: FaultKind;
  readonly method?: string;
  /** Matches the path with its query. */
  readonly path?: RegExp;
  /** How many matching requests pass before the first is hit; default 0. */
  readonly skip?: number;
  /** How many are hit; default 1. */
  readonly times?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly milliseconds?: number;
  /** Status, headers and body by name. */
  readonly answer?: RefusalName;
  /** Only before the operation's rollback, or only in it; default both. */
  readonly during?: Phase;
}

export type Phase = 'work' | 'rollback';
/** For faults that last: more than any operation makes calls. */
export const ALWAYS = 1_000_000;

/** The faults to come; each is used up. */
export class FaultPlan {
  /** Faults of the other phase wait. */
  public phase: Phase = 'work';
  /** How many requests have been hit. */
  public taken = 0;
  private readonly pending: { fault: Fault; skip: number; left: number }[] = [];

  public add(...faults: Fault[]): void {
    for (const fault of faults) {
      const answer = fault.answer && REFUSALS[fault.answer];
      this.pending.push({ fault: { ...answer, ...fault }, skip: fault.skip ?? 0, left: fault.times ?? 1 });
    }
  }

  public clear(): void {
    this.pending.length = 0;
    this.phase = 'work';
  }

  /** The fault that hits this request, if any. */
  public take(method: string, path: string): Fault | undefined {
    for (const entry of this.pending) {
      const { fault } = entry;
      const fits =
        (fault.during ?? this.phase) === this.phase
        && (fault.method ?? method) === method
        && (fault.path?.test(path) ?? true);
      if (entry.left === 0 || !fits) { continue; }
      if (entry.skip > 0) {
        entry.skip--;
        continue;
      }
      entry.left--;
      this.taken++;
      return fault;
    }
    return undefined;
  }
}
