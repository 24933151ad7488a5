import * as fc from 'fast-check';
import { quote, Redactor } from '../../src/handler/redaction';

describe('redaction', () => {
  test('a known secret is redacted from any text, in every encoding', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 8, maxLength: 60 }).filter((secret) => !'[redacted]'.includes(secret)),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const redactor = new Redactor();
          redactor.add(secret);
          for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
            expect(redactor.redact(`${before}${form}${after}`)).not.toContain(form);
          }
        },
      ),
    );
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
  ])('the text "%s" is redacted by the form of its secrets', (text, expected) =>
    expect(new Redactor().redact(text)).toBe(expected),
  );

  test('texts of less than four characters are not treated as secrets', () => {
    const redactor = new Redactor();
    redactor.add('a', '', undefined);
    expect(redactor.redact('a banana')).toBe('a banana');
  });
});

describe('encodings of a secret', () => {
  // Built here: no file holds anything that looks like a real key.
  const key = `wJalr${'XUtnFEMI/K7+MDENG/bPxRfi'}CYsample0001`;
  const hide = (text: string) => {
    const redactor = new Redactor();
    redactor.add(key);
    return redactor.redact(text);
  };
  const longestPiece = (text: string) => {
    for (let length = key.length; length >= 4; length--) {
      for (let start = 0; start + length <= key.length; start++) {
        if (text.includes(key.slice(start, start + length))) {
          return length;
        }
      }
    }
    return 0;
  };

  test.each([
    ['Python quote()', encodeURIComponent(key).replace(/%2F/g, '/')],
    ['lower case', encodeURIComponent(key).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())],
    ['Python quote(), lower case', encodeURIComponent(key).replace(/%2F/g, '/').replace(/%2B/g, '%2b')],
    ['JSON with \\/', JSON.stringify(key).slice(1, -1).replace(/\//g, '\\/')],
    ['base64', Buffer.from(key).toString('base64')],
    ['base64url', Buffer.from(key).toString('base64url')],
  ])('a secret encoded as %s is redacted', (_, form) =>
    expect(hide(`it was ${form} here`)).toMatch(/^it was \[redacted\][A-Za-z0-9+/=_-]{0,3} here$/),
  );

  test.each(['x', 'ab', 'abc', 'user', 'longer-user'])('a secret in the base64 of "%s:<key>" is redacted', (user) => {
    const shown = hide(`Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`);
    const rest = Buffer.from(shown.split('[redacted]').join('').replace('Basic ', ''), 'base64').toString('latin1');
    expect(shown).toContain('[redacted]');
    expect(longestPiece(rest)).toBeLessThan(8);
  });

  test('a piece of 8 characters of a secret is redacted, wherever a server cuts', () => {
    for (let length = 8; length <= key.length; length++) {
      expect(hide(`input '${key.slice(0, length)}...'`)).toBe('input \'[redacted]...\'');
      expect(hide(`input '...${key.slice(-length)}'`)).toBe('input \'...[redacted]\'');
    }
    expect(hide(key.slice(0, 7))).toBe(key.slice(0, 7));
  });
});

describe('a quote', () => {
  const key = 'aB3d'.repeat(10);

  test('a quote is redacted before it is cut, wherever the cut is', () => {
    const redactor = new Redactor();
    redactor.add('known-secret-value-of-some-length');
    for (let before = 0; before < 120; before++) {
      for (const secret of [key, 'known-secret-value-of-some-length']) {
        const shown = quote(redactor, `${'x '.repeat(before / 2)}${secret} and more text that follows`, 100);
        expect(shown).not.toMatch(/aB3d|known-se/);
      }
    }
  });

  test('a quote reads 10,000 characters, and no word that this cuts', () => {
    const redactor = new Redactor();
    expect(quote(redactor, `${'\n'.repeat(9_980)}${key}`, 1_000)).toBe('');
    expect(quote(redactor, `${'\n'.repeat(9_960)}${key}`, 1_000)).toBe('[redacted]');
    expect(quote(redactor, `told ${'\n'.repeat(9_980)}${key}`, 1_000)).toBe('told');
    const started = Date.now();
    quote(redactor, 'eyJ'.repeat(2_000_000), 300);
    expect(Date.now() - started).toBeLessThan(1_000);
  });
});
