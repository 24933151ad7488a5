/**
 * One registry with a repository per kind of pipeline. ZenML pushes to the default one unless a pipeline says otherwise:
 * `DockerSettings(target_repository="ml/training")`. What runs the pipelines may pull, what builds images may push.
 *
 *   npx cdk deploy
 */
import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ecr_repository, EcrContainerRegistry, ZenMLServer } from 'cdk-zenml';

const app = new App();
const stack = new Stack(app, 'ZenMLRepositories');

const server = ZenMLServer.selfHosted({
  url: 'https://zenml.example.com',
  apiKey: Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key'),
});

const registry = new EcrContainerRegistry(stack, 'Registry', {
  server,
  repositoryNames: ['ml/default', 'ml/training'],
  // ZenML's rights follow the prefix: a repository that somebody adds under it later needs no deploy of this stack.
  repositoryPrefix: 'ml/',
  repositoryDefaults: {
    // For pipelines that set `prevent_build_reuse`: of others a build in use could be deleted.
    lifecycleRules: [
      ...ecr_repository.LifecyclePresets.keepReleases('v*'),
      ...ecr_repository.LifecyclePresets.keepNewest(20, 'training', 'serving'),
    ],
  },
  // Parent images of the builds.
  pullFrom: [Repository.fromRepositoryName(stack, 'ParentImages', 'platform/python')],
});

registry.grantPull(Role.fromRoleName(stack, 'PipelineRole', 'sagemaker-execution'));
registry.grantPullPush(new Role(stack, 'ImageBuilderRole', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') }));

// Also this one, although it comes after the grants.
registry.addRepository('Serving', { repositoryName: 'ml/serving', imageScanOnPush: false });
