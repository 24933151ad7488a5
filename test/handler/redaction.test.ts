import * as fc from 'fast-check';
import { Redactor } from '../../src/handler/redaction';

describe('redaction', () => {
  test('a known secret is gone from any text, however it is wrapped', () => {
    fc.assert(fc.property(
      fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }).filter((secret) => !'[redacted]'.includes(secret)), fc.string(), fc.string(),
      (secret, before, after) => {
        const redactor = new Redactor();
        redactor.add(secret);
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
          expect(redactor.redact(`${before}${form}${after}`)).not.toContain(form);
        }
      },
    ));
  });

  test.each([
    ['the key ' + 'ZENKEY_' + 'eyJpZCI6IjEifQ== is bad', 'the key [redacted] is bad'],
    ['Authorization: Bearer abc.def.ghi', 'Authorization: [redacted]'],
    ['token ' + 'ey' + 'JhbGciOiJIUzI1NiJ9.e30.sig', 'token [redacted]'],
    ['user ' + 'AK' + 'IA' + 'X'.repeat(16) + ' denied', 'user [redacted] denied'],
    ['see https://user:pass@host/path?X-Amz-Signature=1#x', 'see https://[redacted]@host/path'],
    ['secret key ' + 'aB3/'.repeat(10) + ' is wrong', 'secret key [redacted] is wrong'],
    ['role arn:aws:iam::111122223333:role/a-role-of-ours', 'role arn:aws:iam::111122223333:role/a-role-of-ours'],
    ['nothing to hide', 'nothing to hide'],
  ])('%s', (text, expected) => expect(new Redactor().redact(text)).toBe(expected));

  test('short texts are no secrets', () => {
    const redactor = new Redactor();
    redactor.add('a', '', undefined);
    expect(redactor.redact('a banana')).toBe('a banana');
  });
});
