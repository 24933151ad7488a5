import { Ports } from './ports';

export interface Timeout {
  readonly milliseconds: number;
  /** The reason of the abort when the time is over. */
  readonly error?: Error;
  /** A signal that ends the work earlier: the deadline of the invocation. */
  readonly signal?: AbortSignal;
  /** The reason of the abort when that signal ends the work. Default: the reason of the signal. */
  readonly errorOfSignal?: Error;
}

/** Runs the work with a signal that is aborted when the time is over. */
export async function withTimeout<T>(
  { clock }: Pick<Ports, 'clock'>,
  timeout: Timeout,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { milliseconds, error = new Error('timeout'), signal, errorOfSignal } = timeout;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort(errorOfSignal ?? signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const cancel = clock.alarm(milliseconds, () => controller.abort(error));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    signal?.removeEventListener('abort', stop);
  }
}
