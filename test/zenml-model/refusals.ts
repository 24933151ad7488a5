/** Answers that are no work of ZenML's: what proxies, firewalls, plans and other applications say in its place. */
interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Refusal =>
  ({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const html = (status: number, headers: Record<string, string> = {}): Refusal =>
  ({ status, headers: { 'content-type': 'text/html', ...headers }, body: `<html><title>${status}</title></html>` });

/** Refusals for good: to repeat the call changes nothing. */
export const FOR_GOOD = {
  '302': html(302, { location: 'https://login.example.com/' }),
  '400': json(400, { detail: ['ValueError', 'refused by a test'] }),
  '402': json(402, { detail: ['SubscriptionUpgradeRequiredError', 'the plan has no room for more'] }),
  '403': json(403, { detail: ['IllegalOperationError', 'Insufficient permissions to do this'] }),
  '403 html': html(403),
  '404 default backend': { status: 404, headers: { 'content-type': 'text/plain' }, body: 'default backend - 404' },
  '404 no route': json(404, { detail: 'Not Found' }),
  '404 html': html(404),
  '405': json(405, { detail: 'Method Not Allowed' }),
  '409': json(409, { detail: ['EntityExistsError', 'something is there already'] }),
  '409 html': html(409),
  '413': html(413),
  '422': json(422, ['ValueError', '1 validation error']),
  '200 html': html(200),
  '200 empty': { status: 200, headers: {}, body: '' },
  '200 empty json': { status: 200, headers: { 'content-type': 'application/json' }, body: '' },
  '200 compressed': {
    status: 200,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: '\u001f\ufffd\b\u0000',
  },
} as const satisfies Record<string, Refusal>;

/** Refusals that pass: a server that restarts, or is asked too often. */
export const FOR_NOW = {
  '429': html(429),
  '500': html(500),
  '502': html(502),
  '503': html(503),
  '504': html(504),
  '429 Retry-After 0': html(429, { 'retry-after': '0' }),
  '429 Retry-After -5': html(429, { 'retry-after': '-5' }),
  '429 Retry-After 1.5': html(429, { 'retry-after': '1.5' }),
  '503 Retry-After 0': html(503, { 'retry-after': '0' }),
  '503 Retry-After long ago': html(503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
  '503 Retry-After tomorrow': html(503, { 'retry-after': '86400' }),
  '503 Retry-After words': html(503, { 'retry-after': 'soon' }),
} as const satisfies Record<string, Refusal>;

export const REFUSALS: Readonly<Record<RefusalName, Refusal>> = { ...FOR_GOOD, ...FOR_NOW };
export type RefusalName = keyof typeof FOR_GOOD | keyof typeof FOR_NOW;
