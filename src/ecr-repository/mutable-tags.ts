import * as ecr from 'aws-cdk-lib/aws-ecr';
import { zenmlTag } from './zenml-tags';

/**
 * Exclusion filters for the tags that must stay movable in a repository with immutable tags.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class MutableTags {
  /**
   * The tags that ZenML gives to the images of these pipelines (`<pipeline>-...`).
   *
   * @param pipelineNames names of the pipelines, at most five as AWS takes no more filters
   */
  public static ofPipelines(...pipelineNames: string[]): ecr.ImageTagMutabilityExclusionFilter[] {
    return pipelineNames.map((name) => ecr.ImageTagMutabilityExclusionFilter.wildcard(`${zenmlTag(name)}-*`));
  }

  /** `latest`, which most tools push when nothing is said. */
  public static latest(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('latest');
  }

  /** `dev-*`: work in progress. */
  public static development(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('dev-*');
  }

  /** `*cache*`: registry caches of BuildKit and Kaniko, which are written again with each build. */
  public static buildCache(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('*cache*');
  }

  private constructor() {}
}
