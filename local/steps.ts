/** Prints what happens step by step: a title when a step begins, what it found, and how long it took. */
export class Steps {
  public current = '';
  private number = 0;
  private readonly began = Date.now();

  public async run<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.current = title;
    this.number++;
    console.log(`\n[${this.number}] ${title}`);
    const began = Date.now();
    const result = await work();
    console.log(`    done in ${seconds(began)}`);
    return result;
  }

  /** Something that the running step found. */
  public report(text: string): void {
    for (const line of text.split('\n')) { console.log(`    ${line}`); }
  }

  public get elapsed(): string {
    return seconds(this.began);
  }
}

export function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Something that must hold; the message says what was expected and what was found. */
export function assertThat(holds: boolean, message: string): void {
  if (!holds) { throw new Error(message); }
}
