import { partsOf } from './rows';
import { ResourceState, StackState } from '../../simulator/stack-state';
import { World } from '../../simulator/world';

interface Holder {
  readonly stack: StackState;
  readonly resource: ResourceState;
}

/** The resources (attachments apart) whose object has this uuid, as CloudFormation believes. */
export function holdersOf(world: World, uuid: string): Holder[] {
  return [...world.cloudformation.stacks.values()].flatMap(stack => [...stack.resources.values()]
    .filter(({ physicalId }) => {
      const parts = partsOf(physicalId);
      return parts?.uuid === uuid && parts.kind !== 'stack-attachment';
    })
    .map(resource => ({ stack, resource })));
}

/** The attachments that are in force on a stack of ZenML, or may be. */
export function attachmentsTo(world: World, uuid: string): Holder[] {
  return [...world.cloudformation.stacks.values()].flatMap((stack) =>
    [...stack.resources.values()]
      .filter(
        ({ type, physicalId }) =>
          type === 'Custom::ZenMLStackAttachment' && (partsOf(physicalId)?.uuid ?? uuid) === uuid,
      )
      .map((resource) => ({ stack, resource })),
  );
}
