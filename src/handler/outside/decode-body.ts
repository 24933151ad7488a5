import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

const DECODERS: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  'gzip': promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  'deflate': promisify(zlib.inflate),
  'br': promisify(zlib.brotliDecompress),
};

/**
 * The body as it was before a proxy compressed it although the request did not ask for it; undefined when the encoding
 * is unknown or the body is broken. Rejects with `ERR_BUFFER_TOO_LARGE` when it would be larger than allowed.
 */
export async function decodeBody(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer | undefined> {
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  try {
    return await decode?.(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') { throw error; }
    return undefined;
  }
}
