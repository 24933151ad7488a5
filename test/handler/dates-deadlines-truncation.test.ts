import { SteppedClock } from './support/harness';
import { remainingMs, startDeadline } from '../../src/handler/cloudformation/deadline';
import { issuedAt } from '../../src/handler/cloudformation/issued-at';
import { oneLine, oneLineWithCode } from '../../src/handler/cloudformation/reason';
import { DeadlineError, LostAnswerError, UnreachableError, UserError } from '../../src/handler/errors';
import { Redactor } from '../../src/handler/redaction';

describe('truncation of texts', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcdef', 5, 'ab...'],
    ['abcdef', 3, '...'],
    [' a \n b ', 9, 'a b'],
    ['"""', 6, '"""'],
    ['""""', 6, '"...'],
    ['é'.repeat(4), 7, 'éé...'],
    ['a\u2028b\u0085c\u007fd', 9, 'a b c d'],
  ])('the text %j is cut to %i bytes as %j', (text, bytes, expected) => expect(oneLine(text, bytes)).toBe(expected));

  test.each([
    ['a text that is long [CZ301]', 18, 'a text ... [CZ301]'],
    ['a text that is long [CZ301]', 27, 'a text that is long [CZ301]'],
    ['a text without code', 9, 'a text...'],
  ])('the text %j is cut to %i bytes as %j, and keeps its code', (text, bytes, expected) =>
    expect(oneLineWithCode(text, bytes)).toBe(expected));
});

describe('dates in response URLs', () => {
  test.each([
    'X-Amz-Date=x20260102T030405Z',
    'X-Amz-Date=20260102T030405Zx',
    'X-Amz-Date=20260102T030405',
    'Expires=x1767323045',
    'Expires=1767323045x',
    'Expires=12345678',
    'Expires=123456789012',
    'X-Amz-Date=',
    'Expires=',
  ])('the query %s contains no date', (query) => expect(issuedAt(`https://x/?${query}`)).toBeUndefined());
  test.each([['Expires=999999999', '2001-09-09T01:46:39.000Z'], ['Expires=99999999999', '5138-11-16T09:46:39.000Z']])(
    'the query %s contains a date', (query, expected) => expect(issuedAt(`https://x/?${query}`)).toBe(expected));
});

describe('deadlines to the second', () => {
  const context = (time: unknown) => ({ getRemainingTimeInMillis: () => time });
  test.each([[0, 120_000], [1, 1], [900_000, 900_000], [900_001, 120_000], ['5000', 120_000], [Infinity, 120_000]])(
    'a remaining time of %p counts as %i ms', (time, expected) => expect(remainingMs(context(time))).toBe(expected));

  test.each([
    // A change: the timeout less 70 s, at least 20 s, never into the answer's 10 s, at least 1 s. A Delete: all but 5
    // s.
    [300_000, 230_000, 295_000], [299_001, 230_000, 294_001],
    [90_000, 20_000, 85_000], [91_000, 21_000, 86_000], [25_000, 15_000, 20_000], [8_000, 1_000, 3_000],
    [2_000, 1_000, 1_000],
  ])('%i ms remaining are %i ms for a change and %i ms for a Delete', (time, change, remove) => {
    for (const [isChange, expected] of [[true, change], [false, remove]] as const) {
      const clock = new SteppedClock();
      const deadline = startDeadline(clock, context(time), isChange);
      expect(deadline.left()).toBe(expected);
      clock.advance(expected - 1);
      expect([deadline.left(), deadline.signal.aborted]).toEqual([1, false]);
      clock.advance(1_000);
      expect([deadline.left(), deadline.signal.aborted]).toEqual([0, true]);
      expect(deadline.signal.reason).toBeInstanceOf(DeadlineError);
    }
  });

  test('a cancelled deadline never ends', () => {
    const clock = new SteppedClock();
    const deadline = startDeadline(clock, undefined, true);
    deadline.cancel();
    clock.advance(1_000_000);
    expect(deadline.signal.aborted).toBe(false);
  });
});

test('errors have their class names, and the error of the deadline has its seconds', () => {
  expect(
    [
      new UserError('CZ301', 'm'),
      new UnreachableError('CZ301', 'm'),
      new LostAnswerError('CZ308', 'm'),
      new DeadlineError(1),
    ].map(({ name }) => name),
  ).toEqual(['UserError', 'UnreachableError', 'LostAnswerError', 'DeadlineError']);
  expect(new DeadlineError(229.6).message).toBe(
    'no result within 230 s: look whether the server is up and not overloaded, then deploy again or set a longer timeout',
  );
});

describe('redaction, to the character', () => {
  const hide = (text: string, ...secrets: string[]) => {
    const redactor = new Redactor();
    redactor.add(...secrets);
    return redactor.redact(text);
  };
  const long = 'aB3/'.repeat(10);

  test.each([
    ['abcd', 'x abcd y', 'x [redacted] y'],
    ['abc', 'x abc y', 'x abc y'],
    ['a b"c', 'a b"c a%20b%22c a b\\"c', '[redacted] [redacted] [redacted]'],
  ])('the secret %j is redacted from a text', (secret, text, expected) => expect(hide(text, secret)).toBe(expected));

  test('the longer of two secrets is redacted first, whatever their order', () => {
    for (const secrets of [
      ['abcd', 'abcdefgh'],
      ['abcdefgh', 'abcd'],
    ]) {
      expect(hide('abcdefgh', ...secrets)).toBe('[redacted]');
    }
  });

  test.each([
    ['ZEN' + 'PROKEY_' + 'ab+/=_-.x', '[redacted].x'],
    ['bearer   tok.en, next', '[redacted], next'],
    ['Bearer "x"', 'Bearer "x"'],
    ['ey' + 'Jabcde', '[redacted]'],
    ['ey' + 'Jabcd', 'ey' + 'Jabcd'],
    ['AS' + 'IA' + 'A'.repeat(12), '[redacted]'],
    ['AK' + 'IA' + 'A'.repeat(11), 'AK' + 'IA' + 'A'.repeat(11)],
    ['xAK' + 'IA' + 'A'.repeat(12), 'xAK' + 'IA' + 'A'.repeat(12)],
    [`(${long})`, '([redacted])'],
    [`${long}=`, `${long}=`],
    [`-${long}`, `-${long}`],
    [`${long}a`, `${long}a`],
    ['http://u:p@h/ ftp://x@y', 'http://[redacted]@h/ ftp://[redacted]@y'],
    ['http://h/a@b', 'http://h/a@b'],
    ['mail a@b', 'mail a@b'],
    ['https://h/p?q=1&r="x" https://h?y', 'https://h/p"x" https://h'],
    ['what? https://h/p#f?g', 'what? https://h/p#f?g'],
  ])('secrets are recognized by their form in %s', (text, expected) => expect(hide(text)).toBe(expected));
});
