import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isRetainedInTemplate } from '../private/removal';
import { topmostStack } from '../private/topmost-stack';

/** Enables the termination protection of the CloudFormation stack that contains the construct. */
export function protectFromDeletion(scope: IConstruct): void {
  topmostStack(scope).terminationProtection = true;
}

/**
 * Adds an info at synth about the deletion of the whole CloudFormation stack, unless the stack is protected or the
 * object is retained. When the handler refuses to delete an object, CloudFormation still deletes the other resources of
 * the stack. Not a warning, because a short-lived stack is a valid use.
 *
 * @param connectorOfApp whether the object uses a service connector that this app defines
 */
export function explainStackDeletion(scope: IConstruct, registration: IConstruct, connectorOfApp: boolean): void {
  const deleted = connectorOfApp
    ? 'the role, user, key and function that the object needs, so that the object no longer works in these ZenML stacks'
    : 'the registration function, so that a second delete fails';
  scope.node.addValidation({
    validate: () => {
      // At synth, because the stack's protection and the removal policies can change after this construct is defined.
      if (topmostStack(scope).terminationProtection || isRetainedInTemplate(registration)) { return []; }
      Annotations.of(scope).addInfoV2('cdk-zenml:stackDeletion', 'if other ZenML stacks still use this object when its '
        + 'CloudFormation stack is deleted, the handler refuses to delete the object, but CloudFormation goes on and '
        + `deletes ${deleted}. To prevent this, enable termination protection (\`terminationProtection: true\` of `
        + 'EcrContainerRegistry or of the stack) or set `removalPolicy: RemovalPolicy.RETAIN`');
      return [];
    },
  });
}
