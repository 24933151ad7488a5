import { Clock } from '../ports';

export const nodeClock: Clock = {
  now: () => Date.now(),

  sleep: async (milliseconds, signal) => new Promise<void>((resolve, reject) => {
    if (signal?.aborted) { return reject(signal.reason); }
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  }),

  alarm: (milliseconds, ring) => {
    const timer = setTimeout(ring, milliseconds);
    return () => clearTimeout(timer);
  },
};
