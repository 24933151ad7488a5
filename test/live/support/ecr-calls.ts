import { createHash, randomUUID } from 'node:crypto';
import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeImagesCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  InitiateLayerUploadCommand,
  ListImagesCommand,
  ListTagsForResourceCommand,
  PutImageCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
  TagResourceCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';

export type EcrCall = (ecr: ECRClient, repositoryName: string) => Promise<unknown>;

const DIGEST = `sha256:${createHash('sha256').update('layer').digest('hex')}`;
const TAG = 'permissions';
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: DIGEST, size: 2 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: DIGEST, size: 2 }],
});
const DENY_ALL = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Principal: '*', Action: 'ecr:PutImage' }],
});
const EXPIRE = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'untagged', countType: 'imageCountMoreThan', countNumber: 1 },
      action: { type: 'expire' },
    },
  ],
});
const arn = (name: string) => `arn:aws:ecr:us-east-1:111122223333:repository/${name}`;

/** What Docker and ZenML call, one working call for each action, in the order of a push and a pull. */
export const NEEDED_CALLS: Record<string, EcrCall> = {
  'ecr:GetAuthorizationToken': async (ecr) => ecr.send(new GetAuthorizationTokenCommand({})),
  'ecr:DescribeRepositories': async (ecr) => ecr.send(new DescribeRepositoriesCommand({})),
  'ecr:BatchCheckLayerAvailability': async (ecr, repositoryName) =>
    ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests: [DIGEST] })),
  'ecr:InitiateLayerUpload': async (ecr, repositoryName) =>
    ecr.send(new InitiateLayerUploadCommand({ repositoryName })),
  'ecr:UploadLayerPart': async (ecr, repositoryName) =>
    ecr.send(
      new UploadLayerPartCommand({
        repositoryName,
        uploadId: randomUUID(),
        partFirstByte: 0,
        partLastByte: 1,
        layerPartBlob: Buffer.from('{}'),
      }),
    ),
  'ecr:CompleteLayerUpload': async (ecr, repositoryName) =>
    ecr.send(
      new CompleteLayerUploadCommand({
        repositoryName,
        uploadId: randomUUID(),
        layerDigests: [DIGEST],
      }),
    ),
  'ecr:PutImage': async (ecr, repositoryName) =>
    ecr.send(new PutImageCommand({ repositoryName, imageTag: TAG, imageManifest: MANIFEST })),
  'ecr:BatchGetImage': async (ecr, repositoryName) =>
    ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: TAG }] })),
  'ecr:GetDownloadUrlForLayer': async (ecr, repositoryName) =>
    ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: DIGEST })),
};

/** What nobody who pushes or pulls has to do. */
export const OTHER_CALLS: Record<string, EcrCall> = {
  'ecr:CreateRepository': async (ecr, name) =>
    ecr.send(new CreateRepositoryCommand({ repositoryName: `${name}-more` })),
  'ecr:DeleteRepository': async (ecr, repositoryName) =>
    ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
  'ecr:BatchDeleteImage': async (ecr, repositoryName) =>
    ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: TAG }] })),
  'ecr:SetRepositoryPolicy': async (ecr, repositoryName) =>
    ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText: DENY_ALL })),
  'ecr:GetRepositoryPolicy': async (ecr, repositoryName) =>
    ecr.send(new GetRepositoryPolicyCommand({ repositoryName })),
  'ecr:DeleteRepositoryPolicy': async (ecr, repositoryName) =>
    ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName })),
  'ecr:PutLifecyclePolicy': async (ecr, repositoryName) =>
    ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: EXPIRE })),
  'ecr:GetLifecyclePolicy': async (ecr, repositoryName) => ecr.send(new GetLifecyclePolicyCommand({ repositoryName })),
  'ecr:DeleteLifecyclePolicy': async (ecr, repositoryName) =>
    ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName })),
  'ecr:PutImageTagMutability': async (ecr, repositoryName) =>
    ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' })),
  'ecr:PutImageScanningConfiguration': async (ecr, repositoryName) =>
    ecr.send(
      new PutImageScanningConfigurationCommand({
        repositoryName,
        imageScanningConfiguration: { scanOnPush: false },
      }),
    ),
  'ecr:TagResource': async (ecr, name) =>
    ecr.send(new TagResourceCommand({ resourceArn: arn(name), tags: [{ Key: 'k', Value: 'v' }] })),
  'ecr:ListTagsForResource': async (ecr, name) => ecr.send(new ListTagsForResourceCommand({ resourceArn: arn(name) })),
  'ecr:ListImages': async (ecr, repositoryName) => ecr.send(new ListImagesCommand({ repositoryName })),
  'ecr:DescribeImages': async (ecr, repositoryName) => ecr.send(new DescribeImagesCommand({ repositoryName })),
  'ecr:DescribeRegistry': async (ecr) => ecr.send(new DescribeRegistryCommand({})),
};

/** `DescribeRepositories` for one repository, which AWS judges on that one. */
export const describeByName: EcrCall = async (ecr, name) =>
  ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }));
