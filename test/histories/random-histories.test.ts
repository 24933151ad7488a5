import * as fc from 'fast-check';
import { arbitraryHistory } from './arbitrary-history';
import { History } from './history';

/**
 * A few hundred in a normal run, always the same; HISTORIES=10000 runs that many from a seed of the day (or SEED),
 * printed. STRICT=1 takes away the allowances for second copies of events (limits of decision 4) and finds such cases.
 */
const count = Number(process.env.HISTORIES ?? 200);
const seed = Number(process.env.SEED ?? (process.env.HISTORIES ? Date.now() % 2 ** 31 : 20260101));

test(
  `${count} random histories (seed ${seed}) leave no orphan, change no object of others, show no secret, and keep CloudFormation's records true`,
  async () => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, async ({ world, history }) => {
        const run = new History(world, process.env.STRICT !== undefined);
        steps += history.length;
        const problems = await run.run(history);
        if (problems.length > 0) {
          throw new Error(`${problems.slice(0, 8).join('\n')}\n--\n${run.journal.join('\n')}`);
        }
      }),
      {
        numRuns: count,
        seed,
        interruptAfterTimeLimit: undefined,
        endOnFailure: process.env.SHRINK === undefined && count > 1000,
      },
    );
    process.stdout.write(`${count} histories with ${steps} steps, seed ${seed}\n`);
  },
  6 * 3600 * 1000,
);
