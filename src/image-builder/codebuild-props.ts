import { Duration } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BuildImage } from './build-image';
import { EcrContainerRegistry } from '../container-registry';
import { RegistrationOptions } from '../server';
import { ComputeConnectorOptions } from '../zenml';

/** Options of a CodeBuild image builder, without those of its registration. */
export interface CodeBuildImageBuilderOptions extends ComputeConnectorOptions {
  /**
   * Name of the image builder in ZenML, unique among image builders, at most 255 characters (ZenML's limit).
   *
   * @default - the construct's path and six hex digits
   */
  readonly stackComponentName?: string;
  /**
   * An existing project. Its role, logs and timeout are its owner's business: only the right to start builds is
   * granted. The project must not run in a VPC, because CodeBuild gives builds in a VPC no Docker daemon unless they
   * are privileged, and ZenML starts builds that are not. It must pull images with the credentials that `buildImage`
   * needs.
   *
   * @default - a new project, with a role that reads build contexts and pushes to the repositories of the registry
   */
  readonly project?: codebuild.IProject;
  /**
   * The image in which builds run.
   *
   * @default BuildImage.curated()
   */
  readonly buildImage?: BuildImage;
  /**
   * Size of the machine of a build.
   *
   * @default ComputeType.SMALL
   */
  readonly computeType?: codebuild.ComputeType;
  /**
   * How long a build may take: 5 minutes to 36 hours (CodeBuild's limits).
   *
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;
  /**
   * How long the logs of builds are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
  /**
   * How long build contexts are kept in a bucket that this library has created, in whole days: 1 to 36,500. ZenML
   * uploads a context for each build and deletes none. If a context has expired, ZenML uploads it again.
   *
   * A bucket of your own is not changed: this option must not be set, and the bucket needs a lifecycle rule of its own
   * for `code-build-contexts/` below the path of the artifact store.
   *
   * @default - Duration.days(30) in a bucket that `S3ArtifactStore` has created
   */
  readonly contextExpiration?: Duration;
  /**
   * Environment variables of builds. They must not contain secrets, because they are in the template and in the
   * description of each build.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
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

/** Properties of `CodeBuildImageBuilder`. */
export interface CodeBuildImageBuilderProps extends CodeBuildImageBuilderOptions, RegistrationOptions {
  /** The container registry to push to, in the Region of this stack. */
  readonly registry: EcrContainerRegistry;
  /**
   * The bucket of the artifact store in the same ZenML stack, which must have the flavor `s3`. ZenML uploads the
   * context of a build there.
   */
  readonly bucket: s3.IBucket;
  /**
   * The customer key that encrypts an imported `bucket`, whose key this app does not know. Builds decrypt their
   * contexts with it.
   *
   * @default - the `encryptionKey` of `bucket`
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The folder of the artifact store in the bucket, without a slash at either end: `ml` for the path `s3://bucket/ml`.
   *
   * @default - the artifact store is the whole bucket
   */
  readonly prefix?: string;
}
