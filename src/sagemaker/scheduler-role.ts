import { Annotations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SageMakerOrchestratorProps } from './orchestrator-props';
import { attachPolicy } from '../iam/role-policies';
import { scheduleGroupArn, SCHEDULER_SERVICE, schedulerRoleStatements } from '../iam/scheduler-rights';
import { ownService } from '../iam/service-trust';
import { acknowledgeWildcards } from '../private/acknowledge';
import { warnOfFrozenRole } from '../private/frozen-roles';
import { partitionInArn, requireOwnPartition } from '../private/own-partition';
import { applySharedPolicy, applySharedPolicyBelow } from '../private/removal';
import { synthError } from '../private/synth-error';

type ScheduleProps = Pick<SageMakerOrchestratorProps, 'schedules' | 'schedulerRole' | 'removalPolicy'>;

/** The role with which EventBridge Scheduler starts pipelines, with the right to do so; undefined without schedules. */
export function schedulerRoleOf(scope: Construct, props: ScheduleProps): iam.IRole | undefined {
  const { schedules = props.schedulerRole !== undefined, schedulerRole, removalPolicy } = props;
  if (!schedules) {
    if (schedulerRole) {
      throw synthError('CZ101', '`schedulerRole` must not be set together with `schedules: false`, because it is used for schedules only: remove one of the two');
    }
    return undefined;
  }
  if (schedulerRole) { requireOwnPartition(scope, '`schedulerRole`', partitionInArn(schedulerRole.roleArn), schedulerRole.roleArn); }
  const role = schedulerRole ?? defineRole(scope, props);
  const statements = schedulerRoleStatements(scope);
  const policy = attachPolicy(scope, 'StartPipelines', role, [], statements, removalPolicy);
  if (policy) {
    acknowledgeWildcards(policy, statements, 'ZenML names a pipeline after the time of the run');
  } else {
    warnOfFrozenRole(scope, 'cdk-zenml:frozenSchedulerRole', 'the scheduler role', 'it gets no right to start pipelines',
      'sagemaker:StartPipelineExecution on pipeline/*');
  }
  Annotations.of(scope).addInfoV2('cdk-zenml:schedulesStay', 'ZenML and `cdk destroy` delete no schedules: after a destroy they go on and fail, '
    + 'because their role is gone. Delete them first (aws scheduler list-schedules, aws scheduler delete-schedule)');
  return role;
}

function defineRole(scope: Construct, { removalPolicy }: ScheduleProps): iam.Role {
  const role = new iam.Role(scope, 'SchedulerRole', {
    description: 'EventBridge Scheduler starts pipelines of ZenML with this role',
    assumedBy: ownService(scope, SCHEDULER_SERVICE, scheduleGroupArn(scope)),
  });
  applySharedPolicy(removalPolicy, role);
  applySharedPolicyBelow(removalPolicy, role);
  return role;
}
