import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import {
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  RegistryHealthCheckOptions,
  ZenMLStack,
} from '../../src';
import { flat, newServer, newStack } from '../support/app';

function define(
  options?: RegistryHealthCheckOptions,
  props: Partial<EcrContainerRegistryProps> = {},
  stack: Stack = newStack(),
) {
  const server = props.server ?? newServer(stack);
  const registry = new EcrContainerRegistry(stack, 'Registry', { server, repositoryNames: ['zenml'], ...props });
  const health = registry.scheduleHealthCheck(options);
  return { stack, server, registry, health, template: () => Template.fromStack(stack) };
}

/** The document that the function compares with. Tokens are replaced by their logical ids. */
function documentIn(template: Template): Record<string, unknown> {
  const [parameter] = Object.values(
    template.findResources('AWS::SSM::Parameter', {
      Properties: { Description: Match.stringLikeRegexp('health check') },
    }),
  );
  return JSON.parse(flat(parameter!.Properties.Value)) as Record<string, unknown>;
}

const statements = (template: Template) =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith('RegistryHealthCheck'))
    .flatMap(([, policy]: [string, any]) => policy.Properties.PolicyDocument.Statement);

test('a health check runs every hour in a function with the code of the registration function and an entry of its own', () => {
  const template = define().template();
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 hour)',
    Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } })],
  });
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  expect(functions.map(({ Properties }) => Properties.Handler).sort()).toEqual(['index.handler', 'index.healthCheck']);
  expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Code))).size).toBe(1);
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^RegistryHealthCheckRule'), 'Arn'] },
  });
});

test('the role of a health check can write logs and read two parameters and the API key, and nothing else', () => {
  const found = statements(define().template());
  expect(found.flatMap(({ Action }: any) => Action).sort()).toEqual([
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
    'ssm:GetParameter',
    'ssm:GetParameter',
  ]);
  expect(JSON.stringify(found)).not.toContain('"Resource":"*"');
});

test('a health check compares with the component, its connector, its repositories, and the ZenML stacks that contain it, also those that are added later', () => {
  const { stack, server, registry, template } = define();
  registry.addRepository('later');
  registry.attachToStack('Attachment', ZenMLStack.fromZenmlStackName(stack, 'Production', server, 'production'));
  const found = documentIn(template());
  expect(found).toMatchObject({
    kind: 'health-check',
    component: {
      id: expect.stringMatching(/^<RegistryComponent.*\.Id>$/),
      configuration: {
        uri: expect.stringMatching(/RepositoryUri/),
        default_repository: expect.stringMatching(/^<Registry.*zenml/i),
      },
    },
    connector: {
      Id: expect.stringMatching(/^<RegistryConnector.*\.Id>$/),
      Deployed: {
        AuthMethod: 'iam-role',
        ResourceType: 'docker-registry',
        ResourceId: expect.stringMatching(/RepositoryUri/),
        Region: expect.any(String),
        RoleArn: expect.stringMatching(/AccessRole/),
      },
    },
    repositories: [{ Name: expect.any(String) }, { Name: expect.stringMatching(/later/) }],
    stacks: [expect.stringMatching(/^<RegistryAttachment.*\.Id>$/)],
    namespace: 'CdkZenML',
    registry: 'Main/Registry',
  });
});

test('a template without a health check has no resource of one', () => {
  const stack = newStack();
  new EcrContainerRegistry(stack, 'Registry', { server: newServer(stack) });
  Template.fromStack(stack).resourceCountIs('AWS::Events::Rule', 0);
  Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 1);
});

test('a registry without a connector or without proof is checked for what it has', () => {
  expect(documentIn(define({}, { authentication: RegistryAuthentication.localDocker() }).template())).toMatchObject({
    repositories: [],
  });
  expect(
    documentIn(define({}, { authentication: RegistryAuthentication.localDocker() }).template()),
  ).not.toHaveProperty('connector');
  expect(documentIn(define({}, { proveAccess: false }).template())).toMatchObject({
    repositories: [],
    connector: expect.anything(),
  });
});

test('a health check of a server in a VPC runs in the same subnets', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc');
  const template = define({}, { server: newServer(stack, { registrationFunction: { vpc } }) }, stack).template();
  const [one, other] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { VpcConfig: Match.anyValue() } }),
  );
  expect(one!.Properties.VpcConfig.SubnetIds).toEqual(other!.Properties.VpcConfig.SubnetIds);
});

test('schedule and namespace can be chosen, and each metric has the registry as its only dimension', () => {
  const { health, template } = define({
    schedule: events.Schedule.cron({ hour: '6', minute: '0' }),
    metricNamespace: 'Team/ZenML',
  });
  template().hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(0 6 * * ? *)' });
  const metrics = [
    health.metricHealthy(),
    health.metricServiceConnectorHealthy(),
    health.metricAccessHealthy(),
    health.metricStackComponentHealthy(),
    health.metricStacksHealthy(),
  ];
  expect(metrics.map(({ metricName }) => metricName)).toEqual([
    'Healthy',
    'ServiceConnectorHealthy',
    'AccessHealthy',
    'StackComponentHealthy',
    'StacksHealthy',
  ]);
  for (const metric of metrics) {
    expect(metric).toMatchObject({
      namespace: 'Team/ZenML',
      dimensions: { Registry: 'Main/Registry' },
      statistic: 'Minimum',
    });
  }
  expect(health.metricHealthy({ period: Duration.days(1) }).period.toDays()).toBe(1);
});

test('an alarm is raised by two unhealthy or missing runs', () => {
  const { health, template } = define();
  health.createAlarm('Unhealthy', { period: Duration.hours(6) });
  template().hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Healthy',
    Namespace: 'CdkZenML',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    EvaluationPeriods: 2,
    Period: 21_600,
    TreatMissingData: 'breaching',
  });
});

test.each([
  [undefined, 3_600],
  [events.Schedule.rate(Duration.days(1)), 86_400],
  [events.Schedule.rate(Duration.minutes(15)), 900],
  [events.Schedule.expression('rate(1 minute)'), 60],
])('alarm and metrics have the period of the schedule %j', (schedule, seconds) => {
  const { health, template } = define({ schedule });
  expect(health.metricHealthy().period.toSeconds()).toBe(seconds);
  health.createAlarm('Unhealthy');
  template().hasResourceProperties('AWS::CloudWatch::Alarm', { Period: seconds, EvaluationPeriods: 2 });
});

test('an alarm on a schedule that is not a rate needs a period', () => {
  const { health } = define({ schedule: events.Schedule.cron({ hour: '6', minute: '0' }) });
  expect(() => health.createAlarm('Unhealthy')).toThrow(
    '`period` is missing, and the schedule cron(0 6 * * ? *) is not a rate: set `period` to the longest time from one run to the next',
  );
  expect(() => health.createAlarm('Daily', { period: Duration.days(1) })).not.toThrow();
});

test.each([
  [{ period: Duration.seconds(90) }, /`period` must be whole minutes, got: "90 seconds"/],
  [{ period: Duration.days(4) }, /`period` times `evaluationPeriods` must be at most 7 days .*at most 1 \[CZ100\]$/],
  [{ period: Duration.days(8) }, /at most 7 days .*run the health check more often \[CZ100\]$/],
  [{ period: Duration.minutes(30), evaluationPeriods: 49 }, /at most 1 day .*at most 48 \[CZ100\]$/],
  [{ evaluationPeriods: 0 }, /`evaluationPeriods` must be a whole number from 1 to 100, got: 0/],
  [{ evaluationPeriods: 1.5 }, /`evaluationPeriods` must be a whole number from 1 to 100, got: 1.5/],
])('an alarm with %j, which CloudWatch refuses, is refused', (options, message) => {
  expect(() => define().health.createAlarm('Unhealthy', options)).toThrow(message);
});

test('two registries of one stack have health checks of their own', () => {
  const { stack, server, template } = define();
  new EcrContainerRegistry(stack, 'Other', { server }).scheduleHealthCheck();
  template().resourceCountIs('AWS::Events::Rule', 2);
});

test.each([['AWS/Lambda'], ['with space'], [''], ['x'.repeat(256)]])(
  'the namespace %j is refused',
  (metricNamespace) => {
    expect(() => define({ metricNamespace })).toThrow(/`metricNamespace` must look like .*got: /);
  },
);

test('a second health check of a registry is refused', () => {
  const { registry } = define();
  expect(() => registry.scheduleHealthCheck()).toThrow(/a registry has one health check/);
});

test('a health check in an app with several environments reads only its own stack', () => {
  const app = new App();
  const [one, two] = ['eu-west-1', 'us-east-1'].map(
    (region) => new Stack(app, region, { env: { account: '111122223333', region } }),
  );
  for (const stack of [one!, two!]) { define({}, {}, stack); }
  expect(JSON.stringify(Template.fromStack(one!).toJSON())).not.toContain('us-east-1');
});
