import { connectorGuard, deleteUnused } from './guarded-delete';
import { verified } from './verification';
import { AUTH_METHOD_SHAPE, AuthMethodName } from '../../../contract/auth-methods';
import { ServiceConnectorProperties } from '../../../contract/properties';
import { brokenDescriptionRule, brokenKeyConnectorNameLength } from '../../../contract/rules';
import { UserError } from '../../errors';
import { readKeysBinding } from '../../server/bindings';
import { readFields } from '../../server/secrets';
import { parameterReader, secretReader } from '../../server/session';
import { ServiceConnector, ServiceConnectorBody } from '../../zenml/service-connectors';
import { LifecycleContext } from '../context';
import { isOfThisAccount } from '../marks';
import { NamedKind } from '../named/kind';
import { nameOf } from '../named/naming';
import { readProperties, ServiceConnectorSchema } from '../properties';

interface Desired {
  readonly properties: ServiceConnectorProperties;
  readonly configuration: Readonly<Record<string, string>>;
}

export const serviceConnectorKind: NamedKind<ServiceConnectorProperties, ServiceConnector, Desired> = {
  kind: 'service-connector',
  what: 'service connector',
  vitalProperties: [
    'ServerUrl',
    'AuthMethod',
    'ResourceType',
    'ResourceId',
    'Region',
    'RoleArn',
    'SessionPolicy',
    'KeysBinding',
    'KeysVersion',
    'ExpiresAt',
  ],

  parse: (raw, older) => readProperties(ServiceConnectorSchema, raw, older),

  prepare: async (context, properties) => {
    refuseTooLong(properties);
    return { properties, configuration: await configurationOf(context, properties) };
  },

  verify: async (context, desired, name, singleAttempt) => {
    const { properties } = desired;
    if (properties.Verify === 'false') {
      return;
    }
    const registry = properties.ResourceType === 'docker-registry' ? properties.ResourceId : undefined;
    const body = bodyOf(desired, name, {});
    await verified(context, { what: `service connector "${name}"`, registry, singleAttempt }, async () =>
      context.zenml.connectors.verify(body),
    );
  },

  immutableDifferences: (object, { properties }) => [
    ...(object.connectorType !== 'aws' ? ['connector type'] : []),
    ...(object.authMethod !== properties.AuthMethod ? ['authentication method'] : []),
    ...(object.resourceTypes.length !== 1 || object.resourceTypes[0] !== properties.ResourceType
      ? ['resource type']
      : []),
    ...((object.resourceId ?? '') !== (properties.ResourceId ?? '') ? ['resource id'] : []),
  ],

  immutableProperties: (raw) => [raw.AuthMethod, raw.ResourceType, raw.ResourceId],

  get: async (context, id) => context.zenml.connectors.get(id),
  byName: async (context, _, name) => context.zenml.connectors.byName(name, true),
  // Not by labels: somebody may have edited one of them.
  candidates: async (context, _, createdSince) =>
    (await context.zenml.connectors.all({ ownerId: context.session.userId, createdSince })).filter((object) =>
      isOfThisAccount(context, object),
    ),
  post: async (context, desired, name, labels) => context.zenml.connectors.create(bodyOf(desired, name, labels)),
  put: async (context, id, desired, state) =>
    context.zenml.connectors.update(id, async () => {
      const { name, labels } = await state();
      return bodyOf(desired, name, labels);
    }),
  remove: connectorGuard,
  removeById: async (context, id) =>
    deleteUnused(context, `service connector ${id}`, async () => context.zenml.connectors.delete(id)),
};

/**
 * Always all of it: a PUT clears what it omits, and `resource_types` left out would open the connector to all four
 * types.
 */
function bodyOf(
  { properties, configuration }: Desired,
  name: string,
  labels: Readonly<Record<string, unknown>>,
): ServiceConnectorBody {
  return {
    name,
    connector_type: 'aws',
    auth_method: properties.AuthMethod,
    resource_types: [properties.ResourceType],
    ...(properties.ResourceId && { resource_id: properties.ResourceId }),
    configuration,
    description: properties.Description ?? '',
    labels,
    ...(properties.ExpirationSeconds && { expiration_seconds: Number(properties.ExpirationSeconds) }),
    ...(properties.ExpiresAt && { expires_at: properties.ExpiresAt }),
  };
}

/** ZenML would say no more than "HTTP 422" or "HTTP 500" of these. */
function refuseTooLong({ Name, NamePrefix, AuthMethod, Description }: ServiceConnectorProperties): void {
  const length = Name?.length ?? nameOf({ NamePrefix }, '000000').length;
  const broken = shapeOf(AuthMethod)?.keys ? brokenKeyConnectorNameLength(length) : undefined;
  if (broken) { throw new UserError('CZ353', `${broken}, got ${length}: choose a shorter name`); }
  const tooLong = brokenDescriptionRule(Description ?? '');
  if (tooLong) { throw new UserError('CZ353', `Description: ${tooLong}, got ${[...Description!].length}`); }
}

function shapeOf(method: string): (typeof AUTH_METHOD_SHAPE)[AuthMethodName] | undefined {
  return Object.hasOwn(AUTH_METHOD_SHAPE, method) ? AUTH_METHOD_SHAPE[method as AuthMethodName] : undefined;
}

async function configurationOf(
  context: LifecycleContext,
  properties: ServiceConnectorProperties,
): Promise<Record<string, string>> {
  const shape = shapeOf(properties.AuthMethod);
  if (!shape) {
    throw new UserError(
      'CZ371',
      `AuthMethod: ZenML's AWS connector knows ${Object.keys(AUTH_METHOD_SHAPE).join(', ')}, got "${properties.AuthMethod.slice(0, 40)}"`,
    );
  }
  if (shape.role === 'required' && !properties.RoleArn) {
    throw new UserError('CZ371', `AuthMethod ${properties.AuthMethod} needs RoleArn: give the role to assume`);
  }
  if (shape.keys && !properties.KeysBinding) {
    throw new UserError(
      'CZ371',
      `AuthMethod ${properties.AuthMethod} needs KeysBinding: give the secret with the AWS keys`,
    );
  }
  return {
    region: properties.Region,
    ...(shape.role !== 'none' && properties.RoleArn && { role_arn: properties.RoleArn }),
    ...(shape.policy && properties.SessionPolicy && { policy: properties.SessionPolicy }),
    ...(shape.keys && (await keysOf(context, properties.KeysBinding!, shape.token))),
  };
}

/** The AWS keys, read now and from a secret that is bound to this very server. */
async function keysOf(context: LifecycleContext, bindingName: string, token: boolean): Promise<Record<string, string>> {
  const binding = await readKeysBinding(bindingName, parameterReader(context));
  if (binding.url !== context.session.url) {
    throw new UserError(
      'CZ332',
      `SSM parameter ${bindingName} ties its AWS keys to another ZenML server than ${context.session.url}: deploy again to restore it`,
    );
  }
  if (token && !binding.sessionTokenField) {
    throw new UserError(
      'CZ332', `SSM parameter ${bindingName} names no field for the session token: deploy again to restore it`,
    );
  }
  const fields: Record<string, string> = {
    aws_access_key_id: binding.accessKeyIdField,
    aws_secret_access_key: binding.secretAccessKeyField,
    ...(token && { aws_session_token: binding.sessionTokenField! }),
  };
  const keys = await readFields(binding.secretId, binding.versionId, fields, secretReader(context));
  context.redactor.add(...Object.values(keys));
  return keys;
}
