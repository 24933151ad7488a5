import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { passRoleStatement } from './service-trust';

export const SCHEDULER_SERVICE = 'scheduler.amazonaws.com';

/** ZenML creates its schedules in this group. */
const GROUP = 'default';

/** Rights of a caller that schedules pipelines. ZenML updates a schedule first, and creates it if it does not exist. */
export function scheduleStatements(scope: IConstruct, schedulerRoleArn: string): iam.PolicyStatement[] {
  return [
    new iam.PolicyStatement({
      sid: 'SchedulePipelines',
      actions: ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule'],
      resources: [Stack.of(scope).formatArn({ service: 'scheduler', resource: 'schedule', resourceName: `${GROUP}/*` })],
    }),
    new iam.PolicyStatement({ sid: 'FindPipelines', actions: ['sagemaker:DescribePipeline'], resources: [pipelines(scope)] }),
    passRoleStatement('PassSchedulerRole', schedulerRoleArn, SCHEDULER_SERVICE),
  ];
}

/** Rights of the role with which EventBridge Scheduler starts pipelines. */
export function schedulerRoleStatements(scope: IConstruct): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({ sid: 'StartPipelines', actions: ['sagemaker:StartPipelineExecution'], resources: [pipelines(scope)] })];
}

/** The source for which EventBridge Scheduler assumes the role: the group of the schedules. */
export function scheduleGroupArn(scope: IConstruct): string {
  return Stack.of(scope).formatArn({
    service: 'scheduler', resource: 'schedule-group', resourceName: GROUP, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}

function pipelines(scope: IConstruct): string {
  return Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'pipeline', resourceName: '*' });
}
