import { createNamed } from './create';
import { deleteNamed } from './delete';
import { NamedKind } from './kind';
import { updateNamed } from './update';
import { Lifecycle } from '../context';

/** The lifecycle that connectors, components and stacks share. */
export function namedLifecycle(kind: NamedKind): Lifecycle {
  return {
    create: async (context) => {
      const properties = kind.parse(context.event.ResourceProperties, {});
      return createNamed({ kind, context, properties, desired: await kind.prepare(context, properties) });
    },
    update: async (context) => updateNamed(kind, context),
    delete: async (context) => deleteNamed(kind, context),
  };
}
