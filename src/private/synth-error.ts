/**
 * An error at synth. Its message ends with the code of the entry in docs/troubleshooting.md.
 *
 * @param code `CZ` and three digits. Messages about the same problem share a code.
 */
export function synthError(code: string, message: string): Error {
  return new Error(`${message} [${code}]`);
}
