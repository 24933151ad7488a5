import { oneLine } from './cloudformation/reason';

const REDACTED = '[redacted]';

/** Anything of these shapes is hidden, whether the value is known or not. */
const SHAPES: readonly RegExp[] = [
  /ZEN(?:PRO)?KEY_[A-Za-z0-9+/=_-]+/g,
  /Bearer\s+[^\s"',;]+/gi,
  /eyJ[A-Za-z0-9_=-]{5,}(?:\.[A-Za-z0-9_=-]*)*/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  // A secret access key: a server may quote one that this invocation never saw.
  /(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])/g,
];
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;
const URL_QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)\?[^\s"']*/gi;

/** A part of a known secret of so many characters is hidden, too: servers cut what they quote. */
const PIECE_LENGTH = 8;
/** Shorter secrets are looked for in their plain forms only: their base64 is too short to tell it from other text. */
const BASE64_MIN_LENGTH = 12;
/**
 * Of a longer text only the beginning is read, in characters: no server needs more to say what is wrong, and regular
 * expressions take time.
 */
const QUOTE_MAX_INPUT = 10_000;

/** Hides the secrets that this invocation has seen, and whatever looks like one. */
export class Redactor {
  /** Every run of 8 characters (or the whole of a shorter secret) of every form of every known secret. */
  private readonly pieces = new Set<string>();
  private readonly lengths = new Set<number>();

  /** Remembers a secret. Texts of fewer than 4 characters are left alone: hiding them would hide ordinary words. */
  public add(...secrets: Array<string | undefined>): void {
    for (const form of secrets
      .filter((secret) => secret !== undefined && secret.length >= 4)
      .flatMap((secret) => formsOf(secret!))) {
      const length = Math.min(PIECE_LENGTH, form.length);
      this.lengths.add(length);
      for (let start = 0; start + length <= form.length; start++) {
        this.pieces.add(form.slice(start, start + length));
      }
    }
  }

  public redact(text: string): string {
    let result = this.hideKnown(text);
    for (const shape of SHAPES) { result = result.replace(shape, REDACTED); }
    return result.replace(USER_INFO, `$1${REDACTED}@`).replace(URL_QUERY, '$1');
  }

  private hideKnown(text: string): string {
    let result = '';
    let shown = 0;
    let hiddenTo = 0;
    for (let start = 0; start < text.length; start++) {
      for (const length of this.lengths) {
        if (start + length > text.length || !this.pieces.has(text.slice(start, start + length))) { continue; }
        if (start > hiddenTo || hiddenTo === 0) { result += text.slice(shown, start) + REDACTED; }
        hiddenTo = Math.max(hiddenTo, start + length);
        shown = hiddenTo;
      }
    }
    return result + text.slice(shown);
  }
}

/**
 * Another party's text for a message: redacted first and cut afterwards, since a secret that is cut is not recognized
 * any more. Every text of a server goes through here.
 */
export function quote(redactor: Redactor, text: string, maxBytes: number): string {
  // The last word of a text that is cut here may be a part of an unknown secret, too short to be recognized.
  const bounded =
    text.length > QUOTE_MAX_INPUT ? text.slice(0, QUOTE_MAX_INPUT).replace(/[A-Za-z0-9+/=_.%-]+$/, '') : text;
  return oneLine(redactor.redact(bounded), maxBytes);
}

/**
 * The forms in which a secret comes back: as it is, in URLs (JavaScript's, Python's, in lower case), in JSON, in
 * base64.
 */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, json, json.replace(/\//g, '\\/'), ...percentEncoded(secret)];
  if (secret.length >= BASE64_MIN_LENGTH) { forms.push(...base64(secret)); }
  return [...new Set(forms)];
}

function percentEncoded(secret: string): string[] {
  let uri: string;
  try {
    uri = encodeURIComponent(secret);
  } catch {
    // Half a character: no server got that either.
    return [];
  }
  const strict = uri.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  const python = strict.replace(/%2F/g, '/');
  const plus = strict.replace(/%20/g, '+');
  return [uri, strict, python, plus].flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  ]);
}

/**
 * Inside a longer text (`user:<key>`) the base64 of a secret depends on where it begins: three forms, without the
 * characters that it shares with what stands before it; each as it ends a text, and as it goes on.
 */
function base64(secret: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const ending = bytes.toString('base64').slice(offset === 0 ? 0 : 4);
    const inside = bytes.subarray(0, bytes.length - bytes.length % 3).toString('base64').slice(offset === 0 ? 0 : 4);
    return [ending, inside].flatMap((form) => [form, form.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')]);
  });
}
