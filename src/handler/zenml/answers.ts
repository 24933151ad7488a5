import { HttpAnswer } from '../ports';

/**
 * Of a failed call: the server's exception class and message, each empty when there is none, and who wrote the answer.
 */
export interface Complaint {
  readonly className: string;
  readonly message: string;
  /**
   * `zenml`: with an exception class. `fastapi`: JSON with a `detail`, from ZenML's framework or from another
   * application. `foreign`: anything else.
   */
  readonly form: 'zenml' | 'fastapi' | 'foreign';
}

/**
 * ZenML writes errors as `{"detail": ["Class", "message"]}`, `{"detail": "text"}`, or a bare `["Class", "message"]`
 * (422).
 */
export function readComplaint(answer: HttpAnswer): Complaint {
  const parsed = parseJson(answer.body);
  const hasDetail = typeof parsed === 'object' && parsed !== null && 'detail' in parsed;
  const detail = hasDetail ? parsed.detail : parsed;
  const form = hasDetail ? 'fastapi' : 'foreign';
  if (typeof detail === 'string') { return { className: '', message: detail, form }; }
  if (Array.isArray(detail) && typeof detail[0] === 'string') {
    const isClass = /^[A-Za-z]{1,64}$/.test(detail[0]);
    return {
      className: isClass ? detail[0] : '',
      message: typeof detail[1] === 'string' ? detail[1] : '',
      form: isClass ? 'zenml' : form,
    };
  }
  return { className: '', message: '', form };
}

/**
 * The exception classes that ZenML (0.80 to 0.98) answers with HTTP 404. Any other 404 is not about an object of ZenML.
 */
const MISSING = ['KeyError', 'ZenKeyError', 'DoesNotExistException'];

export function isMissingClass(className: string): boolean {
  return MISSING.includes(className);
}

export function isJson(answer: HttpAnswer): boolean {
  return /^application\/(?:[a-z0-9.+-]*\+)?json\b/i.test(answer.headers['content-type'] ?? '');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The three forms of an HTTP-date (RFC 9110, 5.6.7); the last one has no time zone and means GMT. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * Milliseconds that a `Retry-After` header asks for, 0 for a date that is over; undefined without a legal one (seconds
 * as an integer, or an HTTP-date). It is no pause by itself: the caller never waits less than its own back-off.
 */
export function retryAfterMs(answer: HttpAnswer, now: number): number | undefined {
  const header = answer.headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(header)) { return Number(header) * 1000; }
  const date = HTTP_DATES.some((form) => form.test(header))
    ? Date.parse(header.endsWith('GMT') ? header : `${header} GMT`)
    : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
