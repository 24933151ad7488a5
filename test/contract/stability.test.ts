import { Attribute } from '../../src/contract/attributes';
import { AUTH_METHOD_SHAPE, AuthMethod } from '../../src/contract/auth-methods';
import { Label, LABEL_PREFIX } from '../../src/contract/labels';
import { BEHAVIOUR_PROPERTIES, CHECK_PROPERTIES } from '../../src/contract/properties';
import { ResourceType } from '../../src/contract/resource-types';

/** Deployed stacks and ZenML's database hold these texts: a change of one breaks both. */
test('resource types, labels and property lists never change', () => {
  expect(ResourceType).toEqual({
    SERVICE_CONNECTOR: 'Custom::ZenMLServiceConnector',
    STACK_COMPONENT: 'Custom::ZenMLStackComponent',
    STACK: 'Custom::ZenMLStack',
    STACK_ATTACHMENT: 'Custom::ZenMLStackAttachment',
  });
  expect(Attribute).toEqual({ ID: 'Id', NAME: 'Name' });
  expect(Label).toEqual({
    STACK: 'cdk-zenml:stack-id',
    LOGICAL_ID: 'cdk-zenml:logical-id',
    REQUEST: 'cdk-zenml:request',
    ISSUED_AT: 'cdk-zenml:issued-at',
    NAME: 'cdk-zenml:name',
    OWNER: 'cdk-zenml:owner',
    REPLACES: 'cdk-zenml:replaces',
    ENVIRONMENT: 'cdk-zenml:environment',
    SECRETS: 'cdk-zenml:secrets',
    FOUND: 'cdk-zenml:found',
    REVISION: 'cdk-zenml:revision',
    APPLIED_AT: 'cdk-zenml:applied-at',
  });
  expect(BEHAVIOUR_PROPERTIES).toEqual([
    'ServiceToken',
    'ServiceTimeout',
    'AdoptExisting',
    'DeleteAdopted',
    'AbandonUnreachable',
    'DetachFromStacks',
    'OwnComponent',
    'RestorePrevious',
    'PropagationSeconds',
  ]);
  expect(CHECK_PROPERTIES).toEqual(['ProveRepositories']);
});

test('every label has the prefix of the library, which is not ZenML\'s own', () => {
  expect(Object.values(Label).every((label) => label.startsWith(LABEL_PREFIX))).toBe(true);
  expect(LABEL_PREFIX.startsWith('zenml:')).toBe(false);
});

test('every authentication method has a shape, and no resource type is longer than CloudFormation allows', () => {
  expect(Object.keys(AUTH_METHOD_SHAPE).sort()).toEqual(Object.values(AuthMethod).sort());
  for (const type of Object.values(ResourceType)) { expect(type).toMatch(/^Custom::[A-Za-z0-9_@-]{1,52}$/); }
});
