import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as signer from 'aws-cdk-lib/aws-signer';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  CertificateAuthority,
  ComponentType,
  ConnectorAuthentication,
  ConnectorResource,
  ecr_registry,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  ServiceConnector,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import {
  ImageEncryption, PrivateRepositories, PrivateRepository, RepositoryEndpoints, RepositoryOutputs, RepositoryPrincipal,
} from '../../src/ecr-repository';
import { apiKey, newServer, newStack, URL, UUID, WORKSPACE_ID } from '../support/app';

const registry =
  (props: (value: string, stack: Stack) => Partial<EcrContainerRegistryProps>) => (value: string, stack: Stack) =>
    new EcrContainerRegistry(stack, 'Registry', {
      server: newServer(stack),
      repositoryNames: ['zenml'],
      ...props(value, stack),
    });
const connector = (stack: Stack, props: object) =>
  new ServiceConnector(stack, 'C', { server: newServer(stack), resource: ConnectorResource.awsGeneric(), ...props });
const components = (stack: Stack) => [ComponentType.ORCHESTRATOR, ComponentType.ARTIFACT_STORE]
  .map((type) => StackComponent.fromStackComponentName(stack, type.name, newServer(stack), type, 'default'));
const keys = (stack: Stack) => ({ secret: Secret.fromSecretNameV2(stack, 'Keys', 'keys') });
const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';

/** What takes a text, how a look-up's text gets there, and a text that is refused once it is known. */
const CASES: [string, (value: string, stack: Stack) => unknown, string][] = [
  ['url', registry((url, stack) => ({ server: newServer(stack, { url }) })), 'ftp://x'],
  [
    'url, in part',
    registry((host, stack) => ({ server: newServer(stack, { url: `https://${host}` }) })),
    'me:secret@x',
  ],
  [
    'workspaceUrl',
    registry((workspaceUrl, stack) => ({
      server: ZenMLServer.pro({ workspaceUrl, workspaceId: WORKSPACE_ID, apiKey: apiKey(stack) }),
    })),
    'ftp://x',
  ],
  [
    'workspaceId',
    registry((workspaceId, stack) => ({
      server: ZenMLServer.pro({ workspaceUrl: URL, workspaceId, apiKey: apiKey(stack) }),
    })),
    'x',
  ],
  ['proxyUrl', registry((proxyUrl, stack) => ({ server: newServer(stack, { proxyUrl }) })), 'proxy'],
  [
    'pem',
    registry((pem, stack) => ({
      server: newServer(stack, { certificateAuthority: CertificateAuthority.fromPem(pem) }),
    })),
    'x',
  ],
  ['stackComponentName', registry((stackComponentName) => ({ stackComponentName })), 'default'],
  ['serviceConnectorName', registry((serviceConnectorName) => ({ serviceConnectorName })), 'default'],
  ['labels', registry((team) => ({ labels: { team } })), 'x'.repeat(4001)],
  ['repositoryNames', registry((name) => ({ repositoryNames: [name, 'zenml'] })), 'Not_Legal'],
  [
    'repositoryNames of addRepository',
    (name, stack) => registry(() => ({}))('', stack).addRepository('More', { repositoryName: name }),
    'Not_Legal',
  ],
  [
    'repositoryPrefix',
    registry((repositoryPrefix) => ({ repositoryPrefix, repositoryNames: ['team/zenml'] })),
    'other/',
  ],
  [
    'repositoryNames under a prefix',
    registry((name) => ({ repositoryPrefix: 'team/', repositoryNames: [`team/${name}`] })),
    'Not_Legal',
  ],
  [
    'serviceConnectorId',
    registry((id, stack) => ({
      authentication: RegistryAuthentication.existingConnector(
        ServiceConnector.fromServiceConnectorId(stack, 'E', newServer(stack), id),
      ),
    })),
    'x',
  ],
  [
    'zenmlStackId',
    registry((id, stack) => ({ zenmlStack: ZenMLStack.fromZenmlStackId(stack, 'E', newServer(stack), id) })),
    'x',
  ],
  [
    'zenmlStackName of another',
    registry((name, stack) => ({ zenmlStack: ZenMLStack.fromZenmlStackName(stack, 'E', newServer(stack), name) })),
    'default',
  ],
  [
    'zenmlStackName',
    (zenmlStackName, stack) =>
      new ZenMLStack(stack, 'W', { server: newServer(stack), zenmlStackName, components: components(stack) }),
    'default',
  ],
  [
    'description',
    (description, stack) =>
      new ZenMLStack(stack, 'W', { server: newServer(stack), description, components: components(stack) }),
    'x'.repeat(256),
  ],
  [
    'stackComponentId',
    (id, stack) =>
      new ZenMLStackAttachment(stack, 'A', {
        zenmlStack: ZenMLStack.fromZenmlStackId(stack, 'E', newServer(stack), UUID),
        component: StackComponent.fromStackComponentId(stack, 'C', newServer(stack), ComponentType.ORCHESTRATOR, id),
      }),
    'x',
  ],
  [
    'flavor',
    (flavor, stack) =>
      new StackComponent(stack, 'C', { server: newServer(stack), componentType: ComponentType.ORCHESTRATOR, flavor }),
    'a b',
  ],
  ['registryUri', (uri, stack) => connector(stack, { resource: ConnectorResource.dockerRegistry(uri) }), 'docker.io'],
  [
    'expiresAt',
    (expiresAt, stack) =>
      connector(stack, { authentication: ConnectorAuthentication.stsToken(keys(stack), { expiresAt }) }),
    'tomorrow',
  ],
  ['repositoryName', (repositoryName, stack) => new PrivateRepository(stack, 'R', { repositoryName }), 'Not_Legal'],
  [
    'PrivateRepositories',
    (name, stack) => new PrivateRepositories(stack, 'R', { repositoryNames: [name] }),
    'Not_Legal',
  ],
  [
    'lambdaAccounts',
    (account, stack) => new PrivateRepository(stack, 'R', { access: { lambdaAccounts: [account] } }),
    '12',
  ],
  [
    'tags in rules',
    (tag, stack) =>
      new PrivateRepository(stack, 'R', { lifecycleRules: [{ tagPatternList: [tag], maxImageCount: 1 }] }),
    'no tag',
  ],
  [
    'organizationId',
    (id, stack) => new PrivateRepository(stack, 'R', { access: { pull: [RepositoryPrincipal.organization(id)] } }),
    'x',
  ],
  [
    'organizationPath',
    (path, stack) =>
      new PrivateRepository(stack, 'R', { access: { pull: [RepositoryPrincipal.organizationalUnit(path)] } }),
    'x',
  ],
  [
    'parameterPrefix',
    (parameterPrefix, stack) =>
      new RepositoryOutputs(stack, 'O', { repository: new PrivateRepository(stack, 'R'), parameterPrefix }),
    'x y',
  ],
  [
    'exportPrefix',
    (exportPrefix, stack) =>
      new RepositoryOutputs(stack, 'O', { repository: new PrivateRepository(stack, 'R'), exportPrefix }),
    'x y',
  ],
  ['tag', (tag, stack) => RepositoryEndpoints.of(stack, new PrivateRepository(stack, 'R')).uriForTag(tag), '-x'],
  [
    'digest',
    (digest, stack) => RepositoryEndpoints.of(stack, new PrivateRepository(stack, 'R')).uriForDigest(digest),
    'x',
  ],
  [
    'prefix of a template',
    (prefix, stack) => new ecr_registry.RepositoryCreationTemplate(stack, 'T', { prefix }),
    'Not Legal',
  ],
  [
    'prefix of a cache',
    (repositoryPrefix, stack) =>
      new ecr_registry.PullThroughCacheRule(stack, 'T', {
        repositoryPrefix,
        upstream: ecr_registry.UpstreamRegistry.quay(),
      }),
    'Not Legal',
  ],
  [
    'azure',
    (name, stack) =>
      new ecr_registry.PullThroughCacheRule(stack, 'T', {
        repositoryPrefix: 'azure',
        upstream: ecr_registry.UpstreamRegistry.azure(
          name,
          Secret.fromSecretNameV2(stack, 'Login', 'ecr-pullthroughcache/azure'),
        ),
      }),
    'x',
  ],
  [
    'account of a destination',
    (account, stack) =>
      new ecr_registry.RegistryReplication(stack, 'T', {
        rules: [{ destinations: [{ region: 'eu-central-1', account }] }],
      }),
    'x',
  ],
  [
    'principal',
    (roleArn, stack) => new ecr_registry.PullTimeExclusion(stack, 'T', { principal: { roleArn } as iam.IRole }),
    'x',
  ],
  [
    'signingProfile',
    (signingProfileArn, stack) => new ecr_registry.RegistrySigning(stack, 'T', {
      rules: [{ signingProfile: { signingProfileArn } as signer.ISigningProfile }],
    }),
    'x',
  ],
  [
    'filter of scans',
    (filter, stack) => new ecr_registry.RegistryScanning(stack, 'T', { scanOnPush: [filter] }),
    'Not Legal',
  ],
  [
    'account of a registry policy',
    (account, stack) => new ecr_registry.RegistryPolicy(stack, 'T').allowReplicationFrom(account),
    'x',
  ],
];

describe('a value that is looked up', () => {
  test.each(CASES)(
    'a looked-up value for %s passes the first synthesis and is validated in the second one',
    (_, make, wrong) => {
      const stack = newStack();
      make(StringParameter.valueFromLookup(stack, '/zenml/value'), stack);
      Template.fromStack(stack);
      expect(() => make(wrong, newStack())).toThrow(/got/);
    },
  );

  test.each<[string, (stack: Stack) => unknown]>([
    [
      'a repository',
      (stack) =>
        registry(() => ({
          repositories: [ecr.Repository.fromLookup(stack, 'L', { repositoryName: 'team/a' })],
          repositoryPrefix: 'team/',
          repositoryNames: ['team/b'],
        }))('', stack),
    ],
    [
      'a role as identity',
      (stack) =>
        registry(() => ({
          server: newServer(stack, { awsIdentity: iam.Role.fromLookup(stack, 'L', { roleName: 'zenml' }) }),
        }))('', stack),
    ],
    [
      'a role to assume',
      (stack) =>
        connector(stack, {
          authentication: ConnectorAuthentication.iamRole({
            role: iam.Role.fromLookup(stack, 'L', { roleName: 'zenml' }),
          }),
        }),
    ],
    [
      'a VPC',
      (stack) =>
        registry(() => ({
          server: newServer(stack, {
            registrationFunction: { vpc: ec2.Vpc.fromLookup(stack, 'L', { vpcId: 'vpc-1' }) },
          }),
        }))('', stack),
    ],
    [
      'a key',
      (stack) =>
        new PrivateRepository(stack, 'R', {
          encryption: ImageEncryption.customerKey(kms.Key.fromLookup(stack, 'L', { aliasName: 'alias/a' })),
        }),
    ],
    [
      'a VPC, with a subnet group by name',
      (stack) =>
        registry(() => ({
          server: newServer(stack, {
            registrationFunction: {
              vpc: ec2.Vpc.fromLookup(stack, 'L', { vpcId: 'vpc-1' }),
              vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
            },
          }),
        }))('', stack),
    ],
  ])('%s that is looked up has a dummy value in the first synthesis', (_, make) => {
    const stack = newStack();
    make(stack);
    Template.fromStack(stack);
  });

  test('two looked-up servers, or one and a known one, may be the same', () => {
    const stack = newStack();
    const server = newServer(stack, { url: StringParameter.valueFromLookup(stack, '/zenml/url') });
    new StackComponent(stack, 'A', {
      server,
      componentType: ComponentType.CONTAINER_REGISTRY,
      flavor: 'aws',
      connector: new ServiceConnector(stack, 'C', {
        server: newServer(stack),
        resource: ConnectorResource.dockerRegistry(HOST),
      }),
    });
    Template.fromStack(stack);
  });
});
