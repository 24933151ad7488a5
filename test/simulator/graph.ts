/** Runs the steps of an operation: each when those before it are done, independent ones at the same time. */
export class Operation {
  /** Why the operation failed, if it did. */
  public failure?: string;
  /** The resources that failed. */
  public readonly failed: string[] = [];
  private readonly calledOff: Promise<void>;
  private callOff!: () => void;

  public constructor(private readonly cancelSiblings: boolean) {
    this.calledOff = new Promise((resolve) => {
      this.callOff = resolve;
    });
  }

  public fail(logicalId: string, reason: string): void {
    this.failed.push(logicalId);
    this.failure ??= `${logicalId}: ${reason}`;
    if (this.cancelSiblings) {
      this.callOff();
    }
  }

  /** The work's result, or undefined when the operation was called off first. */
  public async unlessCalledOff<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.calledOff.then(() => undefined)]);
  }

  /** `before(id)` come first; nothing is started after a failure, unless `goOn`. */
  public async run(
    ids: readonly string[],
    before: (id: string) => readonly string[],
    step: (id: string) => Promise<void>,
    goOn: boolean = false,
  ): Promise<void> {
    const started = new Map<string, Promise<void>>();
    const start = (id: string): Promise<void> => {
      const running =
        started.get(id)
        ?? (async () => {
          await Promise.all(
            before(id)
              .filter((other) => ids.includes(other))
              .map(start),
          );
          if (this.failure === undefined || goOn) {
            await step(id);
          }
        })();
      started.set(id, running);
      return running;
    };
    await Promise.all(ids.map(start));
  }
}
