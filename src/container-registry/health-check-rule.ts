import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledge';

/**
 * Runs a function on a schedule. Not aws-events-targets, which loads a dozen other modules of aws-cdk-lib at each
 * synthesis.
 */
export function runOnSchedule(scope: Construct, fn: lambda.Function, schedule: events.Schedule): events.Rule {
  const rule = new events.Rule(scope, 'Rule', {
    schedule,
    description: 'Runs the health check of an ECR container registry in ZenML (cdk-zenml)',
  });
  // A run that is late or lost is followed by the next one.
  const retryPolicy = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 };
  rule.addTarget({ bind: () => ({ arn: fn.functionArn, targetResource: fn, retryPolicy }) });
  fn.addPermission('AllowRule', {
    principal: new iam.ServicePrincipal('events.amazonaws.com'),
    sourceArn: rule.ruleArn,
  });
  acknowledge(rule, {
    'Serverless-EventBusDLQ':
      'A run that is lost is followed by the next one, and the alarm treats a missing run as unhealthy',
  });
  return rule;
}
