import { RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ImageEncryption } from './image-encryption';
import { ImageLifecycleRule } from './lifecycle-rule';
import { RepositoryAccess } from './repository-access';

/** Settings of a repository except its name, which several repositories can share. */
export interface RepositoryDefaults {
  /**
   * What happens to the repository, and to a key that was generated for it, when the repository leaves the
   * CloudFormation stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE - the repository and its images are retained; a deployment that
   * fails deletes the repositories that it created, so that it can be repeated
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images together with the repository. Without this option ECR refuses to delete a repository that
   * contains images. Needs `RemovalPolicy.DESTROY`, and has no effect when the repository's removal policy is later
   * changed to another one.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;

  /**
   * How ECR encrypts the images.
   *
   * @default ImageEncryption.aes256(), or ImageEncryption.customerKey(encryptionKey) with `encryptionKey`
   */
  readonly encryption?: ImageEncryption;

  /**
   * KMS key that ECR encrypts the images with: the same as `encryption: ImageEncryption.customerKey(...)`. Set at most
   * one of the two.
   *
   * @default - no customer managed key
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether a tag can be moved to another image. ZenML pushes its tags again with each changed build, so it needs
   * `imageTagMutabilityExclusionFilters` if tags are immutable.
   *
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * Tags for which the opposite of `imageTagMutability` applies: one to five filters with at most two `*` each (ECR's
   * limits). `MutableTags` has predefined filters.
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * Scan each image for vulnerabilities when it is pushed. Basic scanning is free of charge. The scanning rules of the
   * registry apply in addition.
   *
   * @default true
   */
  readonly imageScanOnPush?: boolean;

  /**
   * Rules by which ECR deletes or archives images, at most 50 (ECR's limit). `LifecyclePresets` has predefined rules.
   *
   * @default - none: ZenML can reuse any build, and refers to builds of the local Docker builder by digest
   */
  readonly lifecycleRules?: ImageLifecycleRule[];

  /**
   * Who else may use the repository, written to the repository's policy. For roles and users of this app use
   * `grantPull(...)` and similar methods.
   *
   * @default - only identities of the repository's account whose own policies allow it
   */
  readonly access?: RepositoryAccess;
}

/** Settings of one repository. */
export interface RepositoryOptions extends RepositoryDefaults {
  /**
   * Name of the repository: 2 to 256 characters, lower-case letters and digits, separated by `.`, `_`, `-` and `/`
   * (ECR's rule). A change replaces the repository, and the images stay in the old one.
   *
   * @default - CloudFormation generates a name
   */
  readonly repositoryName?: string;
}
