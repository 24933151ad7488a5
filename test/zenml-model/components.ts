import { showConnector } from './connectors';
import { badValue, exists, illegal, invalidConfiguration, invalidRequest, notFound, ZenMLError } from './errors';
import { Call, Component, UUID } from './objects';
import { nameMatches, page } from './query';
import { applyPut, settingsOfRequest } from './secrets';

/** Flavors that the model knows; the container registry's are the ones whose configuration it checks. */
const FLAVORS: Record<string, string[]> = {
  container_registry: ['aws', 'default', 'dockerhub', 'gcp', 'azure', 'github'],
  orchestrator: ['local', 'sagemaker', 'kubernetes', 'skypilot_aws'],
  artifact_store: ['local', 's3'],
  image_builder: ['local', 'kaniko', 'aws'],
  step_operator: ['sagemaker', 'kubernetes'],
  deployer: ['local', 'aws'],
};

export function createComponent(call: Call): unknown {
  const { body, tables } = call;
  for (const key of ['name', 'type', 'flavor', 'configuration']) {
    if (body[key] === undefined || body[key] === null) {
      throw invalidRequest(`('body', '${key}')`, 'Field required', body);
    }
  }
  checkName(body.name);
  const type = body.type as string;
  const flavor = body.flavor as string;
  if (!FLAVORS[type]?.includes(flavor)) {
    throw new ZenMLError(404, { detail: ['KeyError', `"No flavor with name '${flavor}' and type '${type}' exists."`] });
  }
  checkConfiguration(type, flavor, body.configuration as Record<string, unknown>);
  const connector = checkConnector(call, body.connector);
  checkFree(call, type, body.name as string);
  const settings = settingsOfRequest(call);
  const component: Component = {
    id: call.newId(),
    userId: call.user.id,
    type,
    flavor,
    name: body.name as string,
    configuration: body.configuration as Record<string, unknown>,
    labels: (body.labels as Record<string, unknown> | null | undefined) ?? null,
    ...settings,
    connector,
    connectorResourceId: (body.connector_resource_id as string | null | undefined) ?? null,
    created: call.now(),
    updated: call.now(),
  };
  tables.components.set(component.id, component);
  return showComponent(call, component, true);
}

export function getComponent(call: Pick<Call, 'tables'>, id: string): Component {
  const component = call.tables.components.get(id);
  if (!component) { throw notFound('stack component', id); }
  return component;
}

export function listComponents(call: Call): unknown {
  const wants = (name: string, value: string | null) => (call.query.get(name) ?? value) === value;
  const rows = [...call.tables.components.values()].filter(row =>
    nameMatches(call.query.get('name'), row.name) && wants('type', row.type) && wants('flavor', row.flavor)
    && wants('connector_id', row.connector) && wants('id', row.id));
  return page(call, rows, (row, hydrate) => showComponent(call, row, hydrate));
}

/**
 * A PUT without `connector` disconnects the component and clears `connector_resource_id`; type and flavor are ignored.
 */
export function updateComponent(call: Call, id: string): unknown {
  const { body } = call;
  const component = getComponent(call, id);
  if (component.userId === null) { throw illegal(`The default ${component.type} cannot be modified.`); }
  if (body.name !== undefined) { checkName(body.name); }
  const name = (body.name as string | null | undefined) ?? component.name;
  if (name !== component.name) { checkFree(call, component.type, name); }
  if (body.configuration) {
    checkConfiguration(component.type, component.flavor, body.configuration as Record<string, unknown>);
  }
  const connector = checkConnector(call, body.connector);
  applyPut(call, component, {
    name,
    configuration: (body.configuration as Record<string, unknown> | null | undefined) ?? component.configuration,
    labels: body.labels === undefined ? component.labels : body.labels as Record<string, unknown> | null,
    connector,
    connectorResourceId: connector === null ? null : (body.connector_resource_id as string | null | undefined) ?? null,
    updated: call.now(),
  });
  return showComponent(call, component, true);
}

export function deleteComponent(call: Call, id: string): null {
  const component = getComponent(call, id);
  if (component.userId === null) { throw illegal(`The default ${component.type} cannot be deleted.`); }
  const stacks = [...call.tables.stacks.values()].filter((stack) =>
    Object.values(stack.components).flat().includes(id),
  ).length;
  if (stacks > 0) {
    throw illegal(
      `Stack Component \`${component.name}\` of type \`${component.type} cannot be deleted as it is part of ${stacks} stacks. `
        + 'Before deleting this stack component, make sure to remove it from all stacks.',
    );
  }
  call.tables.components.delete(id);
  return null;
}

export function showComponent(
  call: Pick<Call, 'tables'>,
  row: Component,
  hydrate: boolean,
  brief: boolean = false,
): unknown {
  const user = row.userId === null ? undefined : call.tables.users.get(row.userId);
  const connector = row.connector === null ? undefined : call.tables.connectors.get(row.connector);
  return {
    id: row.id,
    name: row.name,
    permission_denied: false,
    body: {
      created: row.created,
      updated: row.updated,
      user_id: row.userId,
      type: row.type,
      flavor_name: row.flavor,
      integration: 'built-in',
      logo_url: '',
    },
    metadata:
      !hydrate || brief
        ? null
        : {
          configuration: row.configuration,
          environment: row.environment,
          secrets: row.secrets,
          labels: row.labels,
          connector_resource_id: row.connectorResourceId,
          connector: connector ? showConnector(call, connector, false, false, true) : null,
        },
    resources: brief
      ? null
      : {
        user: user ? { id: user.id, name: user.name, body: {}, metadata: null, resources: null } : null,
        flavor: { name: row.flavor },
      },
  };
}

function checkName(name: unknown): void {
  if (typeof name !== 'string') { throw invalidRequest("('body', 'name')", 'Input should be a valid string', name); }
  if (name.length > 255) {
    throw invalidRequest("('body', 'name')", 'String should have at most 255 characters', name);
  }
}

function checkFree(call: Call, type: string, name: string): void {
  if ([...call.tables.components.values()].some(other => other.type === type && other.name === name)) {
    throw exists(
      `Unable to register '${type}' component with name '${name}': Found an existing component with the same name and type.`,
    );
  }
}

function checkConnector(call: Call, connector: unknown): string | null {
  if (connector === undefined || connector === null) { return null; }
  if (typeof connector !== 'string' || !UUID.test(connector)) {
    throw invalidRequest("('body', 'connector')", 'Input should be a valid UUID', connector);
  }
  if (!call.tables.connectors.has(connector)) { throw notFound('service connector', connector); }
  return connector;
}

function checkConfiguration(type: string, flavor: string, configuration: Record<string, unknown>): void {
  if (type !== 'container_registry' || flavor !== 'aws') { return; }
  const unknown = Object.keys(configuration).filter(key => !['uri', 'default_repository', 'size'].includes(key));
  if (unknown.length > 0) {
    throw badValue(`Invalid configuration keys ['${unknown.join("', '")}'] for aws container_registry.`);
  }
  if (typeof configuration.uri !== 'string') {
    throw invalidConfiguration(
      `1 validation error for AWSContainerRegistryConfig\nuri\n  Field required [input_value=${JSON.stringify(configuration)}]`,
    );
  }
  if (configuration.uri.replace(/^https?:\/\//, '').includes('/')) {
    throw invalidConfiguration(
      `1 validation error for AWSContainerRegistryConfig\nuri\n  Value error, Property \`uri\` can not contain a \`/\`. [input_value='${configuration.uri}']`,
    );
  }
}
