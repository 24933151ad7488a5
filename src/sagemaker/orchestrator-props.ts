import { Duration, Size } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SageMakerRuntime } from './runtime';
import { RegistrationOptions } from '../server';
import { ComputeConnectorOptions } from '../zenml';

/** Options of a SageMaker orchestrator, without those of its registration. */
export interface SageMakerOrchestratorOptions extends ComputeConnectorOptions {
  /**
   * Name of the orchestrator in ZenML, unique among orchestrators, at most 255 characters (ZenML's limit).
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * Whether ZenML may schedule pipelines with EventBridge Scheduler. ZenML never deletes a schedule, and neither does
   * `cdk destroy`: delete schedules with `aws scheduler delete-schedule`.
   *
   * @default - true if `schedulerRole` is set, else false: a scheduled pipeline fails
   */
  readonly schedules?: boolean;
  /**
   * The role with which EventBridge Scheduler starts pipelines. It must trust `scheduler.amazonaws.com`.
   *
   * @default - with `schedules`, a new role that can only start pipelines
   */
  readonly schedulerRole?: iam.IRole;
  /**
   * Instance type of steps.
   *
   * @default - the first type of `allowedInstanceTypes` of the runtime, else ZenML's: `ml.m5.xlarge`
   */
  readonly instanceType?: string;
  /**
   * Size of the volume of a step: 1 to 16,384 GiB.
   *
   * @default Size.gibibytes(30)
   */
  readonly volumeSize?: Size;
  /**
   * How long a step may run: 1 second to 28 days (SageMaker's limits).
   *
   * @default Duration.days(1)
   */
  readonly maxRuntime?: Duration;
  /**
   * How long an instance is kept for the next step (warm pool): at most 1 hour. A warm instance costs as much as a busy
   * one, and needs a quota of its own. ZenML's own default is 5 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly keepAlive?: Duration;
  /**
   * Whether the ZenML client waits for the end of a run.
   *
   * @default true
   */
  readonly synchronous?: boolean;
  /**
   * Tags of the jobs.
   *
   * @default - none
   */
  readonly tags?: Record<string, string>;
  /**
   * Tags of the pipelines.
   *
   * @default - none
   */
  readonly pipelineTags?: Record<string, string>;
  /**
   * Environment variables of steps. They must not contain secrets, because they are in the template.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
  /**
   * Further keys of the flavor `sagemaker`, such as `use_training_step` or `estimator_args`.
   *
   * @default - none
   */
  readonly configuration?: Record<string, any>;
}

/** Properties of `SageMakerOrchestrator`. */
export interface SageMakerOrchestratorProps extends SageMakerOrchestratorOptions, RegistrationOptions {
  /** The role, the bucket and the limits of the jobs. */
  readonly runtime: SageMakerRuntime;
}
