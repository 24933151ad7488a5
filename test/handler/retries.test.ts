import { SteppedClock } from './support/harness';
import { startDeadline } from '../../src/handler/cloudformation/deadline';
import { Backoff, pauseMs, Retries, RetryLimits, SECONDS } from '../../src/handler/retries';
import { withTimeout } from '../../src/handler/with-timeout';

/** The time of each try, in seconds, where every try fails and takes `tryMs`. */
async function timesOfTries(
  backoff: Backoff,
  limits: RetryLimits,
  tryMs: number = 0,
  remainingMs: number = 300_000,
): Promise<number[]> {
  const clock = new SteppedClock();
  const deadline = startDeadline(clock, { getRemainingTimeInMillis: () => remainingMs }, false);
  const started = clock.now();
  const retries = new Retries({ ports: { clock, random: () => 0.5 }, deadline }, backoff, limits);
  const times: number[] = [];
  do {
    times.push((clock.now() - started) / 1000);
    clock.advance(tryMs);
  } while (times.length < 20 && (await retries.pause()));
  return times;
}

describe('Retries', () => {
  test('pauses double from 1 s to 8 s', () => {
    expect([1, 2, 3, 4, 5, 10, 5_000].map((failures) => pauseMs(SECONDS, failures, { random: () => 0 })))
      .toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
  });

  test('pauses grow by the given factor', () => {
    const backoff = { firstMs: 5_000, longestMs: 20_000, growth: 1.5 };
    expect([1, 2, 3, 4, 5].map((failures) => pauseMs(backoff, failures, { random: () => 0 }))).toEqual([
      5_000, 7_500, 11_250, 16_875, 20_000,
    ]);
  });

  test('jitter shortens a pause by at most half', () => {
    const backoff = { firstMs: 500, longestMs: 8_000, jitter: true };
    expect([0, 0.5, 0.99].map((random) => pauseMs(backoff, 2, { random: () => random }))).toEqual([500, 750, 995]);
  });

  test('a number of tries ends the retries', async () => {
    expect(await timesOfTries(SECONDS, { tries: 3 })).toEqual([0, 1, 3]);
  });

  test('a pause that would end after `withinMs` does not begin', async () => {
    expect(await timesOfTries(SECONDS, { withinMs: 15_000 })).toEqual([0, 1, 3, 7, 15]);
    expect(await timesOfTries(SECONDS, { withinMs: 15_000 }, 100)).toEqual([0, 1.1, 3.2, 7.3]);
  });

  test('a pause that begins before `lastPauseMs` is followed by one more try', async () => {
    expect(await timesOfTries(SECONDS, { lastPauseMs: 15_000 })).toEqual([0, 1, 3, 7, 15]);
    expect(await timesOfTries(SECONDS, { lastPauseMs: 15_000 }, 100)).toEqual([0, 1.1, 3.2, 7.3, 15.4]);
  });

  test('a pause that would reach the deadline does not begin where the tries end before the deadline', async () => {
    // 20 s remain, of which 5 s are reserved for the answer of a Delete.
    expect(await timesOfTries(SECONDS, { endsBeforeDeadline: true }, 0, 20_000)).toEqual([0, 1, 3, 7]);
  });

  test('the deadline ends a pause with its own error', async () => {
    await expect(timesOfTries(SECONDS, {}, 0, 20_000)).rejects.toThrow('no result within 15 s');
  });

  test('a limit cuts a pause, and no time at all ends the tries', async () => {
    const clock = new SteppedClock();
    const retries = new Retries({ ports: { clock, random: () => 0 } }, SECONDS);
    const started = clock.now();
    expect(await retries.pause(400)).toBe(true);
    expect(clock.now() - started).toBe(400);
    expect([await retries.pause(0), await retries.pause(-1)]).toEqual([false, false]);
    expect(clock.now() - started).toBe(400);
  });
});

describe('withTimeout', () => {
  const hang = async (signal: AbortSignal): Promise<never> => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

  test('the timeout aborts the work with the given error', async () => {
    const clock = new SteppedClock();
    const work = withTimeout({ clock }, { milliseconds: 1_000, error: new Error('too slow') }, hang);
    clock.advance(1_000);
    await expect(work).rejects.toThrow('too slow');
  });

  test('the outer signal aborts the work with the reason of the signal, or with the given error', async () => {
    for (const errorOfSignal of [undefined, new Error('lost')]) {
      const outer = new AbortController();
      const work = withTimeout(
        { clock: new SteppedClock() },
        { milliseconds: 1_000, signal: outer.signal, errorOfSignal },
        hang,
      );
      outer.abort(new Error('deadline'));
      await expect(work).rejects.toThrow(errorOfSignal ? 'lost' : 'deadline');
    }
  });

  test('a signal that is aborted already lets no work begin', async () => {
    const work = jest.fn();
    await expect(
      withTimeout(
        { clock: new SteppedClock() },
        { milliseconds: 1, signal: AbortSignal.abort(new Error('over')) },
        work,
      ),
    ).rejects.toThrow('over');
    expect(work).not.toHaveBeenCalled();
  });

  test('work that ends in time leaves no alarm and no listener', async () => {
    const clock = new SteppedClock();
    const outer = new AbortController();
    const remove = jest.spyOn(outer.signal, 'removeEventListener');
    const signals: AbortSignal[] = [];
    await withTimeout({ clock }, { milliseconds: 1_000, signal: outer.signal }, async (signal) => {
      signals.push(signal);
    });
    clock.advance(10_000);
    expect(signals[0]!.aborted).toBe(false);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});
