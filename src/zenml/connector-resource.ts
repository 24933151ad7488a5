import { REGISTRY_HOST } from '../contract/rules';
import { validatePattern } from '../private/validation';

/** Options of `ConnectorResource.dockerRegistry`. */
export interface DockerRegistryResourceOptions {
  /**
   * Whether ECR may make repositories when an image is pushed to a new name (`RepositoryCreationTemplate`): the sessions of the connector
   * are then allowed `ecr:CreateRepository` as far as the role or user of the connector is. ZenML's own session policy leaves that out. It matters to the methods
   * that narrow their sessions: `iamRole`, `implicit` and `federationToken`.
   *
   * @default false
   */
  readonly createOnPush?: boolean;
}

/**
 * The AWS resource that a service connector gives access to: a resource type of ZenML's AWS connector, and optionally one resource of that type.
 *
 * @see https://docs.zenml.io/how-to/infrastructure-deployment/auth-management/aws-service-connector#resource-types
 */
export class ConnectorResource {
  /**
   * An ECR registry: all repositories of one account and Region that the connector's rights cover.
   *
   * @param registryUri `<account>.dkr.ecr.<region>.amazonaws.com`
   * @param options what else its sessions may do
   * @throws when the host is none that ZenML accepts
   */
  public static dockerRegistry(registryUri: string, options: DockerRegistryResourceOptions = {}): ConnectorResource {
    validatePattern('registryUri', registryUri, REGISTRY_HOST, '"<12 digits>.dkr.ecr.<region>.amazonaws.com" (the only hosts that ZenML accepts)');
    return new ConnectorResource('docker-registry', registryUri, options.createOnPush);
  }

  /**
   * S3 buckets.
   *
   * @param bucketName one bucket; without it all that the connector's rights cover
   */
  public static s3Bucket(bucketName?: string): ConnectorResource {
    return new ConnectorResource('s3-bucket', bucketName === undefined ? undefined : `s3://${bucketName}`);
  }

  /**
   * EKS clusters.
   *
   * @param clusterName one cluster; without it all that the connector's rights cover
   */
  public static kubernetesCluster(clusterName?: string): ConnectorResource {
    return new ConnectorResource('kubernetes-cluster', clusterName);
  }

  /** Any AWS service, through the SDK. */
  public static awsGeneric(): ConnectorResource {
    return new ConnectorResource('aws-generic');
  }

  private constructor(
    /** ZenML's resource type. */
    public readonly resourceType: string,
    /** ZenML's resource id; absent: all of the type. */
    public readonly resourceId?: string,
    /** @internal */
    public readonly _createOnPush: boolean = false,
  ) {}
}
