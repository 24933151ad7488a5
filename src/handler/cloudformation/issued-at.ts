/**
 * When CloudFormation issued an event, as ISO 8601 text, read from the presigned URL for its answer; undefined where
 * the URL tells no date.
 *
 * Signature version 4 carries `X-Amz-Date`. The older form carries `Expires`, the issue time plus the URL's validity:
 * not the same moment, but both events of one pair carry the same form, and so they order alike.
 */
export function issuedAt(responseUrl: string): string | undefined {
  const signed = issueTime(responseUrl);
  if (signed !== undefined) { return new Date(signed).toISOString(); }
  const expires = /^\d{9,11}$/.exec(parameter(responseUrl, 'Expires'));
  return expires ? new Date(Number(expires[0]) * 1000).toISOString() : undefined;
}

/**
 * The moment of issue in milliseconds since 1970; undefined unless the URL carries `X-Amz-Date`, the only absolute
 * form.
 */
export function issueTime(responseUrl: string): number | undefined {
  const date = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(parameter(responseUrl, 'X-Amz-Date'));
  const time = date ? Date.parse(`${date[1]}-${date[2]}-${date[3]}T${date[4]}:${date[5]}:${date[6]}Z`) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function parameter(url: string, name: string): string {
  try {
    return new URL(url).searchParams.get(name) ?? '';
  } catch {
    return '';
  }
}

/**
 * Whether the first is later than the second. False when either is unknown: then there is nothing to tell them apart
 * by.
 */
export function isLater(first: string | undefined, second: string | undefined): boolean {
  if (!first || !second) { return false; }
  return Date.parse(first) > Date.parse(second);
}
