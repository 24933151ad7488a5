import { RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ImageEncryption } from './image-encryption';
import { ImageLifecycleRule } from './lifecycle-rule';
import { RepositoryAccess } from './repository-access';

/** Settings that several repositories can share: all but the name. */
export interface RepositoryDefaults {
  /**
   * What happens to the repository, and to a key made for it, when the repository leaves the stack.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE - images outlive the stack; a deployment that fails takes the repositories with it that it made,
   * so that it can be repeated
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images with the repository; without it ECR refuses to delete a repository that holds any. Needs
   * `RemovalPolicy.DESTROY`, and is withdrawn when the repository's removal policy is changed to another one later.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;

  /**
   * How images are encrypted.
   *
   * @default ImageEncryption.aes256(), or ImageEncryption.customerKey(encryptionKey) where `encryptionKey` is given
   */
  readonly encryption?: ImageEncryption;

  /**
   * KMS key to encrypt images with: short for `encryption: ImageEncryption.customerKey(...)`. Give one of the two.
   *
   * @default - no key of yours
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether a tag may move to another image. ZenML pushes its tags again with each changed build, so immutable tags need
   * `imageTagMutabilityExclusionFilters` there.
   *
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * Tags for which the opposite of `imageTagMutability` holds: one to five filters with at most two `*` each. `MutableTags` has ready ones.
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * Scan each image for vulnerabilities when it is pushed (basic scanning is free). Registry-level scanning rules come on top.
   *
   * @default true
   */
  readonly imageScanOnPush?: boolean;

  /**
   * Rules by which ECR deletes or archives images. `LifecyclePresets` has ready ones.
   *
   * @default - nothing expires: ZenML reuses builds for as long as it knows them, and local Docker builds are kept by digest
   */
  readonly lifecycleRules?: ImageLifecycleRule[];

  /**
   * Who else may use the repository: written to the repository's policy. Roles and users of this app rather get `grantPull(...)` and the like.
   *
   * @default - only identities of this account, as far as their own policies allow
   */
  readonly access?: RepositoryAccess;
}

/** Settings of one repository. */
export interface RepositoryOptions extends RepositoryDefaults {
  /**
   * Name: 2 to 256 characters, lower-case letters and digits, with `.`, `_`, `-` and `/` inside. A change replaces the repository (the
   * images do not move along).
   *
   * @default - CloudFormation makes one up
   */
  readonly repositoryName?: string;
}
