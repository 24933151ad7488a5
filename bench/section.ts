/** Figures as a table. Each cell has its unit. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the chart of the page shows of this table. */
  readonly bars?: readonly Bar[];
}

/** One work, done with this library and with the `zenml` command line, in seconds. */
export interface Bar {
  readonly work: string;
  readonly library: number;
  readonly commandLine: number;
}

/** One part of the bench: what it is about, and its figures. */
export interface BenchSection {
  readonly title: string;
  measure(): Promise<Table>;
}

/** A table of pairs: what, and how much. */
export function figures(rows: readonly (readonly [string, string])[]): Table {
  return { columns: ['figure', 'value'], rows };
}

/** The table as Markdown. */
export function markdown({ columns, rows }: Table): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median with its range: `1.64 (1.33-1.75)`. */
export function spread(values: readonly number[], digits: number = 2): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
  const middle = median(values).toFixed(digits);
  return least === most ? middle : `${middle} (${least}-${most})`;
}
