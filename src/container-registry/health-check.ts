import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { RegistryHealthAlarmOptions, RegistryHealthCheckOptions } from './health-check-options';
import { periodOf, validateAlarm } from './health-check-period';
import { runOnSchedule } from './health-check-rule';
import {
  HEALTH_CHECK_PARAMETER_VARIABLE,
  HealthCheckDocument,
  HealthMetric,
  REGISTRY_DIMENSION,
} from '../contract/health-check';
import {
  allowNetworkInterfaces,
  bundledFunctionProps,
  functionLogGroup,
  logStatement,
} from '../custom-resource/bundled-function';
import { parameterArn, SecretBinding } from '../custom-resource/secret-binding';
import { acknowledge } from '../private/acknowledge';
import { synthError } from '../private/synth-error';
import { validatePattern } from '../private/validation';
import type { ZenMLServer } from '../server';

const DEFAULT_PERIOD = Duration.hours(1);
/** A run: a login, a verification, and the proof of pull and push for up to 20 repositories. */
const TIMEOUT = Duration.minutes(2);

/** @internal what a health check reads of its registry */
export interface _CheckedRegistry {
  readonly server: ZenMLServer;
  /** Produced at synth, because repositories and ZenML stacks can be added until then. */
  readonly describe: () => Pick<HealthCheckDocument, 'component' | 'connector' | 'repositories' | 'stacks'>;
}

/**
 * Checks on a schedule that a registry still works as it was deployed. `EcrContainerRegistry.scheduleHealthCheck()`
 * creates it.
 *
 * A Lambda function with a role of its own compares the objects in ZenML with what was deployed, lets ZenML verify the
 * service connector, and proves that pull and push would be allowed. It changes nothing. It writes one log line with
 * what differs, and metrics that are 1 (healthy) or 0.
 *
 * @example
 * declare const registry: EcrContainerRegistry;
 * declare const topic: sns.ITopic;
 *
 * const health = registry.scheduleHealthCheck();
 * health.createAlarm('Unhealthy').addAlarmAction(new cloudwatch_actions.SnsAction(topic));
 */
export class RegistryHealthCheck extends Construct {
  /** @internal */
  public static _of(
    scope: Construct,
    id: string,
    registry: _CheckedRegistry,
    options?: RegistryHealthCheckOptions,
  ): RegistryHealthCheck {
    return new RegistryHealthCheck(scope, id, registry, options);
  }

  /** The function that runs the check, and only it. */
  public readonly healthCheckFunction: lambda.IFunction;
  /** The rule that runs the check. */
  public readonly rule: events.IRule;
  private readonly namespace: string;
  private readonly registryName: string;
  private readonly schedule: events.Schedule;

  private constructor(
    scope: Construct,
    id: string,
    registry: _CheckedRegistry,
    options: RegistryHealthCheckOptions = {},
  ) {
    super(scope, id);
    const { schedule = events.Schedule.rate(DEFAULT_PERIOD), metricNamespace = 'CdkZenML' } = options;
    validatePattern(
      'metricNamespace',
      metricNamespace,
      /^(?!AWS\/)[A-Za-z0-9.\-_/#:]{1,255}$/,
      '"CdkZenML" (1 to 255 letters, digits and . - _ / # :, not beginning with AWS/)',
    );
    this.schedule = schedule;
    this.namespace = metricNamespace;
    this.registryName = scope.node.path.slice(-255);
    const binding = SecretBinding.forServer(this, registry.server);
    const parameter = this.defineParameter(registry, binding);
    const fn = this.defineFunction(registry.server, parameter.ref, [
      new iam.PolicyStatement({ actions: ['ssm:GetParameter'], resources: [parameterArn(this, parameter.ref)] }),
      ...binding.readStatements,
    ]);
    this.healthCheckFunction = fn;
    this.rule = runOnSchedule(this, fn, schedule);
  }

  /**
   * Whether everything is healthy: 1, or 0 when one check found a difference or ZenML could not be reached.
   *
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metricHealthy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(HealthMetric.HEALTHY, options);
  }

  /**
   * Whether the service connector exists, ZenML verifies it, and it reaches this registry.
   *
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metricServiceConnectorHealthy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(HealthMetric.SERVICE_CONNECTOR, options);
  }

  /**
   * Whether the Docker credentials of the service connector may pull from and push to the repositories.
   *
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metricAccessHealthy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(HealthMetric.ACCESS, options);
  }

  /**
   * Whether the container registry in ZenML has the deployed configuration and service connector.
   *
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metricStackComponentHealthy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(HealthMetric.STACK_COMPONENT, options);
  }

  /**
   * Whether the ZenML stacks of this CloudFormation stack that were given the registry still contain it.
   *
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metricStacksHealthy(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(HealthMetric.STACKS, options);
  }

  /**
   * A metric of this health check.
   *
   * @param metricName `Healthy`, `ServiceConnectorHealthy`, `AccessHealthy`, `StackComponentHealthy` or `StacksHealthy`
   * @default - minimum over the time from one run to the next (over one hour, if the schedule is not a rate)
   */
  public metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: this.namespace,
      metricName,
      dimensionsMap: { [REGISTRY_DIMENSION]: this.registryName },
      statistic: cloudwatch.Stats.MINIMUM,
      period: periodOf(this.schedule) ?? DEFAULT_PERIOD,
      ...options,
    }).attachTo(this);
  }

  /**
   * An alarm for a registry that is not healthy, or whose check does not run.
   *
   * @param id construct id
   * @throws when the schedule is not a rate and `period` is missing, or when CloudWatch would refuse the periods
   */
  public createAlarm(id: string, options: RegistryHealthAlarmOptions = {}): cloudwatch.Alarm {
    const { period = periodOf(this.schedule), evaluationPeriods = 2 } = options;
    if (!period) {
      throw synthError(
        'CZ102',
        `\`period\` is missing, and the schedule ${this.schedule.expressionString} is not a rate: `
          + 'set `period` to the longest time from one run to the next',
      );
    }
    validateAlarm(period, evaluationPeriods);
    return this.metricHealthy({ period }).createAlarm(this, id, {
      alarmName: options.alarmName,
      alarmDescription: `The container registry ${this.registryName} in ZenML differs from its deployment, or refuses pulls or pushes: see the log of the health check`,
      comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
    });
  }

  private defineParameter({ describe }: _CheckedRegistry, binding: SecretBinding): ssm.CfnParameter {
    const document = () =>
      ({
        kind: 'health-check',
        serverBinding: binding.parameterName,
        ...describe(),
        namespace: this.namespace,
        registry: this.registryName,
      }) satisfies HealthCheckDocument;
    return new ssm.CfnParameter(this, 'Registry', {
      type: 'String',
      // 20 repositories with the longest names do not fit into the standard tier.
      tier: 'Intelligent-Tiering',
      value: Lazy.string({ produce: () => Stack.of(this).toJsonString(document()) }),
      description:
        'What a health check compares an ECR container registry in ZenML with (cdk-zenml). Contains no secret',
    });
  }

  private defineFunction(server: ZenMLServer, parameterName: string, rights: iam.PolicyStatement[]): lambda.Function {
    const logGroup = functionLogGroup(this);
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Role of the function that checks an ECR container registry in ZenML (cdk-zenml)',
    });
    const policy = new iam.Policy(this, 'Policy', { roles: [role], statements: [logStatement(logGroup), ...rights] });
    const network = server._settings.registrationFunction;
    if (network.vpc) {
      allowNetworkInterfaces(policy);
    }
    const fn = new lambda.Function(this, 'Function', {
      ...bundledFunctionProps('healthCheck', network),
      description: 'Checks an ECR container registry in ZenML (cdk-zenml)',
      timeout: TIMEOUT,
      logGroup,
      role: role.withoutPolicyUpdates(),
      environment: { [HEALTH_CHECK_PARAMETER_VARIABLE]: parameterName },
      retryAttempts: 0,
    });
    // The function in a VPC can only be created after its role may create network interfaces.
    fn.node.addDependency(policy);
    acknowledge(fn, {
      'Serverless-LambdaDLQ': 'A run that is lost is followed by the next one',
      'Serverless-LambdaAsyncFailureDestination': 'The alarm treats a missing run as unhealthy',
      'Serverless-LambdaTracing':
        'Traces would be one more record of what is sent to ZenML. The log has one line per run, with the duration',
    });
    return fn;
  }
}
