import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { staysInStack } from '../private/fate';
import { topmostStack } from '../private/topmost-stack';

/** Switches on the termination protection of the stack that holds the construct. */
export function protectFromDeletion(scope: IConstruct): void {
  topmostStack(scope).terminationProtection = true;
}

/**
 * Tells at synth what the deletion of the whole stack does behind a refused Delete, unless the stack is protected or the object is kept.
 * An info and no warning: a stack that is meant to come and go is nothing wrong.
 *
 * @param lost what CloudFormation deletes then, as the message names it
 */
export function tellOfStackDeletion(scope: IConstruct, registration: IConstruct, lost: string): void {
  scope.node.addValidation({
    validate: () => {
      // Late: the stack may be protected, and aspects may set removal policies, after this construct.
      if (topmostStack(scope).terminationProtection || staysInStack(registration)) { return []; }
      Annotations.of(scope).addInfoV2('cdk-zenml:stackDeletion', 'if ZenML stacks of others still use this when its CloudFormation stack is deleted, the handler refuses its delete, but '
        + `CloudFormation goes on and deletes ${lost}. Set termination protection (\`terminationProtection: true\` of EcrContainerRegistry or of the stack) `
        + 'or `removalPolicy: RemovalPolicy.RETAIN`');
      return [];
    },
  });
}
