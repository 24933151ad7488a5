/**
 * When CloudFormation issued an event, as ISO 8601 text, read from the presigned URL for its answer; undefined where the URL tells no date.
 *
 * Signature version 4 carries `X-Amz-Date`. The older form carries `Expires`, the issue time plus the URL's validity: not the same
 * moment, but both events of one pair carry the same form, and so they order alike.
 */
export function issuedAt(responseUrl: string): string | undefined {
  let query: URLSearchParams;
  try {
    query = new URL(responseUrl).searchParams;
  } catch {
    return undefined;
  }
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '');
  if (date) { return valid(Date.parse(`${date[1]}-${date[2]}-${date[3]}T${date[4]}:${date[5]}:${date[6]}Z`)); }
  const expires = /^\d{9,11}$/.exec(query.get('Expires') ?? '');
  return expires ? valid(Number(expires[0]) * 1000) : undefined;
}

function valid(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Whether the first is later than the second. False when either is unknown: then there is nothing to tell them apart by. */
export function isLater(first: string | undefined, second: string | undefined): boolean {
  if (!first || !second) { return false; }
  return Date.parse(first) > Date.parse(second);
}
