import * as v from 'valibot';
import { ZenmlClient } from './client';
import { areAlike, Labels, optional, ownerEntries, ownerOf, ResourcesSchema, Uuid, ZenmlObject } from './objects';
import { boundsQuery, listAll, ListBounds } from './pages';
import { RuntimeSettings, RuntimeSettingsBody, runtimeSettingsEntries, runtimeSettingsOf } from './runtime-settings';
import { unlessMissing } from './service-connectors';
import { ZenmlError } from '../errors';

/** By component type, the components' ids in the order of `inZenmlOrder`. */
export type Composition = Readonly<Record<string, readonly string[]>>;

export interface Stack extends ZenmlObject, RuntimeSettings {
  readonly components: Composition;
  readonly description?: string;
}

export interface StackBody extends RuntimeSettingsBody {
  readonly name: string;
  readonly description: string;
  readonly components: Composition;
  readonly labels: Readonly<Record<string, unknown>>;
}

const StackSchema = v.pipe(
  v.object({
    id: Uuid,
    name: v.string(),
    body: v.object(ownerEntries),
    // Without its composition a stack must not be written: a PUT replaces all of it.
    metadata: v.object({
      components: v.record(v.string(), v.array(v.object({ id: Uuid }))),
      labels: Labels,
      description: optional(v.string()),
      ...runtimeSettingsEntries,
    }),
    resources: ResourcesSchema,
  }),
  v.transform(({ id, name, body, metadata, resources }): Stack => ({
    id,
    name,
    userId: ownerOf(body, resources),
    labels: metadata.labels ?? {},
    description: metadata.description ?? undefined,
    ...runtimeSettingsOf(metadata),
    components: Object.fromEntries(
      Object.entries(metadata.components).map(([type, list]) => [type, inZenmlOrder(list.map((one) => one.id))]),
    ),
  })),
);

export class Stacks {
  public constructor(private readonly client: ZenmlClient) {}

  public async get(id: string): Promise<Stack | undefined> {
    return unlessMissing(
      this.client.call({ method: 'GET', path: `/stacks/${id}`, query: { hydrate: 'true' }, schema: StackSchema }),
    );
  }

  /** `alike`: also those whose name the server takes for the same (a database may ignore case and accents). */
  public async byName(name: string, alike: boolean = false): Promise<Stack[]> {
    return (await this.list({ name: `equals:${name}` })).filter(
      (stack) => stack.name === name || (alike && areAlike(stack.name, name)),
    );
  }

  public async all(bounds?: ListBounds): Promise<Stack[]> {
    return this.list(boundsQuery(bounds));
  }

  public async byComponent(componentId: string): Promise<Stack[]> {
    return (await this.list({ component_id: componentId })).filter((stack) => holds(stack, componentId));
  }

  public async create(body: StackBody): Promise<Stack> {
    return this.client.call({ method: 'POST', path: '/stacks', json: body, creates: true, schema: StackSchema });
  }

  /** `body` is called before each try. */
  public async update(id: string, body: () => Promise<Partial<StackBody>>): Promise<Stack> {
    return this.client.call({ method: 'PUT', path: `/stacks/${id}`, json: body, schema: StackSchema });
  }

  /**
   * Changes the composition of a stack that others change, too. ZenML writes it as a whole, so it is read again and
   * composed anew before each repeat. Returns the composition that was written; undefined when the stack no longer
   * exists.
   */
  public async recompose(stack: Stack, compose: (current: Stack) => Composition): Promise<Composition | undefined> {
    let written: Composition | undefined;
    let current: Stack | undefined = stack;
    try {
      await this.update(stack.id, async () => {
        if (written) { current = await this.get(stack.id); }
        // What no longer exists answers the PUT with 404.
        written = compose(current ?? stack);
        return { components: written };
      });
      return written;
    } catch (error) {
      if (error instanceof ZenmlError && error.isMissing && (await this.get(stack.id)) === undefined) {
        return undefined;
      }
      throw error;
    }
  }

  public async delete(id: string): Promise<void> {
    await unlessMissing(this.client.call({ method: 'DELETE', path: `/stacks/${id}`, schema: v.null() }));
  }

  private async list(query: Readonly<Record<string, string>>): Promise<Stack[]> {
    return listAll(this.client, '/stacks', { ...query, hydrate: 'true' }, StackSchema);
  }
}

/**
 * The components of a type as ZenML shows them. The first one is the default of the type; a pipeline uses it where it
 * names none. ZenML stores no order of the others, so they are sorted here, for comparisons.
 */
export function inZenmlOrder(ids: readonly string[]): readonly string[] {
  const [first, ...others] = ids;
  return first === undefined ? [] : [first, ...others.sort()];
}

export function holds(stack: Stack, componentId: string): boolean {
  return Object.values(stack.components).some((list) => list.includes(componentId));
}

/** The composition without one component; a type that is left without any is left out. */
export function without(components: Composition, componentId: string): Composition {
  return Object.fromEntries(Object.entries(components)
    .map(([type, list]): [string, readonly string[]] => [type, list.filter((id) => id !== componentId)])
    .filter(([, list]) => list.length > 0));
}
