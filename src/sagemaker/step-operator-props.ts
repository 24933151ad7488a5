import { SageMakerRuntime } from './runtime';
import { RegistrationOptions } from '../server';
import { ComputeConnectorOptions } from '../zenml';

/** Options of a SageMaker step operator, without those of its registration. */
export interface SageMakerStepOperatorOptions extends ComputeConnectorOptions {
  /**
   * Name of the step operator in ZenML, unique among step operators, at most 255 characters (ZenML's limit).
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * Instance type of steps.
   *
   * @default - the first type of `allowedInstanceTypes` of the runtime, else ZenML's: `ml.m5.large`
   */
  readonly instanceType?: string;
  /**
   * Environment variables of steps. They must not contain secrets, because they are in the template.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
  /**
   * Further keys of the flavor `sagemaker`, such as `experiment_name` or `estimator_args`.
   *
   * @default - none
   */
  readonly configuration?: Record<string, any>;
}

/** Properties of `SageMakerStepOperator`. */
export interface SageMakerStepOperatorProps extends SageMakerStepOperatorOptions, RegistrationOptions {
  /** The role, the bucket and the limits of the jobs. */
  readonly runtime: SageMakerRuntime;
}
