import * as v from 'valibot';
import { ZenmlClient } from './client';
import { UserError } from '../errors';

/** A page of hydrated connectors is about 1 MB: each carries the whole description of its type. */
const PAGE_SIZE = 20;
/** A server that never comes to an end is not followed for ever. */
const MAX_PAGES = 2_000;

const PageSchema = v.object({ index: v.number(), total_pages: v.number(), items: v.array(v.unknown()) });

/**
 * All items of a list. Filters are a help only: older and newer servers ignore parameters that they do not know, so callers compare
 * again. Items that the account may not read (`permission_denied`) or that are not of the expected shape are left out.
 */
export async function listAll<T>(
  client: ZenmlClient, path: string, query: Readonly<Record<string, string>>, item: v.GenericSchema<unknown, T>,
): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const answer = await client.call({
      method: 'GET', path, query: { ...query, page: String(page), size: String(PAGE_SIZE) }, schema: PageSchema,
    });
    for (const raw of answer.items) {
      const result = v.safeParse(item, raw);
      if (result.success) { found.push(result.output); }
    }
    if (page >= answer.total_pages) { return found; }
  }
  throw new UserError(`ZenML at ${client.address.url} does not come to the end of its list ${path}`);
}
