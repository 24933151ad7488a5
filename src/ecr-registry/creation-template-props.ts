import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ImageEncryption } from '../ecr-repository/image-encryption';
import { ImageLifecycleRule } from '../ecr-repository/lifecycle-rule';
import { RepositoryAccess } from '../ecr-repository/repository-access';

/** The event on which ECR creates a repository by a template. */
export enum CreationScenario {
  /** A push to a repository that does not exist. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
  /** The first pull of an image through a pull-through cache rule. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** The replication of an image from another registry. */
  REPLICATION = 'REPLICATION',
}

/** Properties of `RepositoryCreationTemplate`. */
export interface RepositoryCreationTemplateProps {
  /**
   * Prefix of the repository names, 1 to 256 characters (ECR's limit): the template applies to names that start with
   * the prefix and a slash. `ROOT` applies to all names that no other template covers.
   */
  readonly prefix: string;

  /**
   * The events on which ECR uses the template, at least one.
   *
   * @default [CreationScenario.CREATE_ON_PUSH]
   */
  readonly appliedFor?: CreationScenario[];

  /**
   * Description of the template, at most 256 characters (ECR's limit).
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether a tag can be moved to another image.
   *
   * @default TagMutability.MUTABLE
   */
  readonly imageTagMutability?: ecr.TagMutability;

  /**
   * Tags for which the opposite of `imageTagMutability` applies: one to five filters with at most two `*` each (ECR's
   * limits).
   *
   * @default - no exceptions
   */
  readonly imageTagMutabilityExclusionFilters?: ecr.ImageTagMutabilityExclusionFilter[];

  /**
   * How ECR encrypts the images. Every mode except AES-256 needs `role`.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * Rules by which ECR deletes or archives images, at most 50 (ECR's limit).
   *
   * @default - none
   */
  readonly lifecycleRules?: ImageLifecycleRule[];

  /**
   * Who else may use the repositories, written to the policy of each repository.
   *
   * @default - only identities of the repositories' account whose own policies allow it
   */
  readonly access?: RepositoryAccess;

  /**
   * Tags of the repositories, not of the template: at most 50 (ECR's limit). Tags need `role`.
   *
   * @default - none
   */
  readonly resourceTags?: Record<string, string>;

  /**
   * The role that ECR assumes to create the repositories. Its trust policy must allow `ecr.amazonaws.com`, and its path
   * must be `/` (ECR's limit).
   *
   * @default - a new role with rights on the repositories under the prefix, if `encryption` or `resourceTags` need a
   * role
   */
  readonly role?: iam.IRole;
}
