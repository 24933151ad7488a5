import { stackGuard } from './guarded-delete';
import { NamedKind } from './named-kind';
import { isOurs } from './ownership';
import { readProperties, StackSchema } from './properties';
import { componentId } from './references';
import { StackProperties } from '../../contract/properties';
import { brokenDescriptionRule } from '../../contract/rules';
import { UserError } from '../errors';
import { Composition, Stack, StackBody } from '../zenml/stacks';

interface Desired {
  readonly properties: StackProperties;
  readonly components: Composition;
}

export const stackKind: NamedKind<StackProperties, Stack, Desired> = {
  kind: 'stack',
  what: 'stack',

  parse: (raw) => readProperties(StackSchema, raw),

  prepare: async (work, properties) => {
    const tooLong = brokenDescriptionRule(properties.Description ?? '');
    if (tooLong) { throw new UserError(`Description: ${tooLong}, got ${[...properties.Description!].length}`); }
    const components: Record<string, string[]> = {};
    for (const reference of properties.Components) {
      (components[reference.ComponentType] ??= []).push(await componentId(work, reference));
    }
    return { properties, components };
  },

  verify: async () => {},
  differences: () => [],
  fixedProperties: () => '',

  get: async (work, id) => work.zenml.stacks.get(id),
  byName: async (work, _, name) => work.zenml.stacks.byName(name),
  candidates: async (work) => (await work.zenml.stacks.all()).filter((object) => isOurs(work, object)),
  post: async (work, desired, name, labels) => work.zenml.stacks.create(bodyOf(desired, name, labels)),
  put: async (work, id, desired, name, labels, beforeRepeat) => work.zenml.stacks.update(id, bodyOf(desired, name, labels), beforeRepeat),
  remove: stackGuard,
};

function bodyOf({ properties, components }: Desired, name: string, labels: Readonly<Record<string, unknown>>): StackBody {
  return { name, description: properties.Description ?? '', components, labels };
}
