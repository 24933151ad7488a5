import { LostAnswerError, UserError, ZenmlError } from '../../errors';
import { backoffMs } from '../../server/patience';
import { LifecycleContext } from '../context';
import { untilSeen } from '../lagging-look-ups';

/** A server that loses so many answers in a row without creating anything is broken. */
const TRIES = 6;
/** Look-ups may lag behind a write for so long, in milliseconds. */
const LAG_MS = 60_000;

/** What a look-up by name shows: our object, only objects of others, or nothing yet. */
export type LookUp<O> = { readonly own: O } | 'others' | 'nothing';

/**
 * Creates one object with a POST that must not run twice: after a lost answer the object is looked for first. Undefined when the name is
 * taken by another object.
 */
export async function postOnce<O>(context: LifecycleContext, post: () => Promise<O>, find: () => Promise<LookUp<O>>): Promise<O | undefined> {
  let lost: LostAnswerError | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      return await post();
    } catch (error) {
      if (error instanceof ZenmlError && error.status === 409) { return lost ? takenName(context, lost, find) : undefined; }
      if (!(error instanceof LostAnswerError)) { throw error; }
      const isSameFault = error.isSameFault(lost);
      lost = error;
      const seen = await lookUp(context, lost, attempt, find);
      if (typeof seen === 'object') { return seen.own; }
      // The same fault twice, or a server that loses every answer: no more tries, but a last look, because the others may have lagged behind.
      if (isSameFault || attempt + 1 >= TRIES) { return lastLook(context, lost, find); }
    }
  }
}

/** Throws when nothing shows: then nothing was created. */
async function lastLook<O>(context: LifecycleContext, lost: LostAnswerError, find: () => Promise<LookUp<O>>): Promise<O | undefined> {
  let seen: LookUp<O> | undefined;
  try {
    seen = await untilSeen(context, async () => {
      const now = await find();
      return now === 'nothing' ? undefined : now;
    });
  } catch {
    throw lost;
  }
  if (typeof seen === 'object') { return seen.own; }
  throw new UserError(lost.message);
}

/** The name is taken, and a POST of ours may have taken it: a look-up that shows nothing lags behind that. */
async function takenName<O>(context: LifecycleContext, lost: LostAnswerError, find: () => Promise<LookUp<O>>): Promise<O | undefined> {
  const started = context.ports.clock.now();
  for (let attempt = 0; ; attempt++) {
    const seen = await lookUp(context, lost, attempt, find);
    if (typeof seen === 'object') { return seen.own; }
    if (seen === 'others') { return undefined; }
    if (context.ports.clock.now() - started >= LAG_MS) { throw lost; }
  }
}

/** If the look-up fails too, it is still unknown whether the object exists: then the lost answer is what counts. */
async function lookUp<O>(context: LifecycleContext, lost: LostAnswerError, attempt: number, find: () => Promise<LookUp<O>>): Promise<LookUp<O>> {
  try {
    await context.ports.clock.sleep(backoffMs(attempt), context.deadline.signal);
    return await find();
  } catch {
    throw lost;
  }
}
