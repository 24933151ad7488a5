import { authorizationFailed, badValue, exists, illegal, invalidRequest, notFound } from './errors';
import { Call, Connector } from './objects';
import { labelsMatch, nameMatches, page } from './query';
import { AUTH_METHOD_SHAPE, AuthMethodName } from '../../src/contract/auth-methods';

const TYPES = ['aws-generic', 's3-bucket', 'kubernetes-cluster', 'docker-registry'];
const SECRETS = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'];
const REGISTRY = /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/;

export function createConnector(call: Call): unknown {
  const { body, tables } = call;
  checkShape(body, true);
  const configuration = checkConfiguration(body);
  const name = body.name as string;
  if ([...tables.connectors.values()].some(other => other.name === name)) {
    throw exists(
      `Unable to create the requested service connector with name '${name}': Found another existing service connector with the same name.`,
    );
  }
  const connector: Connector = {
    id: call.newId(),
    userId: call.user.id,
    name,
    connectorType: body.connector_type as string,
    authMethod: body.auth_method as string,
    resourceTypes: resourceTypes(body),
    resourceId: (body.resource_id as string | null | undefined) ?? null,
    configuration,
    labels: (body.labels as Record<string, string> | null | undefined) ?? {},
    description: (body.description as string | undefined) ?? '',
    expirationSeconds: (body.expiration_seconds as number | null | undefined) ?? null,
    expiresAt: timestamp(body.expires_at),
    expiresSkewTolerance: (body.expires_skew_tolerance as number | null | undefined) ?? null,
    created: call.now(),
    updated: call.now(),
  };
  tables.connectors.set(connector.id, connector);
  return showConnector(call, connector, true, true);
}

export function getConnector(call: Call, id: string): Connector {
  const connector = call.tables.connectors.get(id);
  if (!connector) { throw notFound('service connector', id); }
  return connector;
}

export function listConnectors(call: Call): unknown {
  const rows = [...call.tables.connectors.values()].filter(row =>
    nameMatches(call.query.get('name'), row.name) && labelsMatch(call.query.get('labels_str'), row.labels)
    && (call.query.get('id') ?? row.id) === row.id);
  return page(call, rows, (row, hydrate) =>
    showConnector(call, row, hydrate, call.query.get('expand_secrets') !== 'false'),
  );
}

/**
 * What a PUT leaves out: `resource_types` becomes all four, `resource_id` and `expiration_seconds` are cleared, the
 * rest stays.
 */
export function updateConnector(call: Call, id: string): unknown {
  const { body, tables } = call;
  const connector = getConnector(call, id);
  checkShape(body, false);
  const authMethod = (body.auth_method as string | null | undefined) ?? connector.authMethod;
  const types = resourceTypes(body);
  const resourceId = (body.resource_id as string | null | undefined) ?? null;
  if ([...tables.components.values()].some(component => component.connector === id)) {
    const changed = authMethod !== connector.authMethod ? 'authentication method'
      : [...types].sort().join() !== [...connector.resourceTypes].sort().join() && !widens(body) ? 'resource type'
        : resourceId !== connector.resourceId ? 'resource ID' : undefined;
    if (changed) {
      throw illegal(
        `The ${changed} of a service connector that is already actively used in one or more stack components cannot be changed.`,
      );
    }
  }
  const name = (body.name as string | null | undefined) ?? connector.name;
  if ([...tables.connectors.values()].some(other => other.id !== id && other.name === name)) {
    throw exists(
      `Unable to update the requested service connector with name '${name}': Found another existing service connector with the same name.`,
    );
  }
  if (body.configuration) { connector.configuration = checkConfiguration({ ...body, auth_method: authMethod }); }
  Object.assign(connector, {
    name,
    authMethod,
    resourceTypes: types,
    resourceId,
    expirationSeconds: (body.expiration_seconds as number | null | undefined) ?? null,
    labels: (body.labels as Record<string, string> | null | undefined) ?? connector.labels,
    description: (body.description as string | null | undefined) ?? connector.description,
    expiresAt: timestamp(body.expires_at) ?? connector.expiresAt,
    expiresSkewTolerance: (body.expires_skew_tolerance as number | null | undefined) ?? connector.expiresSkewTolerance,
    updated: call.now(),
  });
  return showConnector(call, connector, true, true);
}

export function deleteConnector(call: Call, id: string): null {
  getConnector(call, id);
  const users = [...call.tables.components.values()].filter(component => component.connector === id).length;
  if (users > 0) {
    throw illegal(
      `Service connector with ID ${id} cannot be deleted as it is still referenced by ${users} stack components. `
        + 'Before deleting this service connector, make sure to remove it from all stack components.',
    );
  }
  call.tables.connectors.delete(id);
  return null;
}

/**
 * `POST .../verify` with the body of a create, or `PUT .../{id}/verify`. A refusal of AWS is an HTTP 200 with `error`.
 */
export function verifyConnector(call: Call, id?: string): unknown {
  const stored = id === undefined ? undefined : getConnector(call, id);
  if (!stored) { checkShape(call.body, true); }
  const method = stored?.authMethod ?? call.body.auth_method as string;
  const configuration = stored?.configuration ?? strict(() => checkConfiguration(call.body));
  const resourceId = stored ? stored.resourceId : (call.body.resource_id as string | null | undefined) ?? null;
  const types = stored?.resourceTypes ?? resourceTypes(call.body);
  const expiration = stored ? stored.expirationSeconds : call.body.expiration_seconds as number | null | undefined;
  checkUsable(method, configuration, resourceId, expiration, types);
  const resources = types.map(type => {
    let resourceIds: string[] | null = null;
    let error: string | null = null;
    try {
      const registry = call.verifyWithAws(configuration, method, id);
      resourceIds = type === 'docker-registry' ? [registry] : [resourceId ?? String(configuration.region)];
    } catch (failure) {
      error = `connector${stored ? ` '${stored.name}'` : ''} authorization failure: ${(failure as Error).message}`;
    }
    return { resource_type: type, resource_ids: resourceIds, error };
  });
  return {
    id: stored?.id ?? null,
    name: stored?.name ?? null,
    connector_type: stored ? CONNECTOR_TYPE : 'aws',
    resources,
    error: resources.length === 1 ? resources[0]!.error : null,
  };
}

/** `GET .../{id}/client?resource_type=docker-registry`: what a Docker client logs in with. */
export function dockerCredentials(call: Call, id: string): unknown {
  const stored = getConnector(call, id);
  let registry: string;
  try {
    registry = call.verifyWithAws(stored.configuration, stored.authMethod, id);
  } catch (failure) {
    throw authorizationFailed(`Failed to get authorization token from ECR: ${(failure as Error).message}`);
  }
  return {
    ...(showConnector(call, stored, false, false) as object),
    metadata: {
      configuration: { username: 'AWS', password: `docker-password-of-${id}`, registry: `https://${registry}` },
    },
  };
}

const CONNECTOR_TYPE = {
  name: 'AWS Service Connector',
  connector_type: 'aws',
  description: '(long text)',
  resource_types: [],
  auth_methods: [],
};

export function showConnector(
  call: Pick<Call, 'tables'>,
  row: Connector,
  hydrate: boolean,
  secrets: boolean,
  brief: boolean = false,
): unknown {
  const configuration = Object.fromEntries(
    Object.entries(row.configuration).filter(([key]) => secrets || !SECRETS.includes(key)),
  );
  const user = call.tables.users.get(row.userId);
  return {
    id: row.id,
    name: row.name,
    permission_denied: false,
    body: {
      created: row.created,
      updated: row.updated,
      user_id: row.userId,
      description: row.description,
      connector_type: brief ? row.connectorType : CONNECTOR_TYPE,
      auth_method: row.authMethod,
      resource_types: row.resourceTypes,
      resource_id: row.resourceId,
      supports_instances: false,
      expires_at: row.expiresAt,
      expires_skew_tolerance: row.expiresSkewTolerance,
    },
    // Asking for the secrets (the default) brings the metadata along, hydrated or not.
    metadata:
      hydrate || secrets ? { configuration, expiration_seconds: row.expirationSeconds, labels: row.labels } : null,
    resources: brief
      ? null
      : { user: user ? { id: user.id, name: user.name, body: {}, metadata: null, resources: null } : null },
  };
}

function checkShape(body: Record<string, unknown>, create: boolean): void {
  for (const key of create ? ['name', 'connector_type', 'auth_method'] : []) {
    if (typeof body[key] !== 'string') { throw invalidRequest(`('body', '${key}')`, 'Field required', body); }
  }
  if (typeof body.name === 'string' && body.name.length > 255) {
    throw invalidRequest("('body', 'name')", 'String should have at most 255 characters', body.name);
  }
  for (const [key, value] of Object.entries((body.labels as Record<string, unknown> | null | undefined) ?? {})) {
    if (typeof value !== 'string') {
      throw invalidRequest(`('body', 'labels', '${key}')`, 'Input should be a valid string', value);
    }
  }
}

function checkConfiguration(body: Record<string, unknown>): Record<string, unknown> {
  const shape = AUTH_METHOD_SHAPE[body.auth_method as AuthMethodName];
  if (!shape) {
    throw badValue('connector configuration is not valid: "connector type \'aws\' does not support the '
      + `'${String(body.auth_method)}' authentication method. Supported authentication methods are: [...]."`);
  }
  const given = (body.configuration as Record<string, unknown> | undefined) ?? {};
  const required = [
    'region',
    ...(shape.keys ? SECRETS.slice(0, 2) : []),
    ...(shape.token ? [SECRETS[2]!] : []),
    ...(shape.role === 'required' ? ['role_arn'] : []),
  ];
  const optional = [
    'endpoint_url',
    ...(shape.role === 'optional' ? ['role_arn'] : []),
    ...(shape.policy ? ['policy', 'policy_arns'] : []),
  ];
  for (const key of required) {
    if (given[key] === undefined || given[key] === null) {
      throw badValue(`connector configuration is not valid: missing required attribute '${key}'`);
    }
  }
  return Object.fromEntries(Object.entries(given).filter(([key]) => required.includes(key) || optional.includes(key)));
}

/** Checked by verify only: a POST or PUT takes these as they are. */
function checkUsable(
  method: string,
  configuration: Record<string, unknown>,
  resourceId: string | null,
  expiration: number | null | undefined,
  types: string[],
): void {
  const invalid = (message: string) => badValue(`The service connector configuration is not valid: ${message}`);
  if (expiration !== null && expiration !== undefined) {
    if (method === 'secret-key' || method === 'sts-token' || (method === 'implicit' && !configuration.role_arn)) {
      throw invalid(
        `connector configuration is not valid: Expiration time is not supported for this authentication method but a value was provided: ${expiration}`,
      );
    }
    if (expiration < 900) {
      throw invalid('connector configuration is not valid: Expiration time must be at least 900 seconds.');
    }
  }
  if (resourceId !== null && types.length === 1 && types[0] === 'docker-registry') {
    const region = REGISTRY.exec(resourceId)?.[1];
    if (!region) {
      throw invalid(`Invalid resource ID for a ECR registry: ${resourceId}.`);
    }
    if (region !== configuration.region) {
      throw invalid(
        `The AWS region for the ${resourceId} ECR repository region '${region}' does not match the region configured in the connector: '${String(configuration.region)}'.`,
      );
    }
  }
}

function strict<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    const [, message] = (error as { body: { detail: [string, string] } }).body.detail;
    throw badValue(`The service connector configuration is not valid: ${message}`);
  }
}

function resourceTypes(body: Record<string, unknown>): string[] {
  const given = body.resource_types;
  if (typeof given === 'string') { return [given]; }
  return Array.isArray(given) && given.length > 0 ? given as string[] : [...TYPES];
}

/** Leaving the types out widens the connector to all of them, even while it is in use. */
function widens(body: Record<string, unknown>): boolean {
  return !(Array.isArray(body.resource_types) && body.resource_types.length > 0);
}

function timestamp(value: unknown): string | null {
  return typeof value === 'string' ? new Date(value).toISOString().replace(/\.\d+Z$/, '') : null;
}
