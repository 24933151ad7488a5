import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { REGISTRY_HOST } from '../contract/rules';
import { ecrSessionPolicy } from '../iam/access-role';
import { eksSessionPolicy } from '../iam/eks-rights';
import { s3SessionPolicy } from '../iam/s3-rights';
import { validateKeyPrefix } from '../private/key-prefix';
import { isUnknown } from '../private/known';
import { validatePattern } from '../private/validation';

/** Options of `ConnectorResource.dockerRegistry`. */
export interface DockerRegistryResourceOptions {
  /**
   * Whether ECR may create a repository when an image is pushed to a new name (`RepositoryCreationTemplate`). The
   * session policy of the connector then allows `ecr:CreateRepository`, which ZenML's own session policy does not. The
   * role or user of the connector needs the right as well. The option affects the authentication methods with a session
   * policy: `iamRole`, `implicit` and `federationToken`.
   *
   * @default false
   */
  readonly createOnPush?: boolean;
}

/** Options of `ConnectorResource.s3Bucket`. */
export interface S3BucketResourceOptions {
  /**
   * The customer key of the bucket. The session policy of the connector then allows its use, which ZenML's own session
   * policy does not. The role or user of the connector needs the right as well. The option affects the authentication
   * methods with a session policy: `iamRole`, `implicit` and `federationToken`.
   *
   * @default - the bucket has no customer key
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Start of the keys of all objects that the connector gives access to, such as `team-a/zenml`: letters, digits and `_
   * . = + @ -`, in parts that one slash separates, at most 512 characters. The session policy of the connector then
   * reaches the objects below it only. The option affects the authentication methods with a session policy: `iamRole`,
   * `implicit` and `federationToken`.
   *
   * @default - the whole bucket, as far as the role or user of the connector has rights on it
   */
  readonly prefix?: string;
}

/** The session policy of a connector; undefined if the one that ZenML adds is sufficient. */
type SessionPolicy = (scope: Construct, region: string) => string | undefined;

/** ZenML's own session policies name the partition `aws`. */
function isCommercial(region: string): boolean {
  return !isUnknown(region) && !region.startsWith('us-gov-');
}

/**
 * The AWS resource that a service connector gives access to: a resource type of ZenML's AWS connector and, optionally,
 * one resource of that type.
 *
 * @see https://docs.zenml.io/how-to/infrastructure-deployment/auth-management/aws-service-connector#resource-types
 */
export class ConnectorResource {
  /**
   * An ECR registry: the repositories of one account and Region, as far as the connector has rights on them.
   *
   * @param registryUri host of the registry, `<account>.dkr.ecr.<region>.amazonaws.com`
   * @param options additional rights of the connector's sessions
   * @throws when ZenML does not accept the host
   */
  public static dockerRegistry(registryUri: string, options: DockerRegistryResourceOptions = {}): ConnectorResource {
    validatePattern('registryUri', registryUri, REGISTRY_HOST,
      '"<12 digits>.dkr.ecr.<region>.amazonaws.com" (the only hosts that ZenML accepts)',
      'pass the standard host without https://, repository or tag');
    const { createOnPush = false } = options;
    return new ConnectorResource('docker-registry', registryUri, createOnPush, (scope, region) => (
      isCommercial(region) && !createOnPush ? undefined : ecrSessionPolicy(scope, region, createOnPush)
    ));
  }

  /**
   * S3 buckets.
   *
   * @param bucketName name of one bucket; default: all buckets that the connector has rights on
   * @param options rights of the connector's sessions
   * @throws when the prefix is invalid
   */
  public static s3Bucket(bucketName?: string, options: S3BucketResourceOptions = {}): ConnectorResource {
    const { encryptionKey, prefix } = options;
    validateKeyPrefix(prefix);
    const id = bucketName === undefined ? undefined : `s3://${bucketName}`;
    return new ConnectorResource('s3-bucket', id, false, (scope) => (
      s3SessionPolicy(scope, { bucketName, prefix, keyArn: encryptionKey?.keyArn })
    ));
  }

  /**
   * EKS clusters.
   *
   * @param clusterName name of one cluster; default: all clusters that the connector has rights on
   */
  public static kubernetesCluster(clusterName?: string): ConnectorResource {
    return new ConnectorResource('kubernetes-cluster', clusterName, false, (scope, region) => (
      isCommercial(region) ? undefined : eksSessionPolicy(scope, region, clusterName)
    ));
  }

  /** Any AWS service, by the AWS SDK. */
  public static awsGeneric(): ConnectorResource {
    return new ConnectorResource('aws-generic');
  }

  private constructor(
    /** ZenML's name of the resource type. */
    public readonly resourceType: string,
    /** ZenML's id of the resource; undefined: all resources of the type. */
    public readonly resourceId?: string,
    /** @internal */
    public readonly _createOnPush: boolean = false,
    /** @internal */
    public readonly _sessionPolicy: SessionPolicy = () => undefined,
  ) {}
}
