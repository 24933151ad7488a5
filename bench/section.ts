/** One part of the bench: what it is about, and its figures as pairs of what and how much (with unit). */
export interface BenchSection {
  readonly title: string;
  measure(): Promise<[string, string][]>;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
