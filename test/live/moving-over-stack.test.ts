import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { LiveScene } from './support/live-scene';
import { person } from './support/person';
import { S3Caller } from './support/s3-calls';
import { StackOfOthers } from './support/stack-of-others';
import { DockerCredentials, OciRepository } from '../../local/clients/oci-repository';
import { ZenmlClient } from '../../local/clients/zenml-client';
import { ZenmlObject } from '../../local/services/zenml-api';
import {
  ArtifactStore, AwsZenMLStack, AwsZenMLStackProps, ComponentType, ConnectorResource, ContainerRegistry, ImageBuilder,
  Orchestrator, ServiceConnector, StackComponent, StepOperator, ZenMLServer,
} from '../../src';

/*
 * The steps of docs/moving-over.md, from a whole stack that ZenML's Terraform module has made, with an artifact in its
 * bucket, an image in its repository, and a ZenML stack of somebody else that uses its artifact store and registry.
 * Then the steps for the module's other orchestrator, and for what ZenML's CloudFormation template makes.
 */
const TEAM = 'live-module-team';
const LAPTOP = 'live-module-laptop';
const VMS = 'live-module-vms';
const TEMPLATE = 'live-template';

interface PipelineRun {
  readonly run: string;
  readonly uri: string;
  readonly value: string;
  readonly earlier: string | null;
}

/** How a deploy differs from the page. */
interface Changes {
  readonly props?: Partial<AwsZenMLStackProps>;
  readonly bucketName?: string;
  readonly more?: (ml: AwsZenMLStack) => void;
}

let scene: LiveScene;
let other: LiveScene;
let team: StackOfOthers;
let author: ZenmlClient;
let earlier: PipelineRun;
let image: string;
let found: string[];

/** The program of the page. Module and template give the components these names. */
function define(scope: Stack, server: ZenMLServer, made: StackOfOthers, { props, bucketName, more }: Changes): void {
  const name = (suffix: string) => (made.name === TEMPLATE ? TEMPLATE : `${made.name}-${suffix}`);
  const ml = new AwsZenMLStack(scope, 'ML', {
    server,
    zenmlStackName: made.name,
    adoptExisting: true,
    artifactStore: ArtifactStore.s3({
      stackComponentName: name('s3'),
      bucket: s3.Bucket.fromBucketName(scope, 'Artifacts', bucketName ?? made.aws.bucket),
    }),
    containerRegistry: ContainerRegistry.ecr({
      stackComponentName: name('ecr'),
      repositories: [ecr.Repository.fromRepositoryName(scope, 'Images', made.aws.name)],
    }),
    orchestrator: Orchestrator.sageMaker({ stackComponentName: name('sagemaker') }),
    stepOperators: [StepOperator.sageMaker({ stackComponentName: name('sagemaker') })],
    imageBuilder: ImageBuilder.codeBuild({ stackComponentName: name('codebuild') }),
    ...props,
  });
  more?.(ml);
}

const deploy = async (changes: Changes = {}) => scene.deploy((scope) => {
  define(scope, scene.server(scope), team, changes);
});

/** Leaves the deployer with its connector. */
const keepDeployer = (ml: AwsZenMLStack) => {
  ml.addComponent(StackComponent.fromStackComponentName(
    ml, 'Deployer', ml.server, ComponentType.DEPLOYER, `${TEAM}-app-runner`));
};

/** Adopts the deployer, with a connector of this app. */
const adoptDeployer = (ml: AwsZenMLStack) => {
  ml.addComponent(new StackComponent(ml, 'Deployer', {
    server: ml.server,
    adoptExisting: true,
    stackComponentName: `${TEAM}-app-runner`,
    componentType: ComponentType.DEPLOYER,
    flavor: 'aws',
    configuration: { service_name_prefix: team.aws.name, secret_name_prefix: team.aws.name },
    connector: new ServiceConnector(ml, 'DeployerConnector', {
      server: ml.server, resource: ConnectorResource.awsGeneric(),
    }),
  }));
};

const failAfterAll = (ml: AwsZenMLStack) => {
  const broken = new StackComponent(ml, 'Broken', {
    server: ml.server, componentType: ComponentType.ALERTER, flavor: 'no-such-flavor',
  });
  broken.node.addDependency(ml.zenmlStack);
};

const connectorOf = ({ metadata }: ZenmlObject) => (metadata as { connector: ZenmlObject | null }).connector?.id;
const connectorsOf = async (made: StackOfOthers) =>
  Object.fromEntries((await made.all('components')).map((component) => [
    (component.body as { type: string }).type, connectorOf(component),
  ])) as Record<string, string | undefined>;
const componentsIn = async (made: StackOfOthers) => {
  const { components } = (await made.all('stacks'))[0]!.metadata as { components: Record<string, ZenmlObject[]> };
  return Object.values(components).flat().map(({ id }) => id).sort();
};
const run = async (...args: string[]) => author.script<PipelineRun>('two_steps.py', ...args);

/** What ZenML hands out for the component of a type. */
async function handedOut<T>(componentType: string, resource: string): Promise<T> {
  const id = (await connectorsOf(team))[componentType];
  return (await scene.cloud.zenml.admin.call<{ metadata: { configuration: T } }>(
    'GET', `/service_connectors/${id}/client?${resource}`)).metadata.configuration;
}

/** The repository with the Docker credentials that ZenML hands out for the container registry. */
async function repository(): Promise<OciRepository> {
  const credentials = await handedOut<DockerCredentials>('container_registry', 'resource_type=docker-registry');
  return new OciRepository(scene.cloud.aws, credentials, team.aws.name);
}

/** The value of the artifact of the first run, as S3 gives it to the credentials that ZenML hands out. */
async function earlierArtifact(): Promise<string> {
  const keys = await handedOut<Record<string, string>>(
    'artifact_store', `resource_type=s3-bucket&resource_id=s3://${team.aws.bucket}`);
  const caller = new S3Caller(scene.cloud.aws, {
    accessKeyId: keys.aws_access_key_id!,
    secretAccessKey: keys.aws_secret_access_key!,
    sessionToken: keys.aws_session_token,
  });
  return caller.call('GET', `${earlier.uri.replace('s3://', '')}/data.json`);
}

/** What ZenML says against the connectors of the components: nothing when each of them works. */
async function complaints(made: StackOfOthers): Promise<string[]> {
  const ids = new Set(Object.values(await connectorsOf(made)).filter((id) => id !== undefined));
  const answers = await Promise.all([...ids].map(async (id) =>
    scene.cloud.zenml.admin.call<{ error: string | null; resources: { error: string | null }[] }>(
      'PUT', `/service_connectors/${id}/verify`)));
  return answers.flatMap(({ error, resources }) => [error, ...resources.map((one) => one.error)])
    .filter((error): error is string => error !== null);
}

/** A stack of somebody else: pipelines run on a laptop, and artifacts and images are in AWS. */
async function registerLaptop(): Promise<string> {
  const { admin } = scene.cloud.zenml;
  const orchestrator = (await admin.list('components', '&name=equals:default&type=equals:orchestrator'))[0]!;
  const components = {
    orchestrator: [orchestrator.id],
    artifact_store: [(await team.component('artifact_store')).id],
    container_registry: [(await team.component('container_registry')).id],
  };
  return (await admin.call<{ id: string }>('POST', '/stacks', { name: LAPTOP, components })).id;
}

beforeAll(async () => {
  [scene, other] = [await LiveScene.open('LiveModule'), await LiveScene.open('LiveOther')];
  team = await StackOfOthers.byTerraform(scene.cloud, TEAM);
  const laptop = await registerLaptop();
  author = await person(scene.cloud, 'module-author', { activeStackId: laptop });
  earlier = await run('made by terraform');
  image = (await (await repository()).push('earlier')).digest;
  found = await team.inZenml();
}, 180_000);

afterAll(async () => {
  await scene.close();
  await other.close();
});

test('a deploy that fails changes nothing, or gives back what it has adopted', async () => {
  const wrongBucket = await deploy({ bucketName: 'live-module-no-such-bucket', more: keepDeployer });
  expect(wrongBucket.status).toBe('ROLLBACK_COMPLETE');
  expect(wrongBucket.failures.join()).toMatch(/failed to fetch S3 bucket live-module-no-such-bucket.*Not Found/);
  expect(await team.inZenml()).toEqual(found);
  await scene.stack.destroy();

  const afterAllOthers = await deploy({ more: failAfterAll });
  expect(afterAllOthers.status).toBe('ROLLBACK_COMPLETE');
  expect(afterAllOthers.failures.join()).toMatch(/no-such-flavor/);
  expect(await team.inZenml()).toEqual(found);
  await scene.stack.destroy();
});

test('a deploy adopts components and stack: ids and labels stay, and all but the deployer get connectors of this app', async () => {
  const before = await connectorsOf(team);
  expect(await deploy({ more: keepDeployer })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  expect(await componentsIn(team)).toEqual(team.idsOf('components').sort());
  expect((await team.all('stacks'))[0]!.metadata).toMatchObject({
    labels: { 'zenml:provider': 'aws', 'zenml:deployment': 'terraform' },
  });
  const { deployer, ...after } = await connectorsOf(team);
  expect(deployer).toBe(before.deployer);
  expect(new Set([...Object.values(after), ...team.idsOf('service_connectors')]).size).toBe(3 + 3);
  expect(await complaints(team)).toEqual([]);
});

test('the artifact and the image of before are read with the new connectors, and a new image is pushed', async () => {
  expect(await earlierArtifact()).toContain('made-by-terraform');
  const images = await repository();
  expect((await images.pull('earlier')).digest).toBe(image);
  await images.push('later');
});

test('a destroy gives everything back as it was found, with the connectors of the module', async () => {
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await team.inZenml()).toEqual(found);
  expect(await complaints(team)).toEqual([]);
});

test('when the deployer is adopted, too, the connectors, the user, the roles and the project of the module are deleted, and a pipeline runs and reads the artifact of before', async () => {
  expect(await deploy({ more: adoptDeployer })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  await team.deleteWhatIsNotAdopted();
  expect(await complaints(team)).toEqual([]);
  expect(await run('made by cdk', earlier.run)).toMatchObject({
    value: 'made-by-cdk', earlier: 'made-by-terraform', uri: expect.stringMatching(`^s3://${team.aws.bucket}/join/`) as string,
  });
});

test('after that, a destroy gives everything back without connectors', async () => {
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await componentsIn(team)).toEqual(team.idsOf('components').sort());
  expect(Object.values(await connectorsOf(team)).filter((id) => id !== undefined)).toEqual([]);
});

test('with removalPolicy DESTROY a destroy deletes stack and components, and keeps bucket and repository with their content', async () => {
  expect(await deploy({ props: { removalPolicy: RemovalPolicy.DESTROY } })).toMatchObject({
    status: 'CREATE_COMPLETE', failures: [],
  });
  const { admin } = scene.cloud.zenml;
  await admin.call('DELETE', `/stacks/${(await admin.list('stacks', `&name=equals:${LAPTOP}`))[0]!.id}`);
  expect(await scene.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  const left = (await admin.inventory()).filter((line) => line.includes(TEAM));
  expect(left).toEqual([expect.stringContaining(`components ${TEAM}-app-runner`)]);

  const { aws } = scene.cloud;
  const objects = await new S3Caller(aws, { accessKeyId: 'test', secretAccessKey: 'test' })
    .call('GET', team.aws.bucket, { 'list-type': '2' });
  expect(objects).toContain(earlier.uri.split('/').slice(3).join('/'));
  const { imageDetails } = await new ECRClient(aws.clientOptions())
    .send(new DescribeImagesCommand({ repositoryName: team.aws.name }));
  expect(imageDetails!.flatMap(({ imageTags }) => imageTags).sort()).toEqual(['earlier', 'later']);
});

test('a new stack takes adopted components beside the stack of the module, and an orchestrator of SkyPilot as it is', async () => {
  const vms = await StackOfOthers.byTerraform(other.cloud, VMS, 'skypilot');
  const [before, orchestrator] = [await vms.inZenml(), await vms.component('orchestrator')];
  expect(await other.deploy((scope) => {
    const server = other.server(scope);
    define(scope, server, vms, {
      props: {
        zenmlStackName: undefined,
        orchestrator: Orchestrator.existing(StackComponent.fromStackComponentName(
          scope, 'SkyPilot', server, ComponentType.ORCHESTRATOR, `${VMS}-skypilot`)),
      },
    });
  })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  expect(await vms.component('orchestrator')).toEqual(orchestrator);
  expect(await componentsIn(vms)).toEqual(vms.idsOf('components').sort());
  const { id: deployer } = await vms.component('deployer');
  const { components } = (await other.inZenml()).stacks[0]!.metadata as { components: Record<string, ZenmlObject[]> };
  expect(Object.values(components).flat().map(({ id }) => id).sort()).toEqual(
    vms.idsOf('components').filter((id) => id !== deployer).sort());
  expect(await complaints(vms)).toEqual([]);
  expect(await other.stack.destroy()).toMatchObject({ status: 'DELETE_COMPLETE', failures: [] });
  expect(await vms.inZenml()).toEqual(before);
});

test('a stack of the CloudFormation template is adopted, and its connector, user and role are deleted', async () => {
  const template = await StackOfOthers.byTemplate(other.cloud, TEMPLATE);
  const { image_builder: _, ...before } = await connectorsOf(template);
  expect(new Set(Object.values(before)).size).toBe(1);
  expect(await other.deploy((scope) => {
    // The builder of the template is of flavor `local`, so a new one takes its place.
    define(scope, other.server(scope), template, { props: { imageBuilder: ImageBuilder.codeBuild() } });
  })).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  const { id: localBuilder } = await template.component('image_builder');
  const adopted = template.idsOf('components').filter((id) => id !== localBuilder);
  expect(await componentsIn(template)).toEqual(expect.arrayContaining(adopted));
  expect(await componentsIn(template)).not.toContain(localBuilder);
  await template.deleteWhatIsNotAdopted();
  expect(await complaints(template)).toEqual([]);
});
