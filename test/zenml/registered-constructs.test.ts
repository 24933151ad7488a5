import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  ComponentType,
  ConnectorResource,
  IServiceConnector,
  IStackComponent,
  RegistrationOptions,
  ServiceConnector,
  StackComponent,
  UnreachableServerBehavior,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { newServer, newStack, only, UUID } from '../support/app';

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const COMPONENT = 'Custom::ZenMLStackComponent';
const ZENML_STACK = 'Custom::ZenMLStack';
const ATTACHMENT = 'Custom::ZenMLStackAttachment';

function registryComponent(
  stack: Stack,
  id = 'Registry',
  extra: Partial<ConstructorParameters<typeof StackComponent>[2]> = {},
) {
  return new StackComponent(stack, id, {
    server: newServer(stack),
    componentType: ComponentType.CONTAINER_REGISTRY,
    flavor: 'aws',
    configuration: { uri: HOST },
    ...extra,
  });
}

const local = (stack: Stack) => [
  StackComponent.fromStackComponentName(stack, 'Orchestrator', newServer(stack), ComponentType.ORCHESTRATOR, 'default'),
  StackComponent.fromStackComponentId(stack, 'ArtifactStore', newServer(stack), ComponentType.ARTIFACT_STORE, UUID),
];

describe('options of every registration', () => {
  const propertiesOf = (options: Partial<RegistrationOptions>) => {
    const stack = newStack();
    registryComponent(stack, 'Registry', options);
    return only(stack, COMPONENT);
  };

  test('a registration without options switches no behaviour on, and the resource is deleted with its object', () => {
    const resource = propertiesOf({});
    for (const key of [
      'AdoptExisting',
      'DeleteAdopted',
      'AbandonUnreachable',
      'DetachFromStacks',
      'RefreshToken',
      'Labels',
    ]) {
      expect(resource.Properties[key]).toBeUndefined();
    }
    expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test.each([
    [{ adoptExisting: true, stackComponentName: 'mine' } as object, { AdoptExisting: 'true' }],
    [{ removalPolicy: RemovalPolicy.DESTROY }, { DeleteAdopted: 'true' }],
    [{ onUnreachableServer: UnreachableServerBehavior.ABANDON }, { AbandonUnreachable: 'true' }],
    [{ detachFromStacks: true }, { DetachFromStacks: 'true' }],
    [{ repairTrigger: '2026-11' }, { RefreshToken: '2026-11' }],
    [{ labels: { team: 'ml' } }, { Labels: { team: 'ml' } }],
  ])('the options %j are rendered as %j', (options, properties) => {
    expect(propertiesOf(options).Properties).toMatchObject(properties);
  });

  test('RETAIN keeps the object whatever happens to the resource', () => {
    expect(propertiesOf({ removalPolicy: RemovalPolicy.RETAIN })).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test.each([
    [{ 'cdk-zenml:stack-id': 'x' }, 'reserved'],
    [{ 'zenml:x': 'y' }, 'reserved'],
    [{ big: 'x'.repeat(4001) }, 'at most 4000 characters'],
    [{ s: '{{resolve:secretsmanager:x}}' }, 'dynamic reference'],
  ])('the labels %j are refused', (labels, why) => {
    expect(() => propertiesOf({ labels: labels as Record<string, string> })).toThrow(why);
  });

  test.each([
    ['', 'blank'],
    [' x', 'white space'],
    ['x'.repeat(256), 'at most 255'],
    ['contains:x', 'filter operator'],
    ['default', 'belong to ZenML'],
  ])('the name "%s" is refused', (stackComponentName, why) => {
    expect(() => registryComponent(newStack(), 'Registry', { stackComponentName })).toThrow('`stackComponentName`: ');
    expect(() => registryComponent(newStack(), 'Registry', { stackComponentName })).toThrow(why);
  });

  test('a generated name starts with the construct path', () => {
    const stack = newStack();
    registryComponent(stack);
    expect(only(stack, COMPONENT).Properties).toMatchObject({ NamePrefix: 'main-registry' });
    expect(only(stack, COMPONENT).Properties.Name).toBeUndefined();
  });
});

describe('ServiceConnector', () => {
  test('a service connector for other resources than registries gets no ECR permissions', () => {
    const stack = newStack();
    new ServiceConnector(stack, 'Connector', {
      server: newServer(stack),
      resource: ConnectorResource.s3Bucket('artifacts'),
      verify: false,
      serviceConnectorName: 's3',
      description: 'd',
    });
    expect(only(stack, 'Custom::ZenMLServiceConnector').Properties).toMatchObject({
      ResourceType: 's3-bucket', ResourceId: 's3://artifacts', Verify: 'false', Name: 's3', Description: 'd',
    });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).not.toContain('ecr:');
  });

  test('a registry host that ZenML does not accept is refused', () => {
    for (const host of [
      '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn',
      '111122223333.dkr-ecr.eu-west-1.on.aws',
      'docker.io',
      `${HOST}/zenml`,
    ]) {
      expect(() => ConnectorResource.dockerRegistry(host)).toThrow('the only hosts that ZenML accepts');
    }
    expect(ConnectorResource.kubernetesCluster('c').resourceId).toBe('c');
    expect(ConnectorResource.awsGeneric().resourceId).toBeUndefined();
  });
});

describe('StackComponent', () => {
  test('a component keeps the types of its configuration, and refuses what CloudFormation would not resolve', () => {
    const stack = newStack();
    new StackComponent(stack, 'Orchestrator', {
      server: newServer(stack),
      componentType: ComponentType.of('orchestrator'),
      flavor: 'sagemaker',
      configuration: { synchronous: true, max: 3 },
    });
    expect(JSON.parse(only(stack, COMPONENT).Properties.Configuration)).toEqual({ synchronous: true, max: 3 });
    expect(() =>
      registryComponent(newStack(), 'Registry', { configuration: { password: '{{resolve:secretsmanager:x}}' } }),
    ).toThrow('dynamic reference');
    expect(() => ComponentType.of('Container Registry')).toThrow('`name` must look like');
    expect(() => registryComponent(newStack(), 'Registry', { flavor: 'a b' })).toThrow('`flavor`');
  });

  const withConnector = (make: (stack: Stack) => IServiceConnector) => {
    const stack = newStack();
    registryComponent(stack, 'Registry', { connector: make(stack) });
    return only(stack, COMPONENT).Properties;
  };

  test('a component uses a connector of the app by its id, without a further check', () => {
    const properties = withConnector(
      (stack) =>
        new ServiceConnector(stack, 'C', {
          server: newServer(stack),
          resource: ConnectorResource.dockerRegistry(HOST),
        }),
    );
    expect(properties.Connector).toEqual({ Id: { 'Fn::GetAtt': [expect.stringMatching(/^C/), 'Id'] } });
    expect(properties.VerifyConnector).toBeUndefined();
  });

  test('a component verifies an existing connector, by id or name', () => {
    expect(withConnector((stack) => ServiceConnector.fromServiceConnectorId(stack, 'C', newServer(stack), UUID)))
      .toMatchObject({ Connector: { Id: UUID }, VerifyConnector: 'true' });
    expect(
      withConnector((stack) => ServiceConnector.fromServiceConnectorName(stack, 'C', newServer(stack), 'aws-prod')),
    ).toMatchObject({ Connector: { Name: 'aws-prod' }, VerifyConnector: 'true' });
    expect(() =>
      withConnector((stack) => ServiceConnector.fromServiceConnectorId(stack, 'C', newServer(stack), 'aws-prod')),
    ).toThrow('use the from...Name method');
  });

  test('a component accepts connectors of its own server only', () => {
    expect(() =>
      withConnector((stack) =>
        ServiceConnector.fromServiceConnectorId(
          stack,
          'C',
          newServer(stack, { url: 'https://other.example.com' }),
          UUID,
        ),
      ),
    ).toThrow('got: an object on another ZenML server (https://other.example.com)');
  });
});

describe('ZenMLStack', () => {
  test('a ZenML stack lists its components by id and name, including those that are added later', () => {
    const stack = newStack();
    const zenmlStack = new ZenMLStack(stack, 'Production', {
      server: newServer(stack),
      zenmlStackName: 'production',
      components: local(stack),
    });
    zenmlStack.addComponent(registryComponent(stack));
    expect(only(stack, ZENML_STACK).Properties).toMatchObject({
      Name: 'production',
      Components: [
        { ComponentType: 'orchestrator', Name: 'default' },
        { ComponentType: 'artifact_store', Id: UUID },
        { ComponentType: 'container_registry', Id: { 'Fn::GetAtt': [expect.stringMatching(/^Registry/), 'Id'] } },
      ],
    });
    Template.fromStack(stack).hasOutput('*', { Value: { 'Fn::Join': ['', ['zenml stack set ', Match.anyValue()]] } });
  });

  test('a ZenML stack refuses two components of a type, and at synth the lack of required ones', () => {
    const stack = newStack();
    const zenmlStack = new ZenMLStack(stack, 'Production', {
      server: newServer(stack),
      components: [registryComponent(stack)],
    });
    expect(() => zenmlStack.addComponent(registryComponent(stack, 'Second'))).toThrow(
      'at most one component of type container_registry, got: Main/Registry and Main/Second',
    );
    expect(() => Template.fromStack(stack)).toThrow(
      /must have a component of type orchestrator[\s\S]*must have a component of type artifact_store/,
    );
  });

  test('a ZenML stack accepts another implementation of a component', () => {
    const stack = newStack();
    class Foreign extends Stack implements IStackComponent {
      public readonly componentType = ComponentType.ORCHESTRATOR;
      public readonly server = newServer(stack);
      public readonly stackComponentNameOrId = 'sagemaker';
    }
    new ZenMLStack(stack, 'Production', {
      server: newServer(stack),
      components: [new Foreign(stack, 'Foreign'), local(stack)[1]!],
      outputs: false,
    });
    expect(only(stack, ZENML_STACK).Properties.Components[0]).toEqual({
      ComponentType: 'orchestrator',
      Name: 'sagemaker',
    });
    expect(Template.fromStack(stack).findOutputs('*')).toEqual({});
  });
});

describe('ZenMLStackAttachment', () => {
  test('an attachment adds a component to an existing stack, and two attachments to one stack run one after the other', () => {
    const stack = newStack();
    const zenmlStack = ZenMLStack.fromZenmlStackName(stack, 'Prod', newServer(stack), 'production');
    const component = registryComponent(stack);
    new ZenMLStackAttachment(stack, 'One', { zenmlStack, component, restorePrevious: false });
    new ZenMLStackAttachment(stack, 'Two', {
      zenmlStack,
      component: StackComponent.fromStackComponentId(
        stack,
        'Builder',
        newServer(stack),
        ComponentType.IMAGE_BUILDER,
        UUID,
      ),
      outputs: false,
    });
    const attachments = Template.fromStack(stack).findResources(ATTACHMENT);
    const [one, two] = ['One', 'Two'].map((id) => Object.entries(attachments).find(([name]) => name.startsWith(id))!);
    expect(one![1].Properties).toMatchObject({
      Stack: { Name: 'production' },
      Component: { ComponentType: 'container_registry', Id: { 'Fn::GetAtt': [expect.anything(), 'Id'] } },
      RestorePrevious: 'false',
    });
    expect(two![1].DependsOn).toContain(one![0]);
    Template.fromStack(stack).hasOutput('*', { Value: 'zenml stack set production' });
  });

  test('an attachment is for existing stacks on the same server, and not for "default"', () => {
    const stack = newStack();
    const component = registryComponent(stack);
    const own = new ZenMLStack(stack, 'Own', { server: newServer(stack), components: local(stack) });
    expect(() => new ZenMLStackAttachment(stack, 'A', { zenmlStack: own, component })).toThrow(
      'call its addComponent()',
    );
    const elsewhere = ZenMLStack.fromZenmlStackId(
      stack,
      'Elsewhere',
      newServer(stack, { url: 'https://other.example.com' }),
      UUID,
    );
    expect(() => new ZenMLStackAttachment(stack, 'B', { zenmlStack: elsewhere, component })).toThrow(
      'another ZenML server',
    );
    expect(() => ZenMLStack.fromZenmlStackName(stack, 'Default', newServer(stack), 'default')).toThrow(
      'belong to ZenML',
    );
  });
});

test('adoption needs the name of the object to adopt', () => {
  expect(() => registryComponent(newStack(), 'Registry', { adoptExisting: true })).toThrow(
    'set `stackComponentName` as well',
  );
});

test('two attachments to one stack run one after the other, by whatever reference, and two of one type are refused', () => {
  const stack = newStack();
  const reference = (id: string) => ZenMLStack.fromZenmlStackName(stack, id, newServer(stack), 'production');
  new ZenMLStackAttachment(stack, 'One', { zenmlStack: reference('A'), component: registryComponent(stack) });
  new ZenMLStackAttachment(stack, 'Two', {
    zenmlStack: reference('B'),
    component: StackComponent.fromStackComponentId(
      stack,
      'Builder',
      newServer(stack),
      ComponentType.IMAGE_BUILDER,
      UUID,
    ),
  });
  expect(
    () =>
      new ZenMLStackAttachment(stack, 'Three', {
        zenmlStack: reference('C'),
        component: registryComponent(stack, 'Second'),
      }),
  ).toThrow('must have at most one component of type container_registry');
  const attachments = Object.entries(Template.fromStack(stack).findResources(ATTACHMENT));
  expect(attachments.find(([id]) => id.startsWith('Two'))![1].DependsOn).toContain(
    attachments.find(([id]) => id.startsWith('One'))![0],
  );
});

test('the same app gives the same template twice', () => {
  const synth = () => {
    const stack = newStack();
    new ZenMLStack(stack, 'Production', {
      server: newServer(stack),
      components: [registryComponent(stack), ...local(stack)],
    });
    return JSON.stringify(Template.fromStack(stack).toJSON());
  };
  expect(synth()).toBe(synth());
});
