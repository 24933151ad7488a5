import { ProvedRepository, Reference, ServiceConnectorProperties } from './properties';

/** Name of the environment variable that names the SSM parameter with the `HealthCheckDocument`. */
export const HEALTH_CHECK_PARAMETER_VARIABLE = 'HEALTH_CHECK_PARAMETER';

/**
 * What a health check compares with: the registry as it was deployed. JSON value of an SSM parameter. The function
 * takes nothing from the event, so that a caller who can invoke it learns and changes nothing.
 */
export interface HealthCheckDocument {
  readonly kind: 'health-check';
  /** Name of the SSM parameter that holds the `ServerBinding`. */
  readonly serverBinding: string;
  readonly component: HealthCheckComponent;
  /** Absent: the registry has no service connector. */
  readonly connector?: HealthCheckConnector;
  /** Repositories for which pull and push are proved. */
  readonly repositories: readonly ProvedRepository[];
  /** UUIDs of the ZenML stacks that must contain the component. */
  readonly stacks: readonly string[];
  /** Namespace of the metrics. */
  readonly namespace: string;
  /** Value of the metrics' dimension `Registry`. */
  readonly registry: string;
}

export interface HealthCheckConnector extends Reference {
  /** The connector as it was deployed. Absent: the app refers to a connector that it does not define. */
  readonly Deployed?: DeployedConnector;
}

/** Whom a connector acts as, and on what. The session policy is left out: the proof of access shows what it lacks. */
export type DeployedConnector = Pick<
  ServiceConnectorProperties,
  'AuthMethod' | 'ResourceType' | 'ResourceId' | 'Region' | 'RoleArn'
>;

export interface HealthCheckComponent {
  /** UUID of the component. */
  readonly id: string;
  /** The configuration as it was deployed. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** Name of the metrics' only dimension. */
export const REGISTRY_DIMENSION = 'Registry';

/** Names of the metrics: 1 is healthy, 0 is not. A check that could not run has no data point. */
export const HealthMetric = {
  /** 1 when every check is healthy, 0 when one is not or ZenML could not be reached. */
  HEALTHY: 'Healthy',
  /** The service connector exists, ZenML verifies it, and it reaches this registry. */
  SERVICE_CONNECTOR: 'ServiceConnectorHealthy',
  /** The connector's Docker credentials may pull from and push to the repositories. */
  ACCESS: 'AccessHealthy',
  /** The component exists, with the deployed configuration and connector. */
  STACK_COMPONENT: 'StackComponentHealthy',
  /** The ZenML stacks exist and contain the component. */
  STACKS: 'StacksHealthy',
} as const;
