/** One line without control characters, of at most so many bytes of UTF-8 and of JSON text, cut between characters. */
export function oneLine(text: string, maxBytes: number): string {
  // eslint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ').trim();
  if (size(flat) <= maxBytes) { return flat; }
  let result = '';
  let bytes = size('...');
  for (const character of flat) {
    bytes += size(character);
    if (bytes > maxBytes) { break; }
    result += character;
  }
  return `${result}...`;
}

/** The same for a text that ends with a code: the text is cut, and the code stays. */
export function oneLineWithCode(text: string, maxBytes: number): string {
  const code = / \[CZ\d{3}\]$/.exec(text)?.[0] ?? '';
  return oneLine(text.slice(0, text.length - code.length), maxBytes - code.length) + code;
}

/** A quote or backslash takes two bytes in JSON, a lone surrogate six: count what is sent. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
