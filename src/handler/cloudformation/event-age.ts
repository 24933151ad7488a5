import { issueTime } from './issued-at';
import { MAX_START_DELAY_SECONDS } from '../../contract/timing';

/**
 * Why a Create that waited too long in Lambda's queue is refused; undefined when it is served.
 *
 * A Delete of a cancelled Create computes from this limit for how long that Create can still be running. An Update is
 * served however late it starts: it may be a rollback, which must not fail, and one that CloudFormation has cancelled
 * is known by the stack's events. Without an absolute issue time (`Expires` in the URL) the age is unknown, and the
 * event is served.
 */
export function startedTooLate(
  event: { readonly RequestType: string; readonly ResponseURL: string },
  now: number,
): string | undefined {
  const issued = issueTime(event.ResponseURL);
  if (event.RequestType !== 'Create' || issued === undefined || now - issued <= MAX_START_DELAY_SECONDS * 1000) {
    return undefined;
  }
  return (
    `this Create event reached the function ${Math.floor((now - issued) / 1000)} s after CloudFormation issued it (the function was inactive `
    + `or throttled); the limit is ${MAX_START_DELAY_SECONDS} s. Nothing was changed: deploy again`
  );
}
