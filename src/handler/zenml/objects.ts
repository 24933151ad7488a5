import * as v from 'valibot';
import { isUuid } from '../../contract/physical-id';

/** Fields of every object of ZenML that the handler works with. */
export interface ZenmlObject {
  readonly id: string;
  readonly name: string;
  /** The owner; undefined for the server's own objects. */
  readonly userId?: string;
  readonly labels: Readonly<Record<string, unknown>>;
}

/** Whether two names are one to a database that ignores case, accents and trailing blanks, as MySQL does. */
export function areAlike(one: string, other: string): boolean {
  return one.trimEnd().localeCompare(other.trimEnd(), 'en', { sensitivity: 'base' }) === 0;
}

export const Uuid = v.pipe(
  v.string(),
  v.transform((text) => text.toLowerCase()),
  v.check((value: string) => isUuid(value), 'a UUID'),
);

/** ZenML writes null where it has nothing. */
export function optional<T>(schema: v.GenericSchema<unknown, T>) {
  return v.nullish(schema);
}

const User = v.object({ id: Uuid });
export const Labels = optional(v.record(v.string(), v.unknown()));

/** The owner's place has moved: `body.user` (0.80), `body.user_id` and `resources.user` (newer). */
export const ownerEntries = { user_id: optional(Uuid), user: optional(User) };
export const ResourcesSchema = optional(v.object({ user: optional(User) }));

export function ownerOf(
  body: { user_id?: string | null; user?: { id: string } | null },
  resources: { user?: { id: string } | null } | null | undefined,
): string | undefined {
  return body.user_id ?? body.user?.id ?? resources?.user?.id ?? undefined;
}
