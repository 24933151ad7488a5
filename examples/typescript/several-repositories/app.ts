/**
 * One registry with a repository per kind of pipeline. ZenML pushes to the default repository unless a pipeline names
 * another one: `DockerSettings(target_repository="ml/training")`. The role that runs the pipelines can pull, the role
 * that builds images can push.
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
  // ZenML gets its permissions for all repositories under the prefix, so a repository that somebody creates there later
  // needs no deploy.
  repositoryPrefix: 'ml/',
  repositoryDefaults: {
    // Only for pipelines that set `prevent_build_reuse`. Without it, a rule could delete an image that a pipeline still
    // uses.
    lifecycleRules: [
      ...ecr_repository.LifecyclePresets.keepReleases('v*'),
      ...ecr_repository.LifecyclePresets.keepNewest(20, 'training', 'serving'),
    ],
  },
  // The connector can also pull the parent images of the builds.
  pullFrom: [Repository.fromRepositoryName(stack, 'ParentImages', 'platform/python')],
});

registry.grantPull(Role.fromRoleName(stack, 'PipelineRole', 'sagemaker-execution'));
registry.grantPullPush(
  new Role(stack, 'ImageBuilderRole', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') }),
);

// The grants above include this repository, although it is added later.
registry.addRepository('Serving', { repositoryName: 'ml/serving', imageScanOnPush: false });
