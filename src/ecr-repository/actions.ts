// Sets of ECR actions on one repository. No set contains `ecr:GetAuthorizationToken`, which has no resource level and
// is granted to identities only.

/** Actions of `docker pull`. */
export const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

/**
 * Minimum actions of `docker push`. Builders that read a cache, a base image or the image's own manifest need the pull
 * actions as well.
 */
export const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];

/** Actions of `docker pull` and `docker push`. */
export const PULL_PUSH_ACTIONS = [...new Set([...PULL_ACTIONS, ...PUSH_ACTIONS])];

/** Actions that read metadata of repository and images, including scan findings and policies, but no image content. */
export const DESCRIBE_ACTIONS = [
  'ecr:DescribeRepositories',
  'ecr:DescribeImages',
  'ecr:ListImages',
  'ecr:DescribeImageScanFindings',
  'ecr:ListTagsForResource',
  'ecr:GetRepositoryPolicy',
  'ecr:GetLifecyclePolicy',
  'ecr:GetLifecyclePolicyPreview',
  'ecr:DescribeImageReplicationStatus',
  'ecr:DescribeImageSigningStatus',
];

/** Actions that delete images, and list the images to delete. */
export const DELETE_ACTIONS = ['ecr:BatchDeleteImage', 'ecr:DescribeImages', 'ecr:ListImages'];

/** Actions that the Lambda service calls for a function with an image from the repository. */
export const LAMBDA_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * Lists repositories. ZenML lists repositories without names when it verifies a connector and before each push. AWS
 * then checks the right on `repository/*` and not on the ARNs of the single repositories.
 */
export const LIST_ACTION = 'ecr:DescribeRepositories';

/** `docker login`. AWS has no resource level for this action: it is the only action that needs `*`. */
export const LOGIN_ACTION = 'ecr:GetAuthorizationToken';

/** Actions that ECR needs in the upstream registry of a pull-through cache (ECR user guide). */
export const READ_UPSTREAM_ACTIONS = [
  'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:GetImageCopyStatus',
];

/** Needed by the first push to a new name, where ECR creates the repository by a repository creation template. */
export const CREATE_ACTION = 'ecr:CreateRepository';
