import { App, CfnParameter, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  ComponentType,
  ConnectorAuthentication,
  ConnectorResource,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  IStackComponent,
  RegistryAuthentication,
  ServiceConnector,
  StackComponent,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { newServer, newStack, UUID } from '../support/app';

const ENV = { env: { account: '111122223333', region: 'eu-west-1' } };

function registry(stack: Stack, props: Partial<EcrContainerRegistryProps> = {}, id = 'Registry') {
  return new EcrContainerRegistry(stack, id, { server: newServer(stack), repositoryNames: ['zenml'], ...props });
}

function component(stack: Stack, type: string, flavor: string, more: object = {}, id = `${type}-${flavor}`) {
  return new StackComponent(stack, id, {
    server: newServer(stack),
    componentType: ComponentType.of(type),
    flavor,
    ...more,
  });
}

test.each(['ml/', '/ml', 'a//b', 'ml*', '..'])('the prefix %s of a bucket is refused', (prefix) => {
  expect(() => ConnectorResource.s3Bucket('b', { prefix })).toThrow('`prefix` must look like "team-a/zenml"');
});

const synth = (stack: Stack) => Template.fromStack(stack);

describe('a connector of another resource type', () => {
  const docker = (stack: Stack) => registry(stack).connector!;
  const bucket = (stack: Stack) =>
    new ServiceConnector(stack, 'Bucket', { server: newServer(stack), resource: ConnectorResource.s3Bucket('b') });
  const generic = (stack: Stack) =>
    new ServiceConnector(stack, 'Generic', { server: newServer(stack), resource: ConnectorResource.awsGeneric() });
  const cluster = (stack: Stack) =>
    new ServiceConnector(stack, 'Cluster', {
      server: newServer(stack),
      resource: ConnectorResource.kubernetesCluster(),
    });

  test.each([
    [
      'artifact_store',
      's3',
      docker,
      'access to s3-bucket for a component of type artifact_store and flavor s3, got: docker-registry',
      's3Bucket',
    ],
    ['artifact_store', 's3', generic, 'aws-generic', 's3Bucket'],
    ['container_registry', 'aws', bucket, 's3-bucket', 'dockerRegistry'],
    ['container_registry', 'dockerhub', generic, 'aws-generic', 'dockerRegistry'],
    ['orchestrator', 'kubernetes', docker, 'docker-registry', 'kubernetesCluster'],
    ['orchestrator', 'sagemaker', docker, 'docker-registry', 'awsGeneric'],
    ['step_operator', 'sagemaker', bucket, 's3-bucket', 'awsGeneric'],
    ['image_builder', 'aws', cluster, 'kubernetes-cluster', 'awsGeneric'],
    ['artifact_store', 'gcp', bucket, 's3-bucket', 'fromServiceConnectorName'],
  ])('%s of flavor %s is refused with a connector of another resource type', (type, flavor, make, why, remedy) => {
    const stack = newStack();
    const connector = make(stack);
    const attempt = () => component(newStack(), type, flavor, { connector });
    expect(attempt).toThrow(why);
    expect(attempt).toThrow(remedy);
  });

  test.each([
    ['artifact_store', 's3', bucket],
    ['orchestrator', 'kubernetes', cluster],
    ['orchestrator', 'sagemaker', generic],
    ['container_registry', 'aws', docker],
    ['orchestrator', 'of-my-own', docker],
    [
      'artifact_store',
      's3',
      (stack: Stack) => ServiceConnector.fromServiceConnectorId(stack, 'E', newServer(stack), UUID),
    ],
  ])(
    '%s of flavor %s is accepted with a connector of its own resource type, or with an unknown flavor',
    (type, flavor, make) => {
      const stack = newStack();
      component(stack, type, flavor, { connector: make(stack) });
      synth(stack);
    },
  );

  test('a registry with a connector of another resource type is refused', () => {
    const stack = newStack();
    expect(() => registry(stack, { authentication: RegistryAuthentication.existingConnector(bucket(stack)) })).toThrow(
      'must give access to docker-registry',
    );
  });
});

describe('duplicates in one app', () => {
  const twice = (first: (stack: Stack) => void, second: (stack: Stack) => void, stacks: () => [Stack, Stack]) => {
    const [one, other] = stacks();
    first(one);
    second(other);
    return () => (one.node.root as App).synth();
  };
  const oneStack = (): [Stack, Stack] => { const stack = newStack(); return [stack, stack]; };
  const twoStacks = (): [Stack, Stack] => {
    const app = new App();
    return [new Stack(app, 'One', ENV), new Stack(app, 'Two', ENV)];
  };
  const twoStages = (): [Stack, Stack] => {
    const app = new App();
    return [new Stack(new Stage(app, 'Dev', ENV), 'Main'), new Stack(new Stage(app, 'Prod', ENV), 'Main')];
  };
  const elsewhere = (): [Stack, Stack] => {
    const app = new App();
    return [
      new Stack(app, 'One', ENV),
      new Stack(app, 'Two', { env: { account: '111122223333', region: 'us-east-1' } }),
    ];
  };
  const anywhere = (): [Stack, Stack] => {
    const app = new App();
    return [new Stack(app, 'One'), new Stack(app, 'Two')];
  };
  const A = (props: Partial<EcrContainerRegistryProps>) => (stack: Stack) => { registry(stack, props, 'A'); };
  const B = (props: Partial<EcrContainerRegistryProps>) => (stack: Stack) => { registry(stack, props, 'B'); };

  test.each<[string, () => () => void, RegExp]>([
    [
      'a repository, in one stack',
      () => twice(A({}), B({}), oneStack),
      /unique in an account and Region, got: "zenml", which Main\/B\/zenml defines/,
    ],
    [
      'a repository, in two stacks',
      () => twice(A({}), B({}), twoStacks),
      /\[One\/A\/zenml\].*which Two\/B\/zenml defines/,
    ],
    [
      'a component',
      () =>
        twice(A({ stackComponentName: 'ecr' }), B({ stackComponentName: 'ecr', repositoryNames: ['b0'] }), twoStacks),
      /\[One\/A\/Component\] `stackComponentName` must be unique .* https:\/\/zenml.example.com, got: "ecr", which the container_registry Two\/B\/Component has/,
    ],
    [
      'a component, in two stages and Regions',
      () => twice(A({ stackComponentName: 'ecr' }), B({ stackComponentName: 'ecr' }), elsewhere),
      /`stackComponentName`/,
    ],
    [
      'a connector',
      () =>
        twice(A({ serviceConnectorName: 'c' }), B({ serviceConnectorName: 'c', repositoryNames: ['b0'] }), twoStacks),
      /`serviceConnectorName` must be unique .* got: "c", which the service connector/,
    ],
    [
      'a ZenML stack',
      () =>
        twice(
          ...([0, 1].map((id) => (stack: Stack) => {
            new ZenMLStack(stack, `W${id}`, {
              server: newServer(stack),
              zenmlStackName: 'prod',
              components: ['orchestrator', 'artifact_store'].map((type) =>
                component(stack, type, 'local', {}, `${type}${id}`),
              ),
            });
          }) as [(stack: Stack) => void, (stack: Stack) => void]),
          oneStack,
        ),
      /`zenmlStackName` must be unique .* got: "prod", which the stack/,
    ],
  ])('%s in one app is refused, with both paths', (_, make, why) => {
    expect(make()).toThrow(why);
  });

  test.each<[string, () => () => void]>([
    ['a repository in another Region', () => twice(A({}), B({}), elsewhere)],
    ['a repository in stacks that may go anywhere', () => twice(A({}), B({}), anywhere)],
    [
      'a component of another type',
      () =>
        twice(
          A({ stackComponentName: 'x' }),
          (stack) => {
            component(stack, 'orchestrator', 'local', { stackComponentName: 'x' });
          },
          twoStacks,
        ),
    ],
    [
      'a component that moves',
      () =>
        twice(
          A({ stackComponentName: 'x' }),
          B({ stackComponentName: 'x', adoptExisting: true, repositoryNames: ['b0'] }),
          twoStacks,
        ),
    ],
    [
      'a component of another server',
      () =>
        twice(
          A({ stackComponentName: 'x' }),
          (stack) => {
            registry(
              stack,
              {
                stackComponentName: 'x',
                repositoryNames: ['b0'],
                server: newServer(stack, { url: 'https://other.example.com' }),
              },
              'B',
            );
          },
          twoStages,
        ),
    ],
    [
      'a server that only CloudFormation knows',
      () =>
        twice(
          ...(['A', 'B'].map((id) => (stack: Stack) => {
            registry(
              stack,
              {
                stackComponentName: 'x',
                repositoryNames: [`r${id.toLowerCase()}`],
                server: newServer(stack, { url: new CfnParameter(stack, `Url${id}`).valueAsString }),
              },
              id,
            );
          }) as [(stack: Stack) => void, (stack: Stack) => void]),
          twoStages,
        ),
    ],
  ])('%s in one app is accepted', (_, make) => {
    make()();
  });

  test('a construct that was removed from the tree does not count', () => {
    const stack = newStack();
    registry(stack, {}, 'A');
    stack.node.tryRemoveChild('A');
    registry(stack, {}, 'B');
    synth(stack);
  });
});

describe('names, labels and texts', () => {
  test.each<[string, Partial<EcrContainerRegistryProps>, string]>([
    [
      'a tab in a name',
      { stackComponentName: 'team\tregistry' },
      '`stackComponentName`: a name must not contain control characters',
    ],
    ['a line end in a name', { serviceConnectorName: 'a\nb' }, 'got: "a\\nb"'],
    ['a filter without value', { stackComponentName: 'isnull:x' }, 'filter operator'],
    ['an empty label key', { labels: { '': 'x' } }, '`labels`: the key of a label must not be empty or blank'],
    [
      'a connector name for which there is no secret name',
      { serviceConnectorName: 'x'.repeat(241) },
      '`serviceConnectorName`: the name of a service connector that holds keys must have at most 240 characters',
    ],
    [
      'labels of 50 kB',
      { labels: Object.fromEntries([...Array(20).keys()].map((i) => [`k${i}`, 'x'.repeat(2500)])) },
      '`labels` must have at most 48000 characters',
    ],
    [
      'labels in another script',
      { labels: Object.fromEntries([...Array(4).keys()].map((i) => [`k${i}`, 'ж'.repeat(3000)])) },
      '`labels` must have at most 48000 characters',
    ],
  ])('a registry with %s is refused', (_, props, why) => {
    expect(() => registry(newStack(), props)).toThrow(why);
  });

  test('descriptions and configurations have length limits', () => {
    const long = 'x'.repeat(256);
    const stack = newStack();
    const components: IStackComponent[] = [];
    expect(() => new ZenMLStack(stack, 'W', { server: newServer(stack), description: long, components })).toThrow(
      '`description`: a description must have at most 255',
    );
    expect(
      () =>
        new ServiceConnector(stack, 'C', {
          server: newServer(stack),
          description: long,
          resource: ConnectorResource.awsGeneric(),
        }),
    ).toThrow('`description`: a description must have at most 255');
    expect(() => component(stack, 'orchestrator', 'x', { configuration: { text: 'x'.repeat(60_000) } })).toThrow(
      '`configuration` must have at most 48000',
    );
  });

  test('a connector without keys may have a longer name', () => {
    const stack = newStack();
    registry(stack, {
      serviceConnectorName: 'x'.repeat(255),
      server: newServer(stack, { awsIdentity: new iam.ArnPrincipal('arn:aws:iam::111122223333:role/s') }),
    });
    synth(stack);
  });
});

describe('construct ids in use', () => {
  test('a construct id that another repository name occupies is refused', () => {
    expect(() => registry(newStack(), { repositoryNames: ['team/a', 'team--a'] })).toThrow(
      /"team--a" has the construct id "team--a", which is already in use in Main\/Registry: use addRepository/,
    );
  });

  test('a construct id that the registry occupies is refused', () => {
    const made = registry(newStack());
    for (const id of ['Connector', 'Component', 'RegistryUri', 'zenml']) {
      expect(() => made.addRepository(id, { repositoryName: 'legal/name' })).toThrow(
        `has the construct id "${id}", which is already in use`,
      );
    }
    expect(() => made.attachToStack('Component', ZenMLStack.fromZenmlStackName(made, 'P', made.server, 'p'))).toThrow(
      'the attachment has the construct id',
    );
  });
});

test('a VPC with public subnets only is refused with a message of the library', () => {
  const stack = newStack();
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    natGateways: 0,
    subnetConfiguration: [{ name: 'public', subnetType: ec2.SubnetType.PUBLIC }],
  });
  const attempt = () => registry(stack, { server: newServer(stack, { registrationFunction: { vpc } }) });
  expect(attempt).toThrow('`vpcSubnets` must be private subnets, got: public subnets of Main/Vpc');
  expect(attempt).not.toThrow('allowPublicSubnet');
});

describe('SkyPilot', () => {
  const stackWith = (orchestrator: string, authentication: ConnectorAuthentication | undefined, identity = true) => {
    const stack = newStack();
    const awsIdentity = identity ? new iam.ArnPrincipal('arn:aws:iam::111122223333:role/s') : undefined;
    const method = RegistryAuthentication.connector(authentication);
    new ZenMLStack(stack, 'W', {
      server: newServer(stack),
      components: [
        registry(stack, { server: newServer(stack, { awsIdentity }), authentication: method }),
        component(stack, 'orchestrator', orchestrator),
        component(stack, 'artifact_store', 'local'),
      ],
    });
    return Annotations.fromStack(stack);
  };

  test('SkyPilot with an implicit registry gives a warning', () => {
    stackWith('vm_aws', undefined).hasWarning(
      '/Main/W',
      Match.stringLikeRegexp('vm_aws \\(SkyPilot\\).*implicit authentication of Main/Registry'),
    );
    stackWith('vm_aws', ConnectorAuthentication.iamRole()).hasNoWarning('*', Match.stringLikeRegexp('SkyPilot'));
    stackWith('sagemaker', undefined).hasNoWarning('*', Match.stringLikeRegexp('SkyPilot'));
  });
});

describe('several components of a type', () => {
  test.each(['alerter', 'experiment_tracker', 'sandbox', 'step_operator'])(
    'a ZenML stack may contain several components of type %s',
    (type) => {
      const stack = newStack();
      new ZenMLStack(stack, 'W', {
        server: newServer(stack),
        components: [
          component(stack, type, 'one'),
          component(stack, type, 'two'),
          component(stack, 'orchestrator', 'local'),
          component(stack, 'artifact_store', 'local'),
        ],
      });
      const made: any = Object.values(synth(stack).findResources('Custom::ZenMLStack'))[0];
      expect(made.Properties.Components.filter((one: any) => one.ComponentType === type)).toHaveLength(2);
    },
  );

  test('a ZenML stack contains one component of the other types, and none twice', () => {
    const stack = newStack();
    const zenmlStack = new ZenMLStack(stack, 'W', { server: newServer(stack), components: [] });
    const operator = component(stack, 'step_operator', 'one');
    zenmlStack.addComponent(operator);
    expect(() => zenmlStack.addComponent(operator)).toThrow(
      'must not contain a component twice, got: Main/step_operator-one',
    );
    zenmlStack.addComponent(component(stack, 'image_builder', 'one'));
    expect(() => zenmlStack.addComponent(component(stack, 'image_builder', 'two'))).toThrow(
      'at most one component of type image_builder',
    );
  });

  test('several components of one type are attached to an existing stack', () => {
    const stack = newStack();
    const zenmlStack = ZenMLStack.fromZenmlStackName(stack, 'P', newServer(stack), 'production');
    for (const flavor of ['one', 'two']) {
      new ZenMLStackAttachment(stack, `A${flavor}`, { zenmlStack, component: component(stack, 'alerter', flavor) });
    }
    synth(stack).resourceCountIs('Custom::ZenMLStackAttachment', 2);
  });
});
