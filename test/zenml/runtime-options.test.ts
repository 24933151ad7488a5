import { CfnParameter, Stack } from 'aws-cdk-lib';
import {
  ArtifactStore,
  AwsZenMLStack,
  ComponentType,
  ContainerRegistry,
  Orchestrator,
  RuntimeOptions,
  StackComponent,
  ZenMLStack,
} from '../../src';
import { newServer, newStack, only } from '../support/app';

const local = (stack: Stack) => [ComponentType.ORCHESTRATOR, ComponentType.ARTIFACT_STORE].map((type) =>
  StackComponent.fromStackComponentName(stack, type.name, newServer(stack), type, 'default'));

function component(options: RuntimeOptions, stack = newStack()): Stack {
  new StackComponent(stack, 'Operator', {
    server: newServer(stack), componentType: ComponentType.STEP_OPERATOR, flavor: 'kubernetes', ...options,
  });
  return stack;
}

function zenmlStack(options: RuntimeOptions, stack = newStack()): Stack {
  new ZenMLStack(stack, 'Stack', { server: newServer(stack), components: local(stack), ...options });
  return stack;
}

const BOTH = [
  ['component', component, 'Custom::ZenMLStackComponent'],
  ['ZenML stack', zenmlStack, 'Custom::ZenMLStack'],
] as const;

test.each(BOTH)('a %s has environment variables and secrets', (_, define, type) => {
  const stack = define({ environment: { LEVEL: 'debug', EMPTY: '' }, secrets: ['tokens', 'more'] });
  expect(only(stack, type).Properties).toMatchObject({
    Environment: { LEVEL: 'debug', EMPTY: '' }, Secrets: ['tokens', 'more'],
  });
});

test.each(BOTH)('a %s without any has no such property, nor with empty ones', (_, define, type) => {
  for (const options of [{}, { environment: {}, secrets: [] }]) {
    const { Properties } = only(define(options), type);
    expect(Object.keys(Properties).filter((key) => /Environment|Secrets/.test(key))).toEqual([]);
  }
});

test('AwsZenMLStack passes both on to its ZenML stack', () => {
  const stack = newStack();
  new AwsZenMLStack(stack, 'ML', {
    server: newServer(stack),
    orchestrator: Orchestrator.serverDefault(),
    artifactStore: ArtifactStore.serverDefault(),
    containerRegistry: ContainerRegistry.none(),
    environment: { LEVEL: 'debug' },
    secrets: ['tokens'],
  });
  expect(only(stack, 'Custom::ZenMLStack').Properties).toMatchObject({
    Environment: { LEVEL: 'debug' }, Secrets: ['tokens'],
  });
});

test.each<[string, RuntimeOptions, RegExp]>([
  ['a name with a blank', { environment: { 'A B': '1' } }, /^`environment` must have names .* got: "A B": rename/],
  ['a name that starts with a digit', { environment: { '1A': '1' } }, /^`environment` must have names .* got: "1A"/],
  ['a name with a comma', { environment: { 'A,B': '1' } }, /^`environment` must have names/],
  ['an empty name', { environment: { '': '1' } }, /^`environment` must have names/],
  ['a number', { environment: { A: 1 as unknown as string } }, /^`environment` must have text values, got: 1 for A/],
  ['a reference to a secret', { environment: { A: '{{resolve:ssm:x}}' } }, /^`environment` must not contain a dynamic/],
  ['too much text', { environment: { A: 'x'.repeat(48_001) } }, /^`environment` must have at most/],
  ['a secret without a name', { secrets: [''] }, /^`secrets`: /],
  ['a secret named twice', { secrets: ['a', 'b', 'a'] }, /^`secrets` must not contain a name twice, got: "a": remove/],
])('%s is refused', (_, options, message) => {
  expect(() => component(options)).toThrow(message);
  expect(() => zenmlStack(options)).toThrow(message);
});

test('a value and a secret that are known at the deployment only are accepted', () => {
  const stack = newStack();
  const value = new CfnParameter(stack, 'Value').valueAsString;
  component({ environment: { A: value }, secrets: [value] }, stack);
  expect(only(stack, 'Custom::ZenMLStackComponent').Properties).toMatchObject({
    Environment: { A: { Ref: 'Value' } }, Secrets: [{ Ref: 'Value' }],
  });
});
