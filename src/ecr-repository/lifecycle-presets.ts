import { Duration } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { ImageLifecycleRule, LifecycleAction } from './lifecycle-rule';
import { zenmlTag } from './zenml-tags';

/** ECR has no action that keeps. A rule with this count never finds an image too many, and shields what it selects from the rules below it. */
const NEVER_REACHED = 999_999;

/** Options of `LifecyclePresets.archiveUnpulled`. */
export interface ArchiveUnpulledOptions {
  /**
   * Archive what has not been pulled (or pushed, if never pulled) for so long, in whole days.
   *
   * @default Duration.days(90)
   */
  readonly after?: Duration;

  /**
   * Delete what has been in the archive for so long, in whole days, 90 or more.
   *
   * @default - archived images are kept
   */
  readonly deleteAfter?: Duration;
}

/**
 * Lifecycle rules for ML images, to be combined: `lifecycleRules: [...LifecyclePresets.keepReleases(), ...LifecyclePresets.archiveUnpulled()]`.
 * What stands first wins: ECR lets no rule touch an image that an earlier one selects by its tags.
 *
 * How ZenML stores a build decides what a rule may take away. A build made by the local Docker builder is stored by digest and loses its tag
 * at the next push of the pipeline; Podman, AWS CodeBuild and other builders push a second, unique tag and store that. ZenML reuses builds
 * without asking whether the image is still there.
 */
export class LifecyclePresets {
  /**
   * Keeps images with these tags, whatever the rules behind say.
   *
   * Suits every builder. No effect on the reuse of builds.
   *
   * @param tagPatterns with at most four `*` each; default: `v*` and `release*`
   */
  public static keepReleases(...tagPatterns: string[]): ImageLifecycleRule[] {
    // One rule for each: the patterns of one rule must all match.
    return (tagPatterns.length > 0 ? tagPatterns : ['v*', 'release*']).map((pattern) => ({
      description: `Keep ${pattern}`,
      tagPatternList: [pattern],
      maxImageCount: NEVER_REACHED,
    }));
  }

  /**
   * Deletes what builds leave behind: images without a tag, and the `*-intermediate-build` images that remote builders push on the way.
   *
   * Suits Podman, CodeBuild and other builders that give each build its own tag: nothing in use is untagged there. **Not for the local Docker
   * builder**: it deletes images that ZenML would reuse, and those runs fail at the pull; set `prevent_build_reuse` in the pipelines if you
   * use it all the same. Old builds with a tag of their own stay: see `archiveUnpulled`.
   *
   * @param maxAge since the push, in whole days; default: 30 days
   */
  public static expireBuildLeftovers(maxAge: Duration = Duration.days(30)): ImageLifecycleRule[] {
    return [
      { description: 'Delete intermediate builds', tagPatternList: ['*-intermediate-build'], maxImageAge: maxAge },
      { description: 'Delete images without a tag', tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: maxAge },
    ];
  }

  /**
   * Archives what nobody has pulled for a while, and deletes it from the archive later if told so.
   *
   * Suits every builder, since it goes by use. A pipeline that rests for longer than `after` finds its image archived: a run that reuses the
   * build fails at the pull until the image is restored (`aws ecr update-image-storage-class`) or built again (`prevent_build_reuse`).
   * ECR charges at least 90 days of archive storage, and restoring.
   */
  public static archiveUnpulled(options: ArchiveUnpulledOptions = {}): ImageLifecycleRule[] {
    return [
      {
        description: 'Archive what nobody pulls',
        tagStatus: ecr.TagStatus.ANY,
        maxAgeSincePull: options.after ?? Duration.days(90),
        action: LifecycleAction.ARCHIVE,
      },
      ...(options.deleteAfter ? [{
        description: 'Delete from the archive',
        tagStatus: ecr.TagStatus.ANY,
        maxAgeInArchive: options.deleteAfter,
        action: LifecycleAction.EXPIRE,
      }] : []),
    ];
  }

  /**
   * Keeps the newest images of each pipeline and deletes the others.
   *
   * Suits pipelines with `prevent_build_reuse`, on every builder. Without it a run can pick a build whose image is gone. With the local
   * Docker builder only the newest image of a pipeline has its tag, so nothing is ever too many.
   *
   * @param count images to keep for each pipeline, 1 or more
   * @param pipelineNames names of the pipelines
   */
  public static keepNewest(count: number, ...pipelineNames: string[]): ImageLifecycleRule[] {
    return pipelineNames.map((name) => ({
      description: `Keep the newest ${count} of ${name}`,
      tagPatternList: [`${zenmlTag(name)}-*`],
      maxImageCount: count,
    }));
  }

  private constructor() {}
}
