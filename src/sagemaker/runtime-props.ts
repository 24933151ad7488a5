import { RemovalPolicy } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { EcrContainerRegistry } from '../container-registry';

/** Properties of `SageMakerRuntime`. */
export interface SageMakerRuntimeProps {
  /**
   * The role that jobs run with. It must trust `sagemaker.amazonaws.com`. The construct adds the rights that jobs need.
   *
   * @default - a new role with exactly the rights that SageMaker and ZenML need
   */
  readonly role?: iam.IRole;
  /**
   * The bucket for output of jobs and for large definitions of pipelines. Use another bucket than that of the artifact
   * store, because jobs may read and write everything in it.
   *
   * @default - a new bucket: private, TLS only, encrypted by S3, objects expire after 30 days
   */
  readonly bucket?: s3.IBucket;
  /**
   * What happens to the new bucket when the construct leaves the CloudFormation stack. CloudFormation cannot delete a
   * bucket that is not empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly dataRemovalPolicy?: RemovalPolicy;
  /**
   * What happens to the role, its policies and the security group when the construct leaves the CloudFormation stack.
   * Use the `removalPolicy` of the components that use the runtime.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Container registries whose images jobs run, including repositories that are added to them later.
   *
   * @default - none
   */
  readonly registries?: EcrContainerRegistry[];
  /**
   * Further repositories with images that jobs run.
   *
   * @default - none
   */
  readonly repositories?: ecr.IRepository[];
  /**
   * A VPC in which jobs run. The jobs need a network path to the ZenML server, ECR, S3 and CloudWatch Logs.
   *
   * @default - jobs run in a network of SageMaker with access to the internet
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Subnets of the jobs in the VPC, at most 16 (SageMaker's limit).
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Security groups of the jobs, at most 5 (SageMaker's limit).
   *
   * @default - a new security group that allows all outbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /**
   * Whether AWS refuses jobs outside of the VPC. Settings in a component are defaults only, which each pipeline can
   * override. This option is a condition of the roles, which no pipeline can override.
   *
   * @default - true if `vpc` is set
   */
  readonly requireVpc?: boolean;
  /**
   * A customer key that encrypts the volumes of jobs.
   *
   * @default - encrypted by SageMaker
   */
  readonly volumeKey?: kms.IKey;
  /**
   * A customer key that encrypts the output of jobs.
   *
   * @default - the encryption of the bucket
   */
  readonly outputKey?: kms.IKey;
  /**
   * Instance types that jobs may have, `*` as wildcard: `ml.m5.large`, `ml.g5.*`. AWS refuses jobs with other types,
   * whatever a pipeline asks for.
   *
   * @default - any
   */
  readonly allowedInstanceTypes?: string[];
  /**
   * IAM path of the new role.
   *
   * @default '/'
   */
  readonly path?: string;
  /**
   * Permissions boundary of the new role.
   *
   * @default - none, or the one that `iam.PermissionsBoundary.of(scope)` applies
   */
  readonly permissionsBoundary?: iam.IManagedPolicy;
}
