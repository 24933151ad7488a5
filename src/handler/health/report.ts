import { Findings } from './checks';
import { HealthCheckDocument, HealthMetric, REGISTRY_DIMENSION } from '../../contract/health-check';

export interface HealthResult {
  readonly findings: Findings;
  /** Why ZenML could not be asked. */
  readonly unreachable?: string;
  /** What could not be checked. */
  readonly warnings: readonly string[];
  /** When the check began, in milliseconds of the epoch. */
  readonly at: number;
  readonly milliseconds: number;
}

/**
 * One line for people and for CloudWatch, which takes the metrics from it (embedded metric format): that needs no
 * permission besides the one to write logs.
 *
 * @see
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function healthReport({ namespace, registry }: HealthCheckDocument, result: HealthResult): object {
  const { findings, unreachable, warnings, at, milliseconds } = result;
  const differences = [...(unreachable === undefined ? [] : [unreachable]), ...[...findings.values()].flat()];
  const isHealthy = differences.length === 0;
  const checks = [...findings].map(([name, found]) => [name, found.length === 0] as const);
  const metrics = new Map<string, boolean>([[HealthMetric.HEALTHY, isHealthy], ...checks]);
  return {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[REGISTRY_DIMENSION]],
          Metrics: [...metrics.keys()].map((Name) => ({ Name })),
        },
      ],
    },
    level: isHealthy ? 'INFO' : 'ERROR',
    [REGISTRY_DIMENSION]: registry,
    ...Object.fromEntries([...metrics].map(([name, healthy]) => [name, healthy ? 1 : 0])),
    differences,
    warnings,
    milliseconds: Math.round(milliseconds),
  };
}
