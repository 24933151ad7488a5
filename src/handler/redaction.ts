const REDACTED = '[redacted]';

/** Anything of these shapes is hidden, whether we know the value or not. */
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

/** Hides the secrets that this invocation has seen, and whatever looks like one. */
export class Redactor {
  private readonly values = new Set<string>();

  /** Remembers a secret. Texts of fewer than 4 characters are left alone: hiding them would hide ordinary words. */
  public add(...secrets: Array<string | undefined>): void {
    for (const secret of secrets) {
      if (secret && secret.length >= 4) { this.values.add(secret); }
    }
  }

  public redact(text: string): string {
    let result = text;
    // Longest first: a secret may contain another one.
    for (const value of [...this.values].sort((a, b) => b.length - a.length)) {
      result = result.split(value).join(REDACTED);
      const encoded = encodeURIComponent(value);
      if (encoded !== value) { result = result.split(encoded).join(REDACTED); }
      const json = JSON.stringify(value).slice(1, -1);
      if (json !== value) { result = result.split(json).join(REDACTED); }
    }
    for (const shape of SHAPES) { result = result.replace(shape, REDACTED); }
    return result.replace(USER_INFO, `$1${REDACTED}@`).replace(URL_QUERY, '$1');
  }
}
