import * as fc from 'fast-check';
import { arbitraryHistory } from './arbitrary-history';
import { History } from './history';

/**
 * Many random histories, and how often each kind of problem turns up: `npx tsx test/histories/survey.ts COUNT SEED
 * [ONE]`. ONE is the number of a single history, shown in full.
 */
const [count = 200, seed = 1, one] = process.argv.slice(2).map(Number);

/** The same for all problems of one kind. */
const kindOf = (problem: string) =>
  problem
    .replace(/\n[^]*/, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replace(/\{.*\}/g, '{}')
    .replace(/zenml:[a-z-]+:<id>:\S+/g, '<physical id>')
    .replace(/(One|Two|Three)[-/]?([A-Za-z]*)[-0-9A-F]*/g, '$2')
    .replace(/"[^"]*"/g, '""')
    .replace(/\d+/g, 'N')
    .slice(0, 240);

async function survey(): Promise<void> {
  const samples = fc.sample(arbitraryHistory, { numRuns: count, seed });
  const found = new Map<string, number[]>();
  const started = Date.now();
  for (const [index, { world, history }] of samples.entries()) {
    if (one !== undefined && index !== one) { continue; }
    const run = new History(world);
    let problems: string[];
    try {
      problems = await run.run(history);
    } catch (error) {
      problems = [`the simulator failed: ${(error as Error).stack}`];
    }
    if (one !== undefined) {
      process.stdout.write(
        `world ${world}\n${JSON.stringify(history, (_, value: unknown) => (value instanceof RegExp ? String(value) : value), 1)}\n${run.journal.join('\n')}\n${problems.join('\n')}\n`,
      );
    }
    for (const kind of new Set(problems.map(kindOf))) { found.set(kind, [...found.get(kind) ?? [], index]); }
  }
  const sorted = [...found].sort(([, a], [, b]) => b.length - a.length);
  for (const [kind, indices] of sorted) {
    process.stdout.write(`${indices.length} [${indices.slice(0, 3).join(' ')}] ${kind}\n`);
  }
  process.stdout.write(
    `${new Set([...found.values()].flat()).size} of ${samples.length} histories have problems; ${(Date.now() - started) / 1000} s\n`,
  );
}

void survey();
