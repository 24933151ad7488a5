/**
 * The custom resource types. They must never change: CloudFormation refuses to change the type of an existing resource.
 */
export const ResourceType = {
  SERVICE_CONNECTOR: 'Custom::ZenMLServiceConnector',
  STACK_COMPONENT: 'Custom::ZenMLStackComponent',
  STACK: 'Custom::ZenMLStack',
  STACK_ATTACHMENT: 'Custom::ZenMLStackAttachment',
} as const;

export type ResourceTypeName = (typeof ResourceType)[keyof typeof ResourceType];
