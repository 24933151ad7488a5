import { LostAnswerError, UserError, ZenmlError } from '../../errors';
import { Retries, SECONDS } from '../../retries';
import { LifecycleContext } from '../context';
import { untilSeen } from '../lagging-look-ups';

/** A server that loses so many answers in a row without creating anything is broken. */
const TRIES = 6;
/** Look-ups may lag behind a write for so long, in milliseconds. */
const LAG_MS = 60_000;

/** What a look-up by name shows: the resource's own object, only objects of others, or nothing yet. */
export type LookUp<O> = { readonly own: O } | 'others' | 'nothing';

/**
 * Creates one object with a POST that must not run twice: after a lost answer the object is looked for first. Undefined
 * when the name is taken by another object.
 */
export async function postOnce<O>(
  context: LifecycleContext,
  post: () => Promise<O>,
  find: () => Promise<LookUp<O>>,
): Promise<O | undefined> {
  const retries = new Retries(context, SECONDS);
  let lost: LostAnswerError | undefined;
  for (let losses = 1; ; losses++) {
    try {
      return await post();
    } catch (error) {
      if (error instanceof ZenmlError && error.status === 409) {
        return lost ? takenName(context, lost, find) : undefined;
      }
      if (!(error instanceof LostAnswerError)) {
        throw error;
      }
      const isSameFault = error.isSameFault(lost);
      lost = error;
      const seen = await lookUp(retries, lost, find);
      if (typeof seen === 'object') {
        return seen.own;
      }
      // The same fault twice, or a server that loses every answer: no more tries, but a last look, because the others
      // may have lagged behind.
      if (isSameFault || losses >= TRIES) {
        return lastLook(context, lost, find);
      }
    }
  }
}

/** Throws when nothing shows: then nothing was created. */
async function lastLook<O>(
  context: LifecycleContext,
  lost: LostAnswerError,
  find: () => Promise<LookUp<O>>,
): Promise<O | undefined> {
  let seen: LookUp<O> | undefined;
  try {
    seen = await untilSeen(context, async () => {
      const now = await find();
      return now === 'nothing' ? undefined : now;
    });
  } catch {
    throw lost;
  }
  if (typeof seen === 'object') {
    return seen.own;
  }
  throw new UserError(lost.code, lost.message);
}

/**
 * The name is taken, and an earlier POST of this resource may have taken it: a look-up that shows nothing lags behind
 * that.
 */
async function takenName<O>(
  context: LifecycleContext,
  lost: LostAnswerError,
  find: () => Promise<LookUp<O>>,
): Promise<O | undefined> {
  const retries = new Retries(context, SECONDS, { lastPauseMs: LAG_MS });
  for (;;) {
    const seen = await lookUp(retries, lost, find);
    if (typeof seen === 'object') {
      return seen.own;
    }
    if (seen === 'others') {
      return undefined;
    }
    if (seen === undefined) {
      throw lost;
    }
  }
}

/**
 * Waits, then looks. Undefined when the time for look-ups is over. If the look-up fails too, it is still unknown
 * whether the object exists: then the lost answer is what counts.
 */
async function lookUp<O>(
  retries: Retries,
  lost: LostAnswerError,
  find: () => Promise<LookUp<O>>,
): Promise<LookUp<O> | undefined> {
  try {
    return (await retries.pause()) ? await find() : undefined;
  } catch {
    throw lost;
  }
}
