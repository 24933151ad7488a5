import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';

/** Options of a scheduled health check. */
export interface RegistryHealthCheckOptions {
  /**
   * When the check runs. A run takes some seconds and one login at the ZenML server.
   *
   * @default - every hour
   */
  readonly schedule?: events.Schedule;
  /**
   * Namespace of the CloudWatch metrics: 1 to 255 letters, digits and `. - _ / # :`, not beginning with `AWS/`.
   *
   * @default 'CdkZenML'
   */
  readonly metricNamespace?: string;
}

/** Options of the alarm of a health check. */
export interface RegistryHealthAlarmOptions {
  /**
   * Name of the alarm.
   *
   * @default - CloudFormation generates a name
   */
  readonly alarmName?: string;
  /**
   * How many runs in a row must be unhealthy, or missing, before the alarm: 1 to 100. More than one run does not
   * report a restart of the ZenML server.
   *
   * @default 2
   */
  readonly evaluationPeriods?: number;
  /**
   * Time from one run to the next, in whole minutes. `period` times `evaluationPeriods` is at most 7 days, and at most
   * one day with periods below one hour.
   *
   * @default - the rate of the schedule; required for a schedule that is not a rate
   */
  readonly period?: cloudwatch.MetricOptions['period'];
}
