import * as ecr from 'aws-cdk-lib/aws-ecr';
import { ImageEncryption } from './image-encryption';
import { LifecyclePresets } from './lifecycle-presets';
import { MutableTags } from './mutable-tags';
import { RepositoryDefaults } from './repository-options';

/** Predefined settings of repositories. */
export class RepositoryPresets {
  /**
   * Settings that security checkers require (checkov, Security Hub ECR.1 to ECR.5, Control Tower): immutable tags, a
   * customer managed key with yearly rotation, scan on push, and a lifecycle policy that archives images that have not
   * been pulled for 90 days and deletes nothing.
   *
   * **ZenML cannot push to such a repository**, because it pushes its tags again. See `hardenedForPipelines`.
   */
  public static hardened(): RepositoryDefaults {
    return {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      encryption: ImageEncryption.generatedKey(),
      imageScanOnPush: true,
      lifecycleRules: LifecyclePresets.archiveUnpulled(),
    };
  }

  /**
   * The settings of `hardened`, but the tags of the pipelines are mutable, so that ZenML can push. checkov (CKV_AWS_51)
   * only accepts repositories in which all tags are immutable.
   *
   * @param pipelineNames names of one to five pipelines (ECR's limit for filters)
   */
  public static hardenedForPipelines(...pipelineNames: string[]): RepositoryDefaults {
    return {
      ...RepositoryPresets.hardened(),
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: MutableTags.ofPipelines(...pipelineNames),
    };
  }

  private constructor() {}
}
