/* eslint-disable no-bitwise -- that is how such generators work */
/** A seeded generator (mulberry32): the same seed gives the same history, ids included. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number in [0, 1). */
  public readonly next = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };

  public integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  public chance(probability: number): boolean {
    return this.next() < probability;
  }

  public hex(length: number): string {
    return Array.from({ length }, () => this.integer(16).toString(16)).join('');
  }

  public uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }
}
