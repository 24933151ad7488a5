import { Stack } from 'aws-cdk-lib';
import {
  EcrContainerRegistry, SageMakerOrchestrator, SageMakerOrchestratorProps, SageMakerRuntime, SageMakerRuntimeProps,
  SageMakerStepOperator, SageMakerStepOperatorProps,
} from '../../src';
import { newServer, newStack } from '../support/app';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

/** ARN of a resource in the account and Region of `newStack`. */
export const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

type Given<P> = Partial<P> | ((stack: Stack) => Partial<P>);
const given = <P>(props: Given<P>, stack: Stack) => (typeof props === 'function' ? props(stack) : props);

export function newRegistry(stack: Stack): EcrContainerRegistry {
  return stack.node.tryFindChild('Registry') as EcrContainerRegistry | undefined
    ?? new EcrContainerRegistry(stack, 'Registry', { server: newServer(stack), repositoryNames: ['zenml'] });
}

export function newRuntime(props: Given<SageMakerRuntimeProps> = {}, stack: Stack = newStack()) {
  return { stack, runtime: new SageMakerRuntime(stack, 'Runtime', { registries: [newRegistry(stack)], ...given(props, stack) }) };
}

export function newOrchestrator(
  props: Given<SageMakerOrchestratorProps> = {}, runtimeProps: Given<SageMakerRuntimeProps> = {},
) {
  const { stack, runtime } = newRuntime(runtimeProps);
  const orchestrator = new SageMakerOrchestrator(stack, 'Orchestrator', { server: newServer(stack), runtime, ...given(props, stack) });
  return { stack, runtime, orchestrator };
}

export function newStepOperator(
  props: Given<SageMakerStepOperatorProps> = {}, runtimeProps: Given<SageMakerRuntimeProps> = {},
) {
  const { stack, runtime } = newRuntime(runtimeProps);
  const stepOperator = new SageMakerStepOperator(stack, 'StepOperator', { server: newServer(stack), runtime, ...given(props, stack) });
  return { stack, runtime, stepOperator };
}
