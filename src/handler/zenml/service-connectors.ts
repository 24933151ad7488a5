import * as v from 'valibot';
import { VERIFY_TIMEOUT_MS } from './call';
import { ZenmlClient } from './client';
import { areAlike, Labels, optional, ownerEntries, ownerOf, ResourcesSchema, Uuid, ZenmlObject } from './objects';
import { boundsQuery, listAll, ListBounds } from './pages';
import { ZenmlError } from '../errors';

export interface ServiceConnector extends ZenmlObject {
  readonly connectorType: string;
  readonly authMethod: string;
  readonly resourceTypes: readonly string[];
  readonly resourceId?: string;
  readonly region?: unknown;
  readonly roleArn?: unknown;
}

/** The whole body of POST, PUT and verify: a PUT clears what is left out, so there is but one shape. */
export interface ServiceConnectorBody {
  readonly name: string;
  readonly connector_type: 'aws';
  readonly auth_method: string;
  readonly resource_types: readonly string[];
  readonly resource_id?: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly description: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly expiration_seconds?: number;
  readonly expires_at?: string;
}

export interface Verified {
  /** Empty when AWS accepted. */
  readonly error: string;
  /** By resource type: what the credentials reach. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
}

const ServiceConnectorSchema = v.pipe(
  v.object({
    id: Uuid,
    name: v.string(),
    body: v.object({
      ...ownerEntries,
      // A short answer holds the name of the type, a hydrated one its whole description.
      connector_type: v.union([v.string(), v.object({ connector_type: v.string() })]),
      auth_method: v.string(),
      resource_types: v.array(v.string()),
      resource_id: optional(v.string()),
    }),
    // Answers to POST and PUT have AWS keys in the configuration: only what is listed here is kept.
    metadata: optional(v.object({
      labels: Labels,
      configuration: optional(v.object({ region: optional(v.unknown()), role_arn: optional(v.unknown()) })),
    })),
    resources: ResourcesSchema,
  }),
  v.transform(({ id, name, body, metadata, resources }): ServiceConnector => ({
    id,
    name,
    userId: ownerOf(body, resources),
    labels: metadata?.labels ?? {},
    connectorType: typeof body.connector_type === 'string' ? body.connector_type : body.connector_type.connector_type,
    authMethod: body.auth_method,
    resourceTypes: body.resource_types,
    resourceId: body.resource_id ?? undefined,
    region: metadata?.configuration?.region,
    roleArn: metadata?.configuration?.role_arn,
  })),
);

const VerifiedSchema = v.pipe(
  v.object({
    error: optional(v.string()),
    resources: optional(
      v.array(
        v.object({
          resource_type: v.string(),
          resource_ids: optional(v.array(v.string())),
          error: optional(v.string()),
        }),
      ),
    ),
  }),
  v.transform(({ error, resources }): Verified => ({
    error: error || resources?.find((entry) => entry.error)?.error || '',
    resources: new Map(
      (resources ?? []).map((entry) => [
        entry.resource_type,
        (entry.resource_ids ?? []).map((id) => id.replace(/^https:\/\//, '')),
      ]),
    ),
  })),
);

/** What a Docker client logs in to a registry with. */
export interface DockerCredentials {
  readonly username: string;
  readonly password: string;
}

const Values = optional(v.record(v.string(), v.unknown()));

/** Newer servers return all of it as the configuration; older ones (seen in 0.80.0) return secret values apart. */
const DockerCredentialsSchema = v.pipe(
  v.object({ metadata: optional(v.object({ configuration: Values, secrets: Values })) }),
  v.transform(({ metadata }): DockerCredentials | undefined => {
    const { username, password } = { ...metadata?.configuration, ...metadata?.secrets };
    return typeof username === 'string' && typeof password === 'string' && password !== ''
      ? { username, password }
      : undefined;
  }),
);

export class ServiceConnectors {
  public constructor(private readonly client: ZenmlClient) {}

  public async get(id: string): Promise<ServiceConnector | undefined> {
    return unlessMissing(
      this.client.call({
        method: 'GET',
        path: `/service_connectors/${id}`,
        query: { hydrate: 'true', expand_secrets: 'false' },
        schema: ServiceConnectorSchema,
      }),
    );
  }

  /** `alike`: also those whose name the server takes for the same (a database may ignore case and accents). */
  public async byName(name: string, alike: boolean = false): Promise<ServiceConnector[]> {
    return (await this.list({ name: `equals:${name}` })).filter(
      (connector) => connector.name === name || (alike && areAlike(connector.name, name)),
    );
  }

  public async all(bounds?: ListBounds): Promise<ServiceConnector[]> {
    return this.list(boundsQuery(bounds));
  }

  public async create(body: ServiceConnectorBody): Promise<ServiceConnector> {
    return this.client.call({
      method: 'POST',
      path: '/service_connectors',
      json: body,
      creates: true,
      secret: true,
      schema: ServiceConnectorSchema,
    });
  }

  /** `body` is called before each try. */
  public async update(id: string, body: () => Promise<ServiceConnectorBody>): Promise<ServiceConnector> {
    return this.client.call({
      method: 'PUT',
      path: `/service_connectors/${id}`,
      json: body,
      secret: true,
      schema: ServiceConnectorSchema,
    });
  }

  public async delete(id: string): Promise<void> {
    await unlessMissing(this.client.call({ method: 'DELETE', path: `/service_connectors/${id}`, schema: v.null() }));
  }

  /** Whether AWS would accept a connector like this; nothing is stored. */
  public async verify(body: ServiceConnectorBody): Promise<Verified> {
    return this.client.call({
      method: 'POST',
      path: '/service_connectors/verify',
      json: body,
      secret: true,
      timeoutMs: VERIFY_TIMEOUT_MS,
      schema: VerifiedSchema,
    });
  }

  /** Whether AWS accepts the connector as it is stored. */
  public async verifyStored(id: string, resourceType: string | undefined): Promise<Verified> {
    return this.client.call({
      method: 'PUT',
      path: `/service_connectors/${id}/verify`,
      query: resourceType ? { resource_type: resourceType } : undefined,
      secret: true,
      timeoutMs: VERIFY_TIMEOUT_MS,
      schema: VerifiedSchema,
    });
  }

  /** The Docker credentials that a pipeline would get for the registry; undefined where the answer has none. */
  public async dockerCredentials(id: string, registry: string): Promise<DockerCredentials | undefined> {
    return this.client.call({
      method: 'GET',
      path: `/service_connectors/${id}/client`,
      query: { resource_type: 'docker-registry', resource_id: registry },
      secret: true,
      timeoutMs: VERIFY_TIMEOUT_MS,
      schema: DockerCredentialsSchema,
    });
  }

  private async list(query: Readonly<Record<string, string>>): Promise<ServiceConnector[]> {
    return listAll(
      this.client,
      '/service_connectors',
      { ...query, hydrate: 'true', expand_secrets: 'false' },
      ServiceConnectorSchema,
    );
  }
}

/** ZenML's own 404 as undefined. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ZenmlError && error.isMissing) { return undefined; }
    throw error;
  }
}
