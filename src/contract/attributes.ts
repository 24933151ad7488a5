/**
 * Keys of `Data`, which `Fn::GetAtt` reads. Every Create and every Update returns each key, always with a string as
 * value.
 */
export const Attribute = {
  /** UUID of the service connector, component or stack in ZenML. */
  ID: 'Id',
  /** Name of the object in ZenML, at most 255 characters. */
  NAME: 'Name',
} as const;
