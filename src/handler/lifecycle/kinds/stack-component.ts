import { digestsOf, isAsWritten, keepable, keepableAgain, restored, restoredLabels, Written } from './give-back';
import { componentGuard, deleteUnused } from './guarded-delete';
import { proveAccess } from './proof-of-access';
import { checkReferencedRepositories } from './referenced-repositories';
import { connector } from './references';
import {
  environmentDigests,
  FoundEnvironment,
  LabelledSettings,
  newSettings,
  overwrittenEnvironment,
  prepareRuntimeSettings,
  putSettings,
  restoredSettings,
} from './runtime-settings';
import { verified } from './verification';
import { Label } from '../../../contract/labels';
import { StackComponentProperties } from '../../../contract/properties';
import { REGISTRY_HOST } from '../../../contract/rules';
import { UserError } from '../../errors';
import { parseJson } from '../../zenml/answers';
import { RuntimeSettings } from '../../zenml/runtime-settings';
import { requireComponentType } from '../../zenml/server-versions';
import { StackComponent, StackComponentBody } from '../../zenml/stack-components';
import { LifecycleContext } from '../context';
import { isOfThisAccount } from '../marks';
import { Adoption, NamedKind } from '../named/kind';
import { readProperties, StackComponentSchema, stableJson, textOf } from '../properties';

interface Desired {
  readonly properties: StackComponentProperties;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly connector?: { readonly id: string; readonly name?: string };
  readonly settings: RuntimeSettings;
}

const REGISTRY = 'container_registry';

/** What an adopted component was like: all of it, since a later deployment may overwrite what the adoption did not. */
interface FoundComponent extends FoundEnvironment {
  readonly name: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly connector: string | null;
  readonly resourceId: string | null;
  readonly labels: Readonly<Record<string, unknown>>;
}

const adoption: Adoption<StackComponent, Desired> = {
  describe: (object, desired) => {
    const { name, configuration, labels, connectorId, connectorResourceId } = object;
    const found: FoundComponent = {
      name,
      configuration,
      connector: connectorId ?? null,
      resourceId: connectorResourceId ?? null,
      labels,
      ...overwrittenEnvironment(object, desired.settings),
      ...writtenBy(desired),
    };
    return keepable(`component "${name}"`, found);
  },

  find: async (context, raw) =>
    context.zenml.components.byName(textOf(raw, 'ComponentType') ?? REGISTRY, textOf(raw, 'Name') ?? ''),

  describeNow: async (context, object, text, desired) => {
    const found = parseJson(text) as FoundComponent;
    const now = { ...withoutTemplate(object, found), ...overwrittenEnvironment(object, desired.settings, found) };
    return keepableAgain(context, `component "${object.name}"`, now, found, writtenBy(desired));
  },

  giveBack: async (context, object, text) => {
    await context.zenml.components.update(object.id, async () => {
      const now = (await context.zenml.components.get(object.id)) ?? object;
      const found = parseJson(text) as FoundComponent;
      const before = withoutTemplate(now, found);
      const previous = before.connector === null ? undefined : await context.zenml.connectors.get(before.connector);
      if (before.connector !== null && !previous) {
        context.warn(
          'CZ406',
          `component "${now.name}" had service connector ${before.connector}, which no longer exists: connect it to another one`,
        );
      }
      return {
        name: before.name,
        configuration: before.configuration,
        labels: before.labels,
        connector: previous?.id ?? null,
        connector_resource_id: previous ? before.resourceId : null,
        ...restoredSettings(now, found),
      };
    });
  },
};

/**
 * The component as it was found, but for what somebody has changed since. Somebody who has moved it to another
 * connector keeps that.
 */
function withoutTemplate(now: StackComponent, found: FoundComponent): Omit<FoundComponent, 'written' | 'environment'> {
  const isTemplatesConnector = isAsWritten(found, 'connector', now.connectorId ?? null);
  return {
    name: now.name === now.labels[Label.NAME] ? found.name : now.name,
    configuration: restored(now.configuration, found.configuration, found, 'configuration'),
    labels: restoredLabels(now.labels, found.labels, found),
    connector: isTemplatesConnector ? found.connector : now.connectorId ?? null,
    resourceId: isTemplatesConnector ? found.resourceId : now.connectorResourceId ?? null,
  };
}

function writtenBy({ properties, configuration, connector: used, settings }: Desired): Written {
  const written = digestsOf({ configuration, labels: properties.Labels ?? {}, connector: used?.id ?? null });
  return { written: { ...written, ...environmentDigests(settings) } };
}

export const stackComponentKind: NamedKind<StackComponentProperties, StackComponent, Desired> = {
  kind: 'stack-component',
  what: 'stack component',
  refersTo: 'the service connector of the component',
  vitalProperties: [
    'ServerUrl',
    'ComponentType',
    'Flavor',
    'Configuration',
    'Connector',
    'ConnectorResourceId',
    'Environment',
    'Secrets',
  ],

  parse: (raw, older) => readProperties(StackComponentSchema, raw, older),

  prepare: async (context, properties) => {
    const configuration = configurationOf(properties);
    await requireComponentType(context.session, properties.ComponentType);
    await checkReferencedRepositories(context, properties.Repositories ?? [], configuration.uri);
    return {
      properties,
      configuration,
      connector: await connectorOf(context, properties),
      settings: await prepareRuntimeSettings(context, properties),
    };
  },

  verify: async (context, { properties, connector: used }, _, singleAttempt) => {
    if (properties.VerifyConnector !== 'true' || !used) {
      return;
    }
    const isRegistry = properties.ComponentType === REGISTRY;
    await verified(
      context,
      {
        what: `service connector "${used.name ?? used.id}"`,
        registry: isRegistry ? properties.ConnectorResourceId : undefined,
        singleAttempt,
      },
      async () => context.zenml.connectors.verifyStored(used.id, isRegistry ? 'docker-registry' : undefined),
    );
  },

  prove: async (context, { properties, configuration, connector: used }, object) => {
    const registry = configuration.uri;
    const repositories = properties.ProveRepositories;
    if (!repositories?.length || !used || typeof registry !== 'string' || !REGISTRY_HOST.test(registry)) {
      return;
    }
    if (
      object
      && object.connectorId === used.id
      && object.configuration.uri === registry
      && !asksForProof(context.event)
    ) {
      return;
    }
    const proof = {
      connectorId: used.id,
      connector: `service connector "${used.name ?? used.id}"`,
      registry,
      repositories,
    };
    await proveAccess(context, proof);
  },

  immutableDifferences: (object, { properties, configuration }) => [
    ...(object.type !== properties.ComponentType ? ['component type'] : []),
    ...(object.flavor !== properties.Flavor ? ['flavor'] : []),
    // ZenML reuses builds by component id: another registry behind the same id would be asked for images that it does
    // not have.
    ...(properties.ComponentType === REGISTRY && object.configuration.uri !== configuration.uri
      ? ['registry URI']
      : []),
  ],

  immutableProperties: (raw) => [
    raw.ComponentType,
    raw.Flavor,
    raw.ComponentType === REGISTRY ? (parseJson(String(raw.Configuration)) as { uri?: unknown } | undefined)?.uri : '',
  ],

  get: async (context, id) => context.zenml.components.get(id),
  byName: async (context, { properties }, name) =>
    context.zenml.components.byName(properties.ComponentType, name, true),
  candidates: async (context, raw, createdSince) =>
    (
      await context.zenml.components.byType(textOf(raw, 'ComponentType') ?? REGISTRY, {
        ownerId: context.session.userId,
        createdSince,
      })
    ).filter((object) => isOfThisAccount(context, object)),
  post: async (context, desired, name, labels) =>
    context.zenml.components.create(
      desired.properties.ComponentType,
      desired.properties.Flavor,
      bodyOf(desired, name, newSettings(desired.settings, labels)),
    ),
  put: async (context, id, desired, state) =>
    putSettings(context, desired.settings, state, async (compose) =>
      context.zenml.components.update(id, async () => {
        const { name, settings } = await compose();
        return bodyOf(desired, name, settings);
      }),
    ),
  remove: componentGuard,
  removeById: async (context, id) =>
    deleteUnused(context, `stack component ${id}`, async () => context.zenml.components.delete(id)),
  adoption,
};

function bodyOf(desired: Desired, name: string, { settings, labels }: LabelledSettings): StackComponentBody {
  return {
    name,
    configuration: desired.configuration,
    labels,
    ...settings,
    connector: desired.connector?.id ?? null,
    connector_resource_id: desired.connector ? desired.properties.ConnectorResourceId ?? null : null,
  };
}

function configurationOf(properties: StackComponentProperties): Record<string, unknown> {
  const configuration = parseJson(properties.Configuration);
  if (typeof configuration !== 'object' || configuration === null || Array.isArray(configuration)) {
    throw new UserError(
      'CZ371', 'Configuration is not the JSON text of an object: deploy with one version of the library throughout',
    );
  }
  const { uri } = configuration as { uri?: unknown };
  if (
    properties.ComponentType === REGISTRY
    && properties.Flavor === 'aws'
    && !(typeof uri === 'string' && REGISTRY_HOST.test(uri))
  ) {
    throw new UserError(
      'CZ366',
      "the registry's URI must be an ECR host that ZenML can use, <account>.dkr.ecr.<region>.amazonaws.com, "
        + `got "${String(uri).slice(0, 100)}": ZenML supports neither China, EU sovereign and isolated Regions nor dual-stack hosts`,
    );
  }
  return configuration as Record<string, unknown>;
}

async function connectorOf(
  context: LifecycleContext,
  properties: StackComponentProperties,
): Promise<Desired['connector']> {
  const reference = properties.Connector;
  if (!reference) {
    return undefined;
  }
  // One of this template is known by its id, and the server says if it is not there; another's name is wanted for
  // messages.
  if (reference.Id !== undefined && properties.VerifyConnector !== 'true') {
    return { id: reference.Id };
  }
  const { id, name } = await connector(context, reference);
  return { id, name };
}

/** Whether an Update brings other repositories to prove, or another `repairTrigger`. */
function asksForProof({ OldResourceProperties: old, ResourceProperties: now }: LifecycleContext['event']): boolean {
  return ['ProveRepositories', 'RefreshToken'].some(
    (key) => stableJson(old[key] ?? null) !== stableJson(now[key] ?? null),
  );
}
