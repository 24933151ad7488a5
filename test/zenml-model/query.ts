import { badValue, invalidRequest } from './errors';
import { Call } from './objects';

/**
 * ZenML reads an operator out of the name filter: `equals:x`, `contains:x`, ... `contains` ignores case, as SQLite's
 * LIKE does.
 */
export function nameMatches(filter: string | null, name: string): boolean {
  if (filter === null) { return true; }
  const match = /^(equals|contains|startswith|endswith|notequals|notcontains|oneof):([^]*)$/.exec(filter);
  const value = match?.[2] ?? filter;
  switch (match?.[1]) {
    case 'contains': return name.toLowerCase().includes(value.toLowerCase());
    case 'notcontains': return !name.toLowerCase().includes(value.toLowerCase());
    case 'startswith': return name.toLowerCase().startsWith(value.toLowerCase());
    case 'endswith': return name.toLowerCase().endsWith(value.toLowerCase());
    case 'notequals': return name !== value;
    case 'oneof': return (JSON.parse(value) as string[]).includes(name);
    default: return name === value;
  }
}

/** `{"key": "value"}` asks for that value, `{"key": null}` for any; text that is no JSON matches nothing. */
export function labelsMatch(filter: string | null, labels: Readonly<Record<string, unknown>>): boolean {
  if (filter === null) { return true; }
  let wanted: Record<string, string | null>;
  try {
    wanted = JSON.parse(filter) as Record<string, string | null>;
  } catch {
    return false;
  }
  return Object.entries(wanted).every(([key, value]) => (value === null ? key in labels : labels[key] === value));
}

export function page<T extends { id: string; created: string }>(
  call: Call,
  rows: Iterable<T>,
  show: (row: T, hydrate: boolean) => unknown,
): unknown {
  const index = positive(call, 'page', 1, Number.MAX_SAFE_INTEGER);
  const size = positive(call, 'size', 20, 10000);
  const found = [...rows]
    .filter((row) => call.visible(row.id))
    .sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0));
  const pages = Math.max(1, Math.ceil(found.length / size));
  if (index > pages) {
    throw badValue(
      `Invalid page ${index}. The requested page size is ${size} and there are a total of ${found.length} items for this query. `
        + `The maximum page value therefore is ${pages}.`,
    );
  }
  const hydrate = call.query.get('hydrate') === 'true';
  return {
    index,
    max_size: size,
    total_pages: pages,
    total: found.length,
    items: found.slice((index - 1) * size, index * size).map((row) => show(row, hydrate)),
  };
}

function positive(call: Call, name: string, fallback: number, max: number): number {
  const text = call.query.get(name);
  if (text === null) { return fallback; }
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalidRequest(`('query', '${name}')`, `Input should be an integer from 1 to ${max}`, text);
  }
  return value;
}
