import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { chooseInstanceType } from './instance-types';
import { SageMakerOrchestratorProps } from './orchestrator-props';
import { schedulerRoleOf } from './scheduler-role';
import { orchestratorStatements } from '../iam/sagemaker-rights';
import { scheduleStatements } from '../iam/scheduler-rights';
import { flavorConfiguration } from '../private/flavor-configuration';
import { invalidProp, validateDuration } from '../private/validation';
import { ComponentType } from '../zenml';
import { AwsComponent } from '../zenml/aws-component';

/** Keys of the flavor that a prop sets. */
const PROPS: Record<string, string> = {
  execution_role: 'runtime',
  bucket: 'runtime',
  scheduler_role: 'schedulerRole',
  instance_type: 'instanceType',
  volume_size_in_gb: 'volumeSize',
  max_runtime_in_seconds: 'maxRuntime',
  keep_alive_period_in_seconds: 'keepAlive',
  synchronous: 'synchronous',
  tags: 'tags',
  pipeline_tags: 'pipelineTags',
  environment: 'environment',
};

const DAYS_28 = 28 * 24 * 3600;
const PURPOSE = 'run pipelines in SageMaker';

/**
 * A ZenML orchestrator that runs pipelines as Amazon SageMaker pipelines, with a service connector whose role has
 * exactly the rights that ZenML needs to start and follow them.
 *
 * @see https://docs.zenml.io/stacks/orchestrators/sagemaker
 *
 * @example
 * declare const server: ZenMLServer;
 * declare const registry: EcrContainerRegistry;
 *
 * const orchestrator = new SageMakerOrchestrator(this, 'Orchestrator', {
 *   server: server,
 *   runtime: new SageMakerRuntime(this, 'Runtime', { registries: [registry] }),
 *   instanceType: 'ml.m5.xlarge',
 * });
 */
export class SageMakerOrchestrator extends AwsComponent {
  /** The role with which EventBridge Scheduler starts pipelines; undefined without `schedules`. */
  public readonly schedulerRole?: iam.IRole;
  private readonly statements: iam.PolicyStatement[];

  /**
   * @throws when a name, a label, a duration or the instance type is invalid, `configuration` has a key that a prop
   * sets, or an option belongs to the connector or role that `connector` or `schedulerRole` brings
   */
  public constructor(scope: Construct, id: string, props: SageMakerOrchestratorProps) {
    validateProps(props);
    let schedulerRole: iam.IRole | undefined;
    let statements: iam.PolicyStatement[] = [];
    super(scope, id, props, (self) => {
      props.runtime.allowPipelines();
      schedulerRole = schedulerRoleOf(self, props);
      const jobs = props.runtime._jobs;
      statements = [
        ...orchestratorStatements(self, jobs), ...schedulerRole ? scheduleStatements(self, schedulerRole.roleArn) : [],
      ];
      return {
        componentType: ComponentType.ORCHESTRATOR,
        flavor: 'sagemaker',
        configuration: configurationOf(props, schedulerRole),
        purpose: PURPOSE,
        identity: [jobs.executionRoleArn, jobs.bucket.bucketArn, schedulerRole?.roleArn ?? ''],
        statements,
        wildcardReason: 'ZenML names pipelines, jobs and schedules after the pipeline and the time of the run',
        needs: [props.runtime, ...schedulerRole ? [schedulerRole] : []],
      };
    });
    this.schedulerRole = schedulerRole;
    this.statements = statements;
    warnOfKeepAlive(this, props);
  }

  /**
   * Grants what ZenML calls to run pipelines: to the identity of a connector that this app does not define.
   *
   * @throws when the grant would have no effect
   */
  public grantRun(grantee: iam.IGrantable): iam.Grant {
    return this._grantUse(grantee, PURPOSE, this.statements);
  }
}

function configurationOf(
  props: SageMakerOrchestratorProps, schedulerRole: iam.IRole | undefined,
): Record<string, unknown> {
  const { runtime } = props;
  return flavorConfiguration({
    // An ARN, because ZenML would have to look a name up, which needs iam:GetRole.
    execution_role: runtime.role.roleArn,
    // Always: without a bucket the SDK creates one.
    bucket: runtime.bucket.bucketName,
    scheduler_role: schedulerRole?.roleArn,
    instance_type: chooseInstanceType(props.instanceType, runtime.allowedInstanceTypes),
    volume_size_in_gb: props.volumeSize?.toGibibytes(),
    max_runtime_in_seconds: props.maxRuntime?.toSeconds(),
    keep_alive_period_in_seconds: props.keepAlive?.toSeconds() ?? 0,
    synchronous: props.synchronous,
    tags: props.tags,
    pipeline_tags: props.pipelineTags,
    environment: props.environment,
    estimator_args: runtime._estimatorArgs,
    processor_args: runtime._processorArgs,
  }, props.configuration, PROPS);
}

function validateProps(props: SageMakerOrchestratorProps): void {
  validateDuration('maxRuntime', props.maxRuntime, [1, DAYS_28], 'SageMaker\'s limits');
  validateDuration('keepAlive', props.keepAlive, [0, 3600], 'SageMaker\'s limits');
  const gibibytes = props.volumeSize?.isUnresolved() ? undefined : props.volumeSize?.toGibibytes();
  if (gibibytes !== undefined && (gibibytes < 1 || gibibytes > 16384)) {
    throw invalidProp(
      'volumeSize',
      "must be between 1 and 16384 GiB (SageMaker's limits)",
      gibibytes,
      'choose another size',
    );
  }
}

function warnOfKeepAlive(scope: Construct, { keepAlive }: SageMakerOrchestratorProps): void {
  if (!keepAlive || keepAlive.isUnresolved() || keepAlive.toSeconds() === 0) { return; }
  Annotations.of(scope).addWarningV2(
    'cdk-zenml:warmPool',
    `\`keepAlive\` keeps an instance for ${keepAlive.toSeconds()} seconds after each step: `
      + 'it costs as much as a busy instance, and needs a quota for warm pools. Leave `keepAlive` out to stop each instance after its step',
  );
}
