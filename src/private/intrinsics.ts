/**
 * A CloudFormation intrinsic function as it stands in a resolved template, without the functions that no caller needs
 * to read.
 */
type Intrinsic =
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'attribute'; readonly path: readonly string[] }
  | { readonly kind: 'join'; readonly separator: string; readonly parts: readonly unknown[] }
  | { readonly kind: 'other' };

/** Reads a resolved value as an intrinsic function; undefined for any other value. */
export function readIntrinsic(value: unknown): Intrinsic | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) { return undefined; }
  const { 'Ref': name, 'Fn::GetAtt': path, 'Fn::Join': join } = value as {
    'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]];
  };
  if (name !== undefined) { return { kind: 'ref', name }; }
  if (path !== undefined) { return { kind: 'attribute', path }; }
  if (join !== undefined) { return { kind: 'join', separator: join[0], parts: join[1] }; }
  return Object.keys(value).some((key) => key.startsWith('Fn::')) ? { kind: 'other' } : undefined;
}

/** Whether a resolved value contains an intrinsic function: only CloudFormation knows its final text. */
export function containsIntrinsic(value: unknown): boolean {
  if (readIntrinsic(value)) { return true; }
  return typeof value === 'object' && value !== null && Object.values(value).some(containsIntrinsic);
}
