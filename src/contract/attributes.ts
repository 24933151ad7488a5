/** Keys of `Data`, which `Fn::GetAtt` reads. Every one is returned by every Create and Update, always as a string. */
export const Attribute = {
  /** UUID of the service connector, component or stack. */
  ID: 'Id',
  /** Its name in ZenML, at most 255 characters. */
  NAME: 'Name',
} as const;
