import { Tables } from './objects';

/** A copy of the database that reads are served from, and that hears of writes late. */
export class ReadReplica {
  private behindMs = 0;
  private readonly states: { readonly at: number; readonly tables: Tables }[] = [];

  public constructor(private readonly truth: Tables, private readonly clock: () => number) {}

  public lag(milliseconds: number): void {
    this.behindMs = milliseconds;
    this.states.length = 0;
    this.note();
  }

  /** After each write. */
  public note(): void {
    if (this.behindMs === 0) { return; }
    this.states.push({ at: this.clock(), tables: structuredClone(this.truth) });
    // Only the last one that is old enough is ever read, and those after it.
    while (this.states.length > 1 && this.states[1]!.at <= this.clock() - this.behindMs) { this.states.shift(); }
  }

  public tables(): Tables {
    if (this.behindMs === 0) { return this.truth; }
    const seen = this.states.filter(({ at }) => at <= this.clock() - this.behindMs);
    return (seen.at(-1) ?? this.states[0]!).tables;
  }
}
