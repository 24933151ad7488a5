import { digestsOf, restored, Written } from './give-back';
import { secretIds } from './references';
import { Label } from '../../../contract/labels';
import { RuntimeProperties } from '../../../contract/properties';
import { ZenmlObject } from '../../zenml/objects';
import { RuntimeSettings, RuntimeSettingsBody } from '../../zenml/runtime-settings';
import { requireRuntimeSettings } from '../../zenml/server-versions';
import { LifecycleContext } from '../context';
import { NameAndLabels } from '../named/kind';
import { isEqual, record } from '../properties';

type Environment = Readonly<Record<string, string>>;
type Labels = Readonly<Record<string, unknown>>;
type SettableObject = ZenmlObject & RuntimeSettings;

/** The settings in a request, and the labels of the object that say which of them the template sets. */
export interface LabelledSettings {
  readonly settings: RuntimeSettingsBody;
  readonly labels: Labels;
}

/** The part of the description of an adopted object that keeps the variables which a template overwrote. */
export interface FoundEnvironment extends Written {
  readonly environment?: Environment;
}

/** The settings that the template wants. Throws where the server has no such settings, or a secret is missing. */
export async function prepareRuntimeSettings(
  context: LifecycleContext,
  { Environment, Secrets }: RuntimeProperties,
): Promise<RuntimeSettings> {
  const wanted = { environment: Environment ?? {}, secrets: Secrets ?? [] };
  if (Object.keys(wanted.environment).length === 0 && wanted.secrets.length === 0) {
    return { environment: {}, secretIds: [] };
  }
  await requireRuntimeSettings(context.session);
  return { environment: wanted.environment, secretIds: await secretIds(context, wanted.secrets) };
}

/** The settings of a new object. */
export function newSettings({ environment, secretIds: secrets }: RuntimeSettings, labels: Labels): LabelledSettings {
  return {
    settings: {
      ...(Object.keys(environment).length > 0 && { environment }),
      ...(secrets.length > 0 && { secrets }),
    },
    labels: withMarks(labels, Object.keys(environment), secrets),
  };
}

/**
 * The settings of an existing object. The template adds, changes and removes its own variables and secrets only; labels
 * say which those are. What other people have added stays.
 */
function changedSettings(now: SettableObject, wanted: RuntimeSettings, labels: Labels): LabelledSettings {
  const own = marksOf(now);
  const added = wanted.secretIds.filter((id) => !now.secretIds.includes(id));
  const removed = own.secretIds.filter((id) => now.secretIds.includes(id) && !wanted.secretIds.includes(id));
  const hasVariables = own.variables.length > 0 || Object.keys(wanted.environment).length > 0;
  return {
    settings: {
      ...(hasVariables && { environment: { ...omit(now.environment, own.variables), ...wanted.environment } }),
      ...(added.length > 0 && { add_secrets: added }),
      ...(removed.length > 0 && { remove_secrets: removed }),
    },
    labels: withMarks(
      labels,
      Object.keys(wanted.environment),
      // A secret that other people had added before is not the template's.
      wanted.secretIds.filter((id) => own.secretIds.includes(id) || added.includes(id)),
    ),
  };
}

/** What a PUT of an object with settings writes. */
interface NamedSettings {
  readonly name: string;
  readonly settings: LabelledSettings;
}

/**
 * Updates an object with its settings, and once more where the answer shows that the PUT has missed some. A look-up
 * may lag behind a write, so the object from which the PUT was composed may have lacked what the former template had
 * set. ZenML drops a PUT that adds a secret which the object has already.
 */
export async function putSettings<O extends SettableObject>(
  context: LifecycleContext,
  wanted: RuntimeSettings,
  state: NameAndLabels<O>,
  put: (compose: () => Promise<NamedSettings>) => Promise<O>,
): Promise<O> {
  let sent: (NamedSettings & { readonly before: O }) | undefined;
  const answer = await put(async () => {
    const { name, labels, now } = await state();
    sent = { name, settings: changedSettings(now, wanted, labels), before: now };
    return sent;
  });
  const { name, settings: { labels }, before } = sent!;
  const missed = await missedSettings(context, wanted, before, answer);
  const isDropped = wanted.secretIds.length > 0 && answer.labels[Label.REVISION] !== labels[Label.REVISION];
  return isDropped || Object.keys(missed).length > 0
    ? put(async () => ({ name, settings: { settings: missed, labels } }))
    : answer;
}

/** What the object lacks after a PUT, or has too much. `before`: the object from which the PUT was composed. */
async function missedSettings(
  context: LifecycleContext,
  wanted: RuntimeSettings,
  before: SettableObject,
  answer: SettableObject,
): Promise<RuntimeSettingsBody> {
  const former = Object.keys(record(context.event.OldResourceProperties.Environment));
  const late = former.filter((name) => !Object.hasOwn(before.environment, name));
  const environment = { ...omit(answer.environment, late), ...wanted.environment };
  const added = wanted.secretIds.filter((id) => !answer.secretIds.includes(id));
  const removed = await ofFormerTemplate(
    context,
    answer.secretIds.filter((id) => !before.secretIds.includes(id) && !wanted.secretIds.includes(id)),
  );
  return {
    ...(!isEqual(environment, answer.environment) && { environment }),
    ...(added.length > 0 && { add_secrets: added }),
    ...(removed.length > 0 && { remove_secrets: removed }),
  };
}

/** Those of the secrets that the former template names. */
async function ofFormerTemplate(context: LifecycleContext, ids: readonly string[]): Promise<string[]> {
  const names = context.event.OldResourceProperties.Secrets;
  const found: string[] = [];
  for (const name of ids.length > 0 && Array.isArray(names) ? names : []) {
    found.push(...(await context.zenml.secrets.byName(String(name))).map(({ id }) => id));
  }
  return ids.filter((id) => found.includes(id));
}

/**
 * The variables to keep of an adopted object before a write: those that the write overwrites, as they are without the
 * template.
 */
export function overwrittenEnvironment(
  now: SettableObject,
  wanted: RuntimeSettings,
  found: FoundEnvironment = {},
): { environment?: Environment } {
  const names = [...Object.keys(wanted.environment), ...Object.keys(found.environment ?? {})];
  const before = environmentWithoutTemplate(now, found);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)));
  return Object.keys(kept).length > 0 ? { environment: kept } : {};
}

/** The settings of an adopted object as they were found, but for what somebody has changed since. */
export function restoredSettings(now: SettableObject, found: FoundEnvironment): RuntimeSettingsBody {
  const { variables, secretIds: own } = marksOf(now);
  const removed = own.filter((id) => now.secretIds.includes(id));
  return {
    ...((variables.length > 0 || found.environment) && { environment: environmentWithoutTemplate(now, found) }),
    ...(removed.length > 0 && { remove_secrets: removed }),
  };
}

/** The digests of the variables that a write writes. */
export function environmentDigests({ environment }: RuntimeSettings): Readonly<Record<string, string>> {
  return digestsOf({ environment });
}

function environmentWithoutTemplate(now: SettableObject, found: FoundEnvironment): Environment {
  const { variables } = marksOf(now);
  const ofTemplate = Object.fromEntries(Object.entries(now.environment).filter(([name]) => variables.includes(name)));
  return {
    ...(restored(ofTemplate, found.environment ?? {}, found, 'environment') as Environment),
    ...omit(now.environment, variables),
  };
}

/** The variables and secrets that the template has set, as the labels say. */
function marksOf({ labels }: ZenmlObject): { readonly variables: string[]; readonly secretIds: string[] } {
  const list = (key: string) => {
    const value = labels[key];
    return typeof value === 'string' && value !== '' ? value.split(',') : [];
  };
  return { variables: list(Label.ENVIRONMENT), secretIds: list(Label.SECRETS) };
}

function withMarks(labels: Labels, variables: readonly string[], secrets: readonly string[]): Labels {
  return {
    ...omit(labels, [Label.ENVIRONMENT, Label.SECRETS]),
    ...(variables.length > 0 && { [Label.ENVIRONMENT]: [...variables].sort().join() }),
    ...(secrets.length > 0 && { [Label.SECRETS]: [...secrets].sort().join() }),
  };
}

function omit<T>(values: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
