import { Duration } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
import { zenmlTag } from './zenml-tags';

/**
 * ECR has no action that keeps images. A rule with this count never takes an action, and later rules do not apply to
 * the images it selects.
 */
const NEVER_REACHED = 999_999;

/** Options of `LifecyclePresets.archiveUnpulled`. */
export interface ArchiveUnpulledOptions {
  /**
   * Archive images whose last pull is this long ago, in whole days. For an image that was never pulled, its push
   * counts.
   *
   * @default Duration.days(90)
   */
  readonly after?: Duration;

  /**
   * Delete images that have been in the archive for this long, in whole days, at least 90 (ECR's limit).
   *
   * @default - archived images are not deleted
   */
  readonly deleteAfter?: Duration;
}

/**
 * Lifecycle rules for ML images. Presets can be combined: `lifecycleRules: [...LifecyclePresets.keepReleases(),
 * ...LifecyclePresets.archiveUnpulled()]`. Once a rule selects an image by tag, later rules do not apply to that image.
 *
 * How ZenML stores a build determines which images a rule may delete. ZenML stores a build of the local Docker builder
 * by digest, and the image loses its tag at the next push of the pipeline. Podman, AWS CodeBuild and other builders
 * push a second, unique tag, and ZenML stores that tag. ZenML reuses a build without checking that its image still
 * exists.
 */
export class LifecyclePresets {
  /**
   * Keeps images with matching tags: later rules do not apply to them.
   *
   * Suits every builder. Does not affect the reuse of builds.
   *
   * @param tagPatterns patterns with at most four `*` each (ECR's limit); default: `v*` and `release*`
   */
  public static keepReleases(...tagPatterns: string[]): ImageLifecycleRule[] {
    // One rule per pattern, because all patterns of one rule must match.
    return (tagPatterns.length > 0 ? tagPatterns : ['v*', 'release*']).map((pattern) => ({
      description: `Keep ${pattern}`,
      tagPatternList: [pattern],
      maxImageCount: NEVER_REACHED,
    }));
  }

  /**
   * Deletes leftovers of builds: images without a tag, and the `*-intermediate-build` images that remote builders push
   * during a build.
   *
   * Suits Podman, CodeBuild and other builders that give each build its own tag: images in use always have a tag there.
   * **Not for the local Docker builder**: the rules delete images that ZenML reuses, and runs with such an image fail
   * at the pull, unless the pipelines set `prevent_build_reuse`. The rules do not delete old builds that have a tag;
   * see `archiveUnpulled`.
   *
   * @param maxAge age since the push, in whole days; default: 30 days
   */
  public static expireBuildLeftovers(maxAge: Duration = Duration.days(30)): ImageLifecycleRule[] {
    return [
      { description: 'Delete intermediate builds', tagPatternList: ['*-intermediate-build'], maxImageAge: maxAge },
      { description: 'Delete images without a tag', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: maxAge },
    ];
  }

  /**
   * Archives images that have not been pulled for some time, and optionally deletes them from the archive later.
   *
   * Suits every builder, because the rule depends on use. The image of a pipeline that does not run for longer than
   * `after` is archived: a run that reuses the build fails at the pull until the image is restored (`aws ecr
   * update-image-storage-class`) or built again (`prevent_build_reuse`). ECR charges for at least 90 days of archive
   * storage, and for restoring an image.
   */
  public static archiveUnpulled(options: ArchiveUnpulledOptions = {}): ImageLifecycleRule[] {
    return [
      {
        description: 'Archive images that nobody pulls',
        tagStatus: ecr.TagStatus.ANY,
        maxAgeSincePull: options.after ?? Duration.days(90),
        action: LifecycleAction.ARCHIVE,
      },
      ...(options.deleteAfter ? [{
        description: 'Delete archived images',
        tagStatus: ecr.TagStatus.ANY,
        maxAgeInArchive: options.deleteAfter,
        action: LifecycleAction.EXPIRE,
      }] : []),
    ];
  }

  /**
   * Keeps the newest images of each pipeline and deletes the older ones.
   *
   * Suits pipelines with `prevent_build_reuse`, with every builder. Without that setting a run can reuse a build whose
   * image was deleted. With the local Docker builder only the newest image of a pipeline has the pipeline's tag, so the
   * rules never delete an image.
   *
   * @param count images to keep per pipeline, at least 1
   * @param pipelineNames names of the pipelines
   */
  public static keepNewest(count: number, ...pipelineNames: string[]): ImageLifecycleRule[] {
    return pipelineNames.map((name) => ({
      description: `Keep the newest ${count} images of ${name}`,
      tagPatternList: [`${zenmlTag(name)}-*`],
      maxImageCount: count,
    }));
  }

  private constructor() {}
}
