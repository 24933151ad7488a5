import * as v from 'valibot';
import { ZenmlClient } from './client';
import { UserError, ZenmlError } from '../errors';

/**
 * A page of 20 hydrated connectors is about 1 MB, because each carries the whole description of its type; other objects
 * are small.
 */
const PAGE_SIZE = { '/service_connectors': 20, '/components': 100, '/stacks': 100, '/secrets': 20 } as const;
/** A server that never comes to an end is not followed for ever. */
const MAX_PAGES = 2_000;
/** The server's clock and CloudFormation's differ, in milliseconds. */
const CLOCKS_DIFFER_MS = 3_600_000;

const PageSchema = v.object({ index: v.number(), total_pages: v.number(), items: v.array(v.unknown()) });
type Page = v.InferOutput<typeof PageSchema>;

/**
 * What bounds a list at the server. A help only: callers compare again, since a server ignores parameters that it does
 * not know.
 */
export interface ListBounds {
  /** Objects of this ZenML user. */
  readonly ownerId?: string;
  /** Objects that were made at this time or later; an hour of difference between the clocks is allowed for. */
  readonly createdSince?: Date;
}

/**
 * ZenML's filters, the same in 0.80 and 0.98: `created` takes exactly this form, in UTC; any other is refused with HTTP
 * 422.
 */
export function boundsQuery({ ownerId, createdSince }: ListBounds = {}): Record<string, string> {
  const since = createdSince && new Date(createdSince.getTime() - CLOCKS_DIFFER_MS).toISOString();
  return {
    ...(ownerId && { user: ownerId }),
    ...(since && { created: `gte:${since.slice(0, 10)} ${since.slice(11, 19)}` }),
  };
}

/**
 * All items of a list. Filters are a help only: older and newer servers ignore parameters that they do not know, so
 * callers compare again. Items that the account may not read (`permission_denied`) or that are not of the expected
 * shape are left out.
 *
 * ZenML pages by offset. Somebody who deletes an object while the handler reads moves all later ones forward, over the
 * border of a page that was read already. So the list is sorted by age, which new objects do not change, and read from
 * its last page to its first: then an object that moves comes to a page that is still to be read.
 */
export async function listAll<T>(
  client: ZenmlClient,
  path: keyof typeof PAGE_SIZE,
  query: Readonly<Record<string, string>>,
  item: v.GenericSchema<unknown, T>,
): Promise<T[]> {
  const read = async (page: number): Promise<Page> =>
    client.call({
      method: 'GET',
      path,
      query: { ...query, sort_by: 'asc:created', page: String(page), size: String(PAGE_SIZE[path]) },
      schema: PageSchema,
    });
  const first = await read(1);
  const pages: Page[] = [first];
  let last = first.total_pages;
  // New objects can have filled the last page meanwhile; how many pages there are the newest answer tells.
  for (let page = last; page > 1;) {
    if (last > MAX_PAGES) {
      throw new UserError(
        'CZ304',
        `ZenML at ${client.address.url} returned too many pages of ${path}: check that the URL is a ZenML server's`,
      );
    }
    const answer = await unlessShorter(read(page));
    if (answer) {
      pages.unshift(answer);
    }
    if (answer && page === last && answer.total_pages > last) {
      page = last = answer.total_pages;
    } else {
      page--;
    }
  }
  if (last > 1) {
    pages.unshift(await read(1));
  }
  return distinct(
    pages.flatMap(({ items }) => items),
    item,
  );
}

/** Undefined where the list has become shorter than this page: the server refuses a page behind its last one. */
async function unlessShorter(answer: Promise<Page>): Promise<Page | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (
      error instanceof ZenmlError
      && error.status === 400
      && error.className === 'ValueError'
      && /Invalid page/.test(error.detail)
    ) {
      return undefined;
    }
    throw error;
  }
}

/** Each object once, as it was read last, the oldest first. `raw` begins with what was read last. */
function distinct<T>(raw: readonly unknown[], item: v.GenericSchema<unknown, T>): T[] {
  const seen = new Set<unknown>();
  const found: T[] = [];
  for (const one of raw) {
    const result = v.safeParse(item, one);
    const id = (one as { id?: unknown } | null)?.id;
    if (!result.success || (id !== undefined && seen.has(id))) { continue; }
    seen.add(id);
    found.push(result.output);
  }
  return found;
}
