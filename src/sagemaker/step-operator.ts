import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { chooseInstanceType } from './instance-types';
import { SageMakerStepOperatorProps } from './step-operator-props';
import { stepOperatorStatements } from '../iam/sagemaker-rights';
import { flavorConfiguration } from '../private/flavor-configuration';
import { ComponentType } from '../zenml';
import { AwsComponent } from '../zenml/aws-component';

/** Keys of the flavor that a prop sets. */
const PROPS: Record<string, string> = {
  role: 'runtime',
  bucket: 'runtime',
  instance_type: 'instanceType',
  environment: 'environment',
};

const PURPOSE = 'run steps in SageMaker';

/**
 * A ZenML step operator that runs single steps of a pipeline as Amazon SageMaker training jobs. It needs fewer rights
 * than `SageMakerOrchestrator`: its role can start jobs but no pipelines, and the execution role can start no jobs.
 *
 * @see https://docs.zenml.io/stacks/step-operators/sagemaker
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const registry: EcrContainerRegistry;
 *
 * const stepOperator = new SageMakerStepOperator(this, 'StepOperator', {
 *   server: server,
 *   runtime: new SageMakerRuntime(this, 'Runtime', { registries: [registry] }),
 *   instanceType: 'ml.g5.xlarge',
 * });
 */
export class SageMakerStepOperator extends AwsComponent {
  private readonly statements: iam.PolicyStatement[];

  /**
   * @throws when a name, a label or the instance type is invalid, `configuration` has a key that a prop sets, or an
   * option belongs to the connector that `connector` brings
   */
  public constructor(scope: Construct, id: string, props: SageMakerStepOperatorProps) {
    const { runtime } = props;
    let statements: iam.PolicyStatement[] = [];
    super(scope, id, props, (self) => {
      const jobs = runtime._jobs;
      statements = stepOperatorStatements(self, jobs);
      return {
        componentType: ComponentType.STEP_OPERATOR,
        flavor: 'sagemaker',
        configuration: flavorConfiguration({
          // An ARN, because the SDK would have to look a name up, which needs iam:GetRole.
          role: runtime.role.roleArn,
          // Always: without a bucket the SDK creates one.
          bucket: runtime.bucket.bucketName,
          instance_type: chooseInstanceType(props.instanceType, runtime.allowedInstanceTypes),
          environment: props.environment,
          estimator_args: runtime._estimatorArgs,
        }, props.configuration, PROPS),
        purpose: PURPOSE,
        identity: [jobs.executionRoleArn, jobs.bucket.bucketArn],
        statements,
        wildcardReason: 'ZenML names jobs after the step and adds random letters',
        needs: [runtime],
      };
    });
    this.statements = statements;
  }

  /**
   * Grants what ZenML calls to run steps: to the identity of a connector that this app does not define.
   *
   * @throws when the grant would have no effect
   */
  public grantRun(grantee: iam.IGrantable): iam.Grant {
    return this._grantUse(grantee, PURPOSE, this.statements);
  }
}
