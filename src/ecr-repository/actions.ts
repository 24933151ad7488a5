/** Sets of ECR actions that work on one repository. `ecr:GetAuthorizationToken` is in none: it has no resource and goes to identities only. */

/** What `docker pull` calls. */
export const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

/** What `docker push` needs at least; builders that read a cache, a base image or the image's own manifest need the pull actions too. */
export const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage',
];

export const PULL_PUSH_ACTIONS = [...new Set([...PULL_ACTIONS, ...PUSH_ACTIONS])];

/** Reading about repository and images, scan findings and policies included; no image content. */
export const DESCRIBE_ACTIONS = [
  'ecr:DescribeRepositories', 'ecr:DescribeImages', 'ecr:ListImages', 'ecr:DescribeImageScanFindings', 'ecr:ListTagsForResource',
  'ecr:GetRepositoryPolicy', 'ecr:GetLifecyclePolicy', 'ecr:GetLifecyclePolicyPreview', 'ecr:DescribeImageReplicationStatus',
  'ecr:DescribeImageSigningStatus',
];

/** Deleting images, with what one must list to do so. */
export const DELETE_ACTIONS = ['ecr:BatchDeleteImage', 'ecr:DescribeImages', 'ecr:ListImages'];

/** What the Lambda service calls for a function whose image is here. */
export const LAMBDA_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * ZenML lists the repositories, always without names, to verify a connector and before each push: AWS judges that on `repository/*`, not
 * on the repositories' own ARNs.
 */
export const LIST_ACTION = 'ecr:DescribeRepositories';

/** `docker login`. AWS has no resource level for it: the one action that needs `*`. */
export const LOGIN_ACTION = 'ecr:GetAuthorizationToken';

/** What the first push to a name needs where a repository creation template makes the repository. */
export const CREATE_ACTION = 'ecr:CreateRepository';
