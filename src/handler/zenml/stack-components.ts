import * as v from 'valibot';
import { ZenmlClient } from './client';
import { areAlike, Labels, optional, ownerEntries, ownerOf, ResourcesSchema, Uuid, ZenmlObject } from './objects';
import { boundsQuery, listAll, ListBounds } from './pages';
import { RuntimeSettings, RuntimeSettingsBody, runtimeSettingsEntries, runtimeSettingsOf } from './runtime-settings';
import { unlessMissing } from './service-connectors';

export interface StackComponent extends ZenmlObject, RuntimeSettings {
  readonly type: string;
  readonly flavor: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly connectorId?: string;
  readonly connectorResourceId?: string;
}

/** A PUT without `connector` disconnects, so both PUT and POST carry all of it. */
export interface StackComponentBody extends RuntimeSettingsBody {
  readonly name: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly connector: string | null;
  readonly connector_resource_id: string | null;
}

const StackComponentSchema = v.pipe(
  v.object({
    id: Uuid,
    name: v.string(),
    body: v.object({
      ...ownerEntries,
      type: v.string(),
      flavor_name: optional(v.string()),
      flavor: optional(v.string()),
    }),
    metadata: optional(
      v.object({
        configuration: optional(v.record(v.string(), v.unknown())),
        labels: Labels,
        connector: optional(v.object({ id: Uuid })),
        connector_resource_id: optional(v.string()),
        ...runtimeSettingsEntries,
      }),
    ),
    resources: ResourcesSchema,
  }),
  v.transform(({ id, name, body, metadata, resources }): StackComponent => ({
    id,
    name,
    userId: ownerOf(body, resources),
    labels: metadata?.labels ?? {},
    type: body.type,
    flavor: body.flavor_name ?? body.flavor ?? '',
    configuration: metadata?.configuration ?? {},
    connectorId: metadata?.connector?.id,
    connectorResourceId: metadata?.connector_resource_id ?? undefined,
    ...runtimeSettingsOf(metadata),
  })),
);

export class StackComponents {
  public constructor(private readonly client: ZenmlClient) {}

  public async get(id: string): Promise<StackComponent | undefined> {
    return unlessMissing(
      this.client.call({
        method: 'GET',
        path: `/components/${id}`,
        query: { hydrate: 'true' },
        schema: StackComponentSchema,
      }),
    );
  }

  /** `alike`: also those whose name the server takes for the same (a database may ignore case and accents). */
  public async byName(type: string, name: string, alike: boolean = false): Promise<StackComponent[]> {
    const found = await this.list({ type, name: `equals:${name}` });
    return found.filter(
      (component) => component.type === type && (component.name === name || (alike && areAlike(component.name, name))),
    );
  }

  /** Of any type. */
  public async byNameOfAnyType(name: string): Promise<StackComponent[]> {
    return (await this.list({ name: `equals:${name}` })).filter((component) => component.name === name);
  }

  public async byType(type: string, bounds?: ListBounds): Promise<StackComponent[]> {
    return (await this.list({ type, ...boundsQuery(bounds) })).filter((component) => component.type === type);
  }

  public async byConnector(connectorId: string): Promise<StackComponent[]> {
    return (await this.list({ connector_id: connectorId })).filter(
      (component) => component.connectorId === connectorId,
    );
  }

  public async create(type: string, flavor: string, body: StackComponentBody): Promise<StackComponent> {
    return this.client.call({
      method: 'POST',
      path: '/components',
      json: { ...body, type, flavor },
      creates: true,
      schema: StackComponentSchema,
    });
  }

  /** `body` is called before each try. */
  public async update(id: string, body: () => Promise<StackComponentBody>): Promise<StackComponent> {
    return this.client.call({ method: 'PUT', path: `/components/${id}`, json: body, schema: StackComponentSchema });
  }

  /** Everything else stays: ZenML leaves alone what a PUT omits, but for the connector. */
  public async disconnect(id: string): Promise<void> {
    await this.client.call({
      method: 'PUT',
      path: `/components/${id}`,
      json: { connector: null, connector_resource_id: null },
      schema: v.object({ id: Uuid }),
    });
  }

  public async delete(id: string): Promise<void> {
    await unlessMissing(this.client.call({ method: 'DELETE', path: `/components/${id}`, schema: v.null() }));
  }

  private async list(query: Readonly<Record<string, string>>): Promise<StackComponent[]> {
    return listAll(this.client, '/components', { ...query, hydrate: 'true' }, StackComponentSchema);
  }
}
