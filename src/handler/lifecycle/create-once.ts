import { Work } from './work';
import { LostAnswerError, UserError, ZenmlError } from '../errors';
import { backoffMs } from '../server/patience';

/** A server that loses so many answers in a row without making anything is broken. */
const TRIES = 6;

/**
 * Makes one object with a POST that must not run twice: after a lost answer it looks first whether the object is there. Undefined when
 * the name is taken.
 */
export async function postOnce<O>(work: Work, post: () => Promise<O>, find: () => Promise<O | undefined>): Promise<O | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await post();
    } catch (error) {
      if (error instanceof ZenmlError && error.status === 409) { return undefined; }
      if (!(error instanceof LostAnswerError)) { throw error; }
      const found = await lookUp(work, error, attempt, find);
      if (found) { return found; }
      if (attempt + 1 >= TRIES) { throw new UserError(error.message); }
    }
  }
}

/** A look-up that fails leaves open whether the object exists: then the loss is what counts. */
async function lookUp<O>(work: Work, loss: LostAnswerError, attempt: number, find: () => Promise<O | undefined>): Promise<O | undefined> {
  try {
    await work.ports.clock.sleep(backoffMs(attempt), work.deadline.signal);
    return await find();
  } catch {
    throw loss;
  }
}
