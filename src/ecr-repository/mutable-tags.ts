import * as ecr from 'aws-cdk-lib/aws-ecr';
import { zenmlTag } from './zenml-tags';

/**
 * Exclusion filters for tags that must stay mutable in a repository with immutable tags.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 */
export class MutableTags {
  /**
   * The tags that ZenML gives to the images of the pipelines (`<pipeline>-...`).
   *
   * @param pipelineNames names of the pipelines, at most five (ECR's limit for filters)
   */
  public static ofPipelines(...pipelineNames: string[]): ecr.ImageTagMutabilityExclusionFilter[] {
    return pipelineNames.map((name) => ecr.ImageTagMutabilityExclusionFilter.wildcard(`${zenmlTag(name)}-*`));
  }

  /** `latest`, the default tag of most tools. */
  public static latest(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('latest');
  }

  /** `dev-*`, for development builds. */
  public static development(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('dev-*');
  }

  /** `*cache*`, for the registry caches of BuildKit and Kaniko, which every build writes again. */
  public static buildCache(): ecr.ImageTagMutabilityExclusionFilter {
    return ecr.ImageTagMutabilityExclusionFilter.wildcard('*cache*');
  }

  private constructor() {}
}
