/**
 * When CloudFormation issued an event, as ISO 8601 text, read from the presigned URL for its answer; undefined where the URL tells no date.
 *
 * Signature version 4 carries `X-Amz-Date`. The older form carries `Expires`, the issue time plus the URL's validity: not the same
 * moment, but both events of one pair carry the same form, and so they order alike.
 */
export function issuedAt(responseUrl: string): string | undefined {
  const absolute = absoluteIssueTime(responseUrl);
  if (absolute !== undefined) { return new Date(absolute).toISOString(); }
  const expires = /^\d{9,11}$/.exec(queryOf(responseUrl)?.get('Expires') ?? '');
  return expires ? valid(Number(expires[0]) * 1000) : undefined;
}

/** The time itself, in milliseconds since 1970; undefined where the URL has no `X-Amz-Date`. */
export function absoluteIssueTime(responseUrl: string): number | undefined {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(queryOf(responseUrl)?.get('X-Amz-Date') ?? '');
  const time = date ? Date.parse(`${date[1]}-${date[2]}-${date[3]}T${date[4]}:${date[5]}:${date[6]}Z`) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function queryOf(responseUrl: string): URLSearchParams | undefined {
  try {
    return new URL(responseUrl).searchParams;
  } catch {
    return undefined;
  }
}

function valid(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Whether the first is later than the second. False when either is unknown: then there is nothing to tell them apart by. */
export function isLater(first: string | undefined, second: string | undefined): boolean {
  if (!first || !second) { return false; }
  return Date.parse(first) > Date.parse(second);
}
