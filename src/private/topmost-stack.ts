import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The CloudFormation stack that is deployed and deleted: nested ones have neither an environment nor termination protection of their own. */
export function topmostStack(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent ? topmostStack(stack.nestedStackParent) : stack;
}
