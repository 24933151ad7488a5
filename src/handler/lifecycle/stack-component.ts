import { componentGuard } from './guarded-delete';
import { NamedKind } from './named-kind';
import { isOurs } from './ownership';
import { readProperties, StackComponentSchema, textOf } from './properties';
import { connector } from './references';
import { verified } from './verification';
import { Work } from './work';
import { RepositoryReference, StackComponentProperties } from '../../contract/properties';
import { REGISTRY_HOST } from '../../contract/rules';
import { UserError } from '../errors';
import { AwsError } from '../ports';
import { whileDenied } from '../server/patience';
import { parseJson } from '../zenml/answers';
import { StackComponent, StackComponentBody } from '../zenml/stack-components';

interface Desired {
  readonly properties: StackComponentProperties;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly connector?: { readonly id: string; readonly name?: string };
}

const REGISTRY = 'container_registry';

export const stackComponentKind: NamedKind<StackComponentProperties, StackComponent, Desired> = {
  kind: 'stack-component',
  what: 'stack component',

  parse: (raw) => readProperties(StackComponentSchema, raw),

  prepare: async (work, properties) => {
    const configuration = configurationOf(properties);
    for (const repository of properties.Repositories ?? []) { await checkRepository(work, repository, configuration.uri); }
    return { properties, configuration, connector: await connectorOf(work, properties) };
  },

  verify: async (work, { properties, connector: used }, _, once) => {
    if (properties.VerifyConnector !== 'true' || !used) { return; }
    const isRegistry = properties.ComponentType === REGISTRY;
    await verified(
      work,
      { what: `service connector "${used.name ?? used.id}"`, registry: isRegistry ? properties.ConnectorResourceId : undefined, once },
      async () => work.zenml.connectors.verifyStored(used.id, isRegistry ? 'docker-registry' : undefined),
    );
  },

  differences: (object, { properties, configuration }) => [
    ...(object.type !== properties.ComponentType ? ['component type'] : []),
    ...(object.flavor !== properties.Flavor ? ['flavor'] : []),
    // ZenML reuses builds by component id: another registry behind the same id would be asked for images that it does not have.
    ...(properties.ComponentType === REGISTRY && object.configuration.uri !== configuration.uri ? ['registry URI'] : []),
  ],

  fixedProperties: (raw) => [
    raw.ComponentType, raw.Flavor, raw.ComponentType === REGISTRY ? (parseJson(String(raw.Configuration)) as { uri?: unknown } | undefined)?.uri : '',
  ],

  get: async (work, id) => work.zenml.components.get(id),
  byName: async (work, { properties }, name) => work.zenml.components.byName(properties.ComponentType, name),
  candidates: async (work, raw) =>
    (await work.zenml.components.byType(textOf(raw, 'ComponentType') ?? REGISTRY)).filter((object) => isOurs(work, object)),
  post: async (work, desired, name, labels) =>
    work.zenml.components.create(desired.properties.ComponentType, desired.properties.Flavor, bodyOf(desired, name, labels)),
  put: async (work, id, desired, name, labels, beforeRepeat) => work.zenml.components.update(id, bodyOf(desired, name, labels), beforeRepeat),
  remove: componentGuard,
};

function bodyOf(desired: Desired, name: string, labels: Readonly<Record<string, unknown>>): StackComponentBody {
  return {
    name,
    configuration: desired.configuration,
    labels,
    connector: desired.connector?.id ?? null,
    connector_resource_id: desired.connector ? desired.properties.ConnectorResourceId ?? null : null,
  };
}

function configurationOf(properties: StackComponentProperties): Record<string, unknown> {
  const configuration = parseJson(properties.Configuration);
  if (typeof configuration !== 'object' || configuration === null || Array.isArray(configuration)) {
    throw new UserError('Configuration is not the JSON text of an object: deploy with one version of the library throughout');
  }
  const { uri } = configuration as { uri?: unknown };
  if (properties.ComponentType === REGISTRY && properties.Flavor === 'aws' && !(typeof uri === 'string' && REGISTRY_HOST.test(uri))) {
    throw new UserError('the registry\'s URI must be an ECR host that ZenML can use, <account>.dkr.ecr.<region>.amazonaws.com, '
      + `got "${String(uri).slice(0, 100)}": ZenML supports neither China, EU sovereign and isolated Regions nor dual-stack hosts`);
  }
  return configuration as Record<string, unknown>;
}

async function connectorOf(work: Work, properties: StackComponentProperties): Promise<Desired['connector']> {
  const reference = properties.Connector;
  if (!reference) { return undefined; }
  // One of this template is known by its id, and the server says if it is not there; another's name is wanted for messages.
  if (reference.Id !== undefined && properties.VerifyConnector !== 'true') { return { id: reference.Id }; }
  const { id, name } = await connector(work, reference);
  return { id, name };
}

/** A referenced repository must exist, on the very registry that the component names. */
async function checkRepository(work: Work, repository: RepositoryReference, uri: unknown): Promise<void> {
  const { ports, deadline } = work;
  const request = { name: repository.Name, registryId: repository.RegistryId, region: repository.Region };
  const called = `ECR repository "${repository.Name}" (account ${repository.RegistryId}, Region ${repository.Region})`;
  let found: string;
  try {
    found = await whileDenied(ports, deadline, work.propagationSeconds, async () => ports.aws.getRepositoryUri(request, deadline.signal));
  } catch (error) {
    if (!(error instanceof AwsError)) { throw error; }
    if (error.missing) { throw new UserError(`${called} does not exist: create it first, or take it out of the registry's repositories`); }
    throw new UserError(`${called} cannot be read (${error.code}): allow ecr:DescribeRepositories to the registration function in the repository's policy or its account`);
  }
  const host = found.split('/')[0];
  if (host !== uri) { throw new UserError(`${called} is on registry ${host}, not on ${String(uri).slice(0, 100)}: one registry has one account and Region`); }
}
