import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The CloudFormation stack that is deployed and deleted as a whole. A nested stack has neither an environment nor
 * termination protection of its own.
 */
export function topmostStack(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent ? topmostStack(stack.nestedStackParent) : stack;
}
