import { digestsOf, isAsWritten, keepable, keepableAgain, restoredLabels, Written } from './give-back';
import { deleteUnused, stackGuard } from './guarded-delete';
import { componentIds } from './references';
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
import { Label } from '../../../contract/labels';
import { StackProperties } from '../../../contract/properties';
import { brokenDescriptionRule } from '../../../contract/rules';
import { UserError } from '../../errors';
import { parseJson } from '../../zenml/answers';
import { RuntimeSettings } from '../../zenml/runtime-settings';
import { requireSeveralPerStack } from '../../zenml/server-versions';
import { Composition, inZenmlOrder, Stack, StackBody } from '../../zenml/stacks';
import { LifecycleContext } from '../context';
import { isOfThisAccount } from '../marks';
import { Adoption, NamedKind } from '../named/kind';
import { readProperties, StackSchema, textOf } from '../properties';

interface Desired {
  readonly properties: StackProperties;
  readonly components: Composition;
  readonly settings: RuntimeSettings;
}

const REQUIRED_TYPES = ['orchestrator', 'artifact_store'];

/** What an adopted stack was like: all of it, since a later deployment may overwrite what the adoption did not. */
interface FoundStack extends FoundEnvironment {
  readonly name: string;
  readonly description: string;
  readonly components: Composition;
  readonly labels: Readonly<Record<string, unknown>>;
}

const adoption: Adoption<Stack, Desired> = {
  describe: (object, desired) => {
    const { name, description, components, labels } = object;
    const found: FoundStack = {
      name,
      description: description ?? '',
      components,
      labels,
      ...overwrittenEnvironment(object, desired.settings),
      ...writtenBy(desired),
    };
    return keepable(`stack "${name}"`, found);
  },

  find: async (context, raw) => context.zenml.stacks.byName(textOf(raw, 'Name') ?? ''),

  describeNow: async (context, object, text, desired) => {
    const found = parseJson(text) as FoundStack;
    const before = await withoutTemplate(context, object, found);
    const now = { ...before, ...overwrittenEnvironment(object, desired.settings, found) };
    return keepableAgain(context, `stack "${object.name}"`, now, found, writtenBy(desired));
  },

  giveBack: async (context, object, text) => {
    await context.zenml.stacks.update(object.id, async () => {
      const now = await context.zenml.stacks.get(object.id) ?? object;
      const found = parseJson(text) as FoundStack;
      const before = await withoutTemplate(context, now, found);
      return {
        ...before,
        components: await existingComponents(context, now, before.components),
        ...restoredSettings(now, found),
      };
    });
  },
};

/** The stack as it was found, but for what somebody has changed since. */
async function withoutTemplate(
  context: LifecycleContext,
  now: Stack,
  found: FoundStack,
): Promise<Omit<FoundStack, 'written' | 'environment'>> {
  const description = now.description ?? '';
  return {
    name: now.name === now.labels[Label.NAME] ? found.name : now.name,
    description: isAsWritten(found, 'description', description) ? found.description : description,
    components: await restoredComponents(context, now, found),
    labels: restoredLabels(now.labels, found.labels, found),
  };
}

function writtenBy({ properties, components, settings }: Desired): Written {
  const written = digestsOf({
    description: properties.Description ?? '', labels: properties.Labels ?? {}, components,
  });
  return { written: { ...written, ...environmentDigests(settings) } };
}

/** The composition as it was found, by type; a type that somebody has changed since stays as it is now. */
async function restoredComponents(context: LifecycleContext, now: Stack, found: FoundStack): Promise<Composition> {
  const components: Record<string, readonly string[]> = {};
  for (const type of new Set([...Object.keys(found.components), ...Object.keys(now.components)])) {
    const ids = now.components[type] ?? [];
    const path = `components.${type}`;
    const isTemplates =
      ids.length === 0
        ? !Object.hasOwn(found.written ?? {}, path)
        : isAsWritten(found, path, ids) || (await isOurs(context, ids));
    const kept = (isTemplates ? found.components[type] : ids) ?? [];
    if (kept.length > 0) { components[type] = kept; }
  }
  return components;
}

/** The composition without what no longer exists. */
async function existingComponents(context: LifecycleContext, stack: Stack, wanted: Composition): Promise<Composition> {
  const components: Record<string, readonly string[]> = {};
  for (const type of new Set([...Object.keys(wanted), ...REQUIRED_TYPES])) {
    const existing: string[] = [];
    for (const id of wanted[type] ?? []) {
      const exists = stack.components[type]?.includes(id) || await context.zenml.components.get(id) !== undefined;
      if (exists) {
        existing.push(id);
      } else {
        context.warn('CZ406', `stack "${stack.name}" had ${type} ${id}, which no longer exists`);
      }
    }
    // ZenML refuses a stack without the required types: what is there now stays where nothing of what was found exists.
    const kept = existing.length === 0 && REQUIRED_TYPES.includes(type) ? stack.components[type] ?? [] : existing;
    if (kept.length > 0) { components[type] = kept; }
  }
  return components;
}

/**
 * Whether all of these were created by resources of the same CloudFormation stack: an attachment writes compositions,
 * too.
 */
async function isOurs(context: LifecycleContext, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    const component = await context.zenml.components.get(id);
    if (component && component.labels[Label.STACK] !== context.event.StackId) { return false; }
  }
  return ids.length > 0;
}

export const stackKind: NamedKind<StackProperties, Stack, Desired> = {
  kind: 'stack',
  what: 'stack',
  refersTo: 'a component of the stack',
  vitalProperties: ['ServerUrl', 'Components', 'Environment', 'Secrets'],

  parse: (raw, older) => readProperties(StackSchema, raw, older),

  prepare: async (context, properties) => {
    const tooLong = brokenDescriptionRule(properties.Description ?? '');
    if (tooLong) {
      throw new UserError('CZ353', `Description: ${tooLong}, got ${[...properties.Description!].length}`);
    }
    const lists: Record<string, string[]> = {};
    const ids = await componentIds(context, properties.Components);
    properties.Components.forEach(({ ComponentType }, index) => (lists[ComponentType] ??= []).push(ids[index]!));
    const components = Object.fromEntries(Object.entries(lists).map(([type, list]) => [type, inZenmlOrder(list)]));
    await requireSeveralPerStack(context.session, components);
    return { properties, components, settings: await prepareRuntimeSettings(context, properties) };
  },

  verify: async () => {},
  immutableDifferences: () => [],
  immutableProperties: () => '',

  get: async (context, id) => context.zenml.stacks.get(id),
  byName: async (context, _, name) => context.zenml.stacks.byName(name, true),
  candidates: async (context, _, createdSince) =>
    (await context.zenml.stacks.all({ ownerId: context.session.userId, createdSince })).filter((object) =>
      isOfThisAccount(context, object),
    ),
  post: async (context, desired, name, labels) =>
    context.zenml.stacks.create(bodyOf(desired, name, newSettings(desired.settings, labels))),
  put: async (context, id, desired, state) =>
    putSettings(context, desired.settings, state, async (compose) =>
      context.zenml.stacks.update(id, async () => {
        const { name, settings } = await compose();
        return bodyOf(desired, name, settings);
      }),
    ),
  remove: stackGuard,
  removeById: async (context, id) => deleteUnused(context, `stack ${id}`, async () => context.zenml.stacks.delete(id)),
  adoption,
};

function bodyOf(
  { properties, components }: Desired,
  name: string,
  { settings, labels }: LabelledSettings,
): StackBody {
  return { name, description: properties.Description ?? '', components, labels, ...settings };
}
