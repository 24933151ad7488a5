import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { isUuid } from '../../contract/physical-id';
import {
  BEHAVIOUR_PROPERTIES,
  CHECK_PROPERTIES,
  CommonProperties,
  ServiceConnectorProperties,
  StackAttachmentProperties,
  StackComponentProperties,
  StackProperties,
} from '../../contract/properties';
import { containsDynamicReference, ENVIRONMENT_VARIABLE } from '../../contract/rules';
import { UserError } from '../errors';

const text = v.pipe(v.string(), v.minLength(1));
const maybe = v.optional(v.string());
const flag = v.optional(v.picklist(['true', 'false']));
const seconds = v.pipe(v.string(), v.regex(/^\d{1,9}$/));
/** The text becomes part of a URL's path. */
const repositoryName = v.pipe(v.string(), v.regex(/^(?!.*(?:\.\.|\/\/))[a-z0-9][a-z0-9._/-]*$/));
const uuid = v.pipe(v.string(), v.check((value: string) => isUuid(value), 'a UUID'));

const common = {
  ServiceToken: v.optional(v.string(), ''),
  ServiceTimeout: v.optional(v.string(), ''),
  ServerBinding: text,
  ServerUrl: text,
  AdoptExisting: flag,
  DeleteAdopted: flag,
  AbandonUnreachable: flag,
  DetachFromStacks: flag,
  RefreshToken: maybe,
};
const named = {
  ...common,
  Name: maybe,
  NamePrefix: v.optional(v.string(), ''),
  Labels: v.optional(v.record(v.string(), v.string())),
};

const runtimeEntries = {
  // The names become part of a label, in which commas separate them.
  Environment: v.optional(v.record(v.pipe(v.string(), v.regex(ENVIRONMENT_VARIABLE)), v.string())),
  Secrets: v.optional(v.array(text)),
};

const referenceEntries = { Id: v.optional(uuid), Name: v.optional(text) };
const exactlyOne = (reference: { Id?: string; Name?: string }) =>
  (reference.Id === undefined) !== (reference.Name === undefined);
const reference = v.pipe(v.object(referenceEntries), v.check((value) => exactlyOne(value), 'one of Id, Name'));
const componentReference = v.pipe(
  v.object({ ...referenceEntries, ComponentType: text }),
  v.check((value) => exactlyOne(value), 'one of Id, Name'),
);

export const ServiceConnectorSchema = v.object({
  ...named,
  Description: maybe,
  AuthMethod: text,
  ResourceType: text,
  ResourceId: maybe,
  Region: text,
  RoleArn: maybe,
  SessionPolicy: maybe,
  KeysBinding: v.optional(text),
  KeysVersion: maybe,
  ExpirationSeconds: v.optional(seconds),
  ExpiresAt: maybe,
  Verify: flag,
  PropagationSeconds: v.optional(seconds),
}) satisfies v.GenericSchema<unknown, ServiceConnectorProperties>;

export const StackComponentSchema = v.object({
  ...named,
  ...runtimeEntries,
  ComponentType: text,
  Flavor: text,
  Configuration: text,
  Connector: v.optional(reference),
  VerifyConnector: flag,
  ConnectorResourceId: maybe,
  PropagationSeconds: v.optional(seconds),
  Repositories: v.optional(v.array(v.object({ Name: text, RegistryId: text, Region: text }))),
  ProveRepositories: v.optional(v.array(v.object({ Name: repositoryName, MayBeMissing: flag }))),
}) satisfies v.GenericSchema<unknown, StackComponentProperties>;

export const StackSchema = v.object({
  ...named, ...runtimeEntries, Description: maybe, Components: v.array(componentReference),
}) satisfies v.GenericSchema<unknown, StackProperties>;

export const StackAttachmentSchema = v.object({
  ...common, Stack: reference, Component: componentReference, OwnComponent: flag, RestorePrevious: flag,
}) satisfies v.GenericSchema<unknown, StackAttachmentProperties>;

type Raw = Readonly<Record<string, unknown>>;

/**
 * The properties of a Create or Update, checked; the error names the properties that are wrong, never their values.
 * `older`: the event's old properties, which supply what is required and missing: a rollback to a template of an older
 * library must not fail on it.
 */
export function readProperties<T extends CommonProperties>(
  schema: v.GenericSchema<unknown, T>,
  raw: Raw,
  older: Raw = {},
): T {
  const reference_ = Object.keys(raw).find((key) => containsDynamicReference(raw[key]));
  if (reference_) {
    throw new UserError(
      'CZ372',
      `property ${reference_} contains "{{resolve:": CloudFormation does not resolve secrets in custom resources; name the secret by its ARN instead`,
    );
  }
  const first = v.safeParse(schema, raw);
  if (first.success) {
    return first.output;
  }
  const isObject = typeof raw === 'object';
  const missing = first.issues
    .map((issue) => v.getDotPath(issue) ?? '')
    .filter((key) => raw[key] === undefined && older[key] !== undefined);
  const result = v.safeParse(
    schema,
    !isObject ? raw : { ...raw, ...Object.fromEntries(missing.map((key) => [key, older[key]])) },
  );
  if (result.success) {
    return result.output;
  }
  const wrong = [...new Set(result.issues.map((issue) => v.getDotPath(issue) ?? 'all'))];
  throw new UserError(
    'CZ371',
    `the resource's properties are not as this function expects: ${wrong.join(', ')}; deploy with one version of the library throughout`,
  );
}

/** A property as text, or undefined: for a Delete, which must not fail on a property that it could do without. */
export function textOf(raw: Raw, key: string): string | undefined {
  const value = raw[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A value as an object; an empty one for anything else. */
export function record(value: unknown): Raw {
  return typeof value === 'object' && value !== null ? value as Raw : {};
}

export function isTrue(raw: Raw, key: string): boolean {
  return raw[key] === 'true' || raw[key] === true;
}

export function secondsOf(raw: Raw, key: string, fallback: number): number {
  const value = textOf(raw, key);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : fallback;
}

/** Whether two generations differ in nothing that the server would have to be told. */
export function differOnlyInBehaviour(old: Raw, now: Raw): boolean {
  // Two that do not differ at all are no such change: whoever sends them wants the object looked at.
  return (
    stableJson(old) !== stableJson(now)
    && stableJson(without(BEHAVIOUR_PROPERTIES, old)) === stableJson(without(BEHAVIOUR_PROPERTIES, now))
  );
}

/** Whether two generations want the same object, and differ in what has to be checked. */
export function differOnlyInChecks(old: Raw, now: Raw): boolean {
  return (
    revisionOf(old) === revisionOf(now)
    && CHECK_PROPERTIES.some((key) => stableJson(old[key] ?? null) !== stableJson(now[key] ?? null))
  );
}

function without(keys: readonly string[], raw: Raw): Raw {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !keys.includes(key)));
}

/** Digest of what was asked for, without what only says how a Delete behaves or what is checked. */
export function revisionOf(raw: Raw): string {
  return createHash('sha256')
    .update(stableJson(without([...BEHAVIOUR_PROPERTIES, ...CHECK_PROPERTIES], raw)))
    .digest('hex')
    .slice(0, 16);
}

/** JSON with sorted keys: two templates may write the same map in another order. */
export function stableJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? ''
  );
}

/** Whether two values are the same JSON, whatever the order of their keys. */
export function isEqual(one: unknown, other: unknown): boolean {
  return stableJson(one) === stableJson(other);
}
