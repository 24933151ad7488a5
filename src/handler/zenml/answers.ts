import { HttpAnswer } from '../ports';

/** Of a failed call: the server's exception class and message, each empty when there is none. */
export interface Complaint {
  readonly className: string;
  readonly message: string;
}

/**
 * ZenML writes errors as `{"detail": ["Class", "message"]}`, `{"detail": "text"}`, or a bare `["Class", "message"]` (422).
 */
export function readComplaint(answer: HttpAnswer): Complaint {
  const parsed = parseJson(answer.body);
  const detail = typeof parsed === 'object' && parsed !== null && 'detail' in parsed ? parsed.detail : parsed;
  if (typeof detail === 'string') { return { className: '', message: detail }; }
  if (Array.isArray(detail) && typeof detail[0] === 'string') {
    const isClass = /^[A-Za-z]{1,64}$/.test(detail[0]);
    return { className: isClass ? detail[0] : '', message: typeof detail[1] === 'string' ? detail[1] : '' };
  }
  return { className: '', message: '' };
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

/** Milliseconds that a `Retry-After` header (seconds or a date) asks for; undefined without a usable one. */
export function retryAfterMs(answer: HttpAnswer, now: number): number | undefined {
  const header = answer.headers['retry-after']?.trim();
  if (!header) { return undefined; }
  if (/^\d{1,9}$/.test(header)) { return Number(header) * 1000; }
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
