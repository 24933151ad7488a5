// Runs in a folder of its own, with the packed library beside the newest aws-cdk-lib and cdk-nag: as a platform engineer would use it.
const { App, RemovalPolicy, Stack, Validations } = require('aws-cdk-lib');
const { Vpc } = require('aws-cdk-lib/aws-ec2');
const { Repository } = require('aws-cdk-lib/aws-ecr');
const { ArnPrincipal } = require('aws-cdk-lib/aws-iam');
const { Key } = require('aws-cdk-lib/aws-kms');
const { Secret } = require('aws-cdk-lib/aws-secretsmanager');
const { AwsSolutionsChecks, ServerlessChecks } = require('cdk-nag');
const {
  ArtifactStore, AwsZenMLStack, ComponentType, EcrContainerRegistry, Orchestrator, RegistryAuthentication, SageMakerRuntime, StackComponent,
  ZenMLServer, ZenMLStack, ecr_registry, ecr_repository,
} = require('cdk-zenml');
const { LifecyclePresets, PrivateRepository, RepositoryPresets } = ecr_repository;

// What aws-cdk's own validation finds is an error here, not a warning.
const app = new App({ outdir: process.argv[2], context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
const env = { account: '111122223333', region: 'eu-west-1' };
const url = 'https://zenml.example.com';
const key = (stack) => Secret.fromSecretNameV2(stack, 'ApiKey', 'zenml/api-key');

function define(id, make, props = { env }) {
  make(new Stack(app, id, props));
}

const selfHosted = (stack, props = {}) => ZenMLServer.selfHosted({ url, apiKey: key(stack), ...props });

define('Default', (stack) => new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack), repositoryNames: ['zenml'] }));
define('Health', (stack) => {
  new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack), repositoryNames: ['health'] }).scheduleHealthCheck().createAlarm('Unhealthy');
});
define('AnyEnvironment', (stack) => new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack) }), {});
define('Implicit', (stack) => {
  const server = selfHosted(stack, { awsIdentity: new ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server') });
  const registry = new EcrContainerRegistry(stack, 'Registry', { server, repositoryNames: ['team/zenml'], repositoryPrefix: 'team/' });
  new ZenMLStack(stack, 'Production', {
    server,
    components: [
      registry,
      StackComponent.fromStackComponentName(stack, 'Orchestrator', server, ComponentType.ORCHESTRATOR, 'default'),
      StackComponent.fromStackComponentName(stack, 'ArtifactStore', server, ComponentType.ARTIFACT_STORE, 'default'),
    ],
  });
});
define('Pro', (stack) => {
  const server = ZenMLServer.pro({ workspaceUrl: url, workspaceId: '0d8f3a52-1c1f-4f0e-9a51-6b8f0c1d2e3f', apiKey: key(stack) });
  new EcrContainerRegistry(stack, 'Registry', { server, zenmlStack: ZenMLStack.fromZenmlStackName(stack, 'Production', server, 'production') });
});
define('WholeStack', (stack) => new AwsZenMLStack(stack, 'ML', { server: selfHosted(stack), orchestrator: Orchestrator.sageMaker({ schedules: true }) }));
define('WholeStackInVpc', (stack) => {
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0123456789abcdef0'] });
  const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/0d8f3a52-1c1f-4f0e-9a51-6b8f0c1d2e3f');
  new AwsZenMLStack(stack, 'ML', {
    server: selfHosted(stack),
    artifactStore: ArtifactStore.s3({ prefix: 'team/ml', versioned: true, encryptionKey: key }),
    runtime: new SageMakerRuntime(stack, 'Runtime', {
      vpc, volumeKey: key, outputKey: key, allowedInstanceTypes: ['ml.m5.large'], repositories: [Repository.fromRepositoryName(stack, 'Images', 'images')],
    }),
  });
});
define('LocalDocker', (stack) => new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack), authentication: RegistryAuthentication.localDocker() }));
define('InVpc', (stack) => {
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-0123456789abcdef0'] });
  new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack, { registrationFunction: { vpc } }), removalPolicy: RemovalPolicy.RETAIN });
});
define('EcrAlone', (stack) => {
  new ecr_registry.RegistryAccountSettings(stack, 'Settings', { blobMounting: true, policyScope: ecr_registry.RegistryPolicyScope.V2 });
  new ecr_registry.PullThroughCacheRule(stack, 'Cache', { upstream: ecr_registry.UpstreamRegistry.ecrPublic(), repositoryPrefix: 'public' });
});

define('OnPush', (stack) => {
  const repositoryTemplate = new ecr_registry.RepositoryCreationTemplate(stack, 'Template', { prefix: 'team', resourceTags: { team: 'ml' } });
  new EcrContainerRegistry(stack, 'Registry', { server: selfHosted(stack), repositoryNames: ['team/pushed'], repositoryTemplate });
});

// What `checkov.ts` and `lifecycle.py` say of repositories alone.
define('RepositoryDefault', (stack) => new PrivateRepository(stack, 'Default', { repositoryName: 'default' }));
define('RepositoryHardened', (stack) => PrivateRepository.hardened(stack, 'Hardened', { repositoryName: 'hardened' }));
define('RepositoryForPipelines', (stack) => new PrivateRepository(stack, 'Mine', { repositoryName: 'mine', ...RepositoryPresets.hardenedForPipelines('training') }));
define('RepositoryLifecycles', (stack) => {
  const { expireBuildLeftovers, keepNewest, keepReleases } = LifecyclePresets;
  const presets = { leftovers: expireBuildLeftovers(), newest: keepNewest(10, 'training'), releases: [...keepReleases('v*'), ...expireBuildLeftovers()] };
  for (const [repositoryName, lifecycleRules] of Object.entries(presets)) { new PrivateRepository(stack, repositoryName, { repositoryName, lifecycleRules }); }
});

Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
