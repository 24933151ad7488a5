import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * A session policy for connectors of type `kubernetes-cluster`, for partitions that ZenML's own does not name. The
 * rights in the cluster are those of its access entries.
 *
 * @param clusterName undefined: all clusters
 */
export function eksSessionPolicy(scope: Construct, region: string, clusterName: string | undefined): string {
  const arn = Stack.of(scope).formatArn({
    service: 'eks', region, account: '*', resource: 'cluster', resourceName: clusterName ?? '*',
  });
  return Stack.of(scope).toJsonString({
    Version: '2012-10-17',
    // AWS has no resource level for listing clusters.
    Statement: [
      { Effect: 'Allow', Action: 'eks:DescribeCluster', Resource: arn },
      { Effect: 'Allow', Action: 'eks:ListClusters', Resource: '*' },
    ],
  });
}
