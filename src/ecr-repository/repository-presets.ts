import * as ecr from 'aws-cdk-lib/aws-ecr';
import { ImageEncryption } from './image-encryption';
import { LifecyclePresets } from './lifecycle-presets';
import { MutableTags } from './mutable-tags';
import { RepositoryDefaults } from './repository-options';

/** Settings of repositories for one purpose each. */
export class RepositoryPresets {
  /**
   * What checkers of repositories ask for (checkov, Security Hub ECR.1 to ECR.5, Control Tower): immutable tags, a key of your own with yearly
   * rotation, scan on push, a lifecycle policy (it archives what nobody has pulled for 90 days and deletes nothing).
   *
   * **ZenML cannot push here**: it pushes its tags again. See `hardenedForPipelines`.
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
   * The same for ZenML: tags of these pipelines may move, all others may not. checkov (CKV_AWS_51) accepts fully immutable tags only.
   *
   * @param pipelineNames one to five names
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
