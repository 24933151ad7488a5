import { App, MissingRemovalPolicies, NestedStack, RemovalPolicies, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import {
  ComponentType,
  ConnectorAuthentication,
  ConnectorResource,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  ServiceConnector,
  StackComponent,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { newServer, newStack } from '../support/app';

/** What only the function needs: it may go when nothing is registered through it any more. */
const OF_HANDLER = /^ZenMLRegistration/;
const SERVER_ROLE = new iam.ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server');

interface Resource { Type: string; DeletionPolicy?: string; UpdateReplacePolicy?: string }

function define(props: Partial<EcrContainerRegistryProps> = {}, stack = newStack(), awsIdentity?: iam.IPrincipal) {
  return new EcrContainerRegistry(stack, 'Registry', {
    server: newServer(stack, { awsIdentity }),
    repositoryNames: ['zenml'],
    ...props,
  });
}

/** All that is not the handler's, as `type deletion/replacement`. */
function fates(stack: Stack): string[] {
  const resources = Template.fromStack(stack).toJSON().Resources as Record<string, Resource>;
  return [
    ...new Set(
      Object.entries(resources)
        .filter(([id]) => !OF_HANDLER.test(id))
        .map(([, one]) => `${one.Type} ${one.DeletionPolicy}/${one.UpdateReplacePolicy}`),
    ),
  ].sort();
}

const LIVED_FROM = [
  'AWS::IAM::AccessKey',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::User',
  'AWS::SecretsManager::Secret',
];
const REGISTERED = ['Custom::ZenMLServiceConnector', 'Custom::ZenMLStackAttachment', 'Custom::ZenMLStackComponent'];
const REPOSITORY = 'AWS::ECR::Repository RetainExceptOnCreate/Retain';

describe('resources of a retained registration', () => {
  test('RETAIN keeps all resources that a retained registration needs, including permissions that are added later', () => {
    const stack = newStack();
    const registry = define(
      { removalPolicy: RemovalPolicy.RETAIN, pullFrom: [ecr.Repository.fromRepositoryName(stack, 'Base', 'base')] },
      stack,
    );
    registry.attachToStack('Attachment', ZenMLStack.fromZenmlStackName(stack, 'Prod', newServer(stack), 'production'));
    registry.addRepository('later');
    s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts').grantRead(registry.accessRole!);
    expect(fates(stack)).toEqual([
      REPOSITORY,
      ...[...LIVED_FROM, ...REGISTERED].map((type) => `${type} RetainExceptOnCreate/Retain`),
    ]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('RETAIN keeps the same without keys, with RetainExceptOnCreate, and for a connector without a registry', () => {
    const implicit = newStack();
    define({ removalPolicy: RemovalPolicy.RETAIN }, implicit, SERVER_ROLE);
    expect(fates(implicit).filter((one) => !one.endsWith('RetainExceptOnCreate/Retain'))).toEqual([]);
    const except = newStack();
    define({ removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE }, except);
    expect(fates(except).filter((one) => !one.endsWith('RetainExceptOnCreate/Retain'))).toEqual([]);
    const alone = newStack();
    new ServiceConnector(alone, 'C', {
      server: newServer(alone),
      resource: ConnectorResource.s3Bucket('b'),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    expect(fates(alone).filter((one) => !one.endsWith('RetainExceptOnCreate/Retain'))).toEqual([]);
  });

  test.each([
    ['by default', undefined],
    ['with DESTROY', RemovalPolicy.DESTROY],
  ])('all resources are deleted %s, and each resource states this itself', (_, removalPolicy) => {
    const stack = newStack();
    const registry = define({ removalPolicy }, stack);
    s3.Bucket.fromBucketName(stack, 'Bucket', 'artifacts').grantRead(registry.accessRole!);
    MissingRemovalPolicies.of(stack).retain();
    expect(fates(stack).filter((one) => !one.endsWith('Delete/Delete'))).toEqual([REPOSITORY]);
  });

  test('RemovalPolicies of a scope apply to all resources of a registration', () => {
    const stack = newStack();
    RemovalPolicies.of(define({}, stack)).retain();
    expect(fates(stack).filter((one) => !one.endsWith(' Retain/Retain'))).toEqual([]);
  });

  test('RETAIN works with roles that are created elsewhere (customizeRoles)', () => {
    const stack = newStack();
    iam.Role.customizeRoles(stack, {
      usePrecreatedRoles: { 'Main/Registry/Connector/AccessRole': 'given', 'Main/ZenMLRegistration/Role': 'handler' },
    });
    define({ removalPolicy: RemovalPolicy.RETAIN }, stack);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 0);
  });

  test.each<[string, (stack: Stack) => void, RegExp]>([
    [
      'a repository',
      (stack) =>
        define(
          { removalPolicy: RemovalPolicy.RETAIN, repositoryDefaults: { removalPolicy: RemovalPolicy.DESTROY } },
          stack,
        ),
      /that the object needs: Main\/Registry\/zenml\./,
    ],
    [
      "a role of one's own",
      (stack) =>
        define(
          {
            removalPolicy: RemovalPolicy.RETAIN,
            authentication: RegistryAuthentication.connector(
              ConnectorAuthentication.iamRole({
                role: new iam.Role(stack, 'Own', { assumedBy: new iam.AccountRootPrincipal() }),
              }),
            ),
          },
          stack,
        ),
      /Main\/Own/,
    ],
    [
      'a connector',
      (stack) => {
        const connector = new ServiceConnector(stack, 'C', {
          server: newServer(stack),
          resource: ConnectorResource.s3Bucket('b'),
        });
        new StackComponent(stack, 'Store', {
          server: newServer(stack),
          componentType: ComponentType.ARTIFACT_STORE,
          flavor: 's3',
          connector,
          removalPolicy: RemovalPolicy.RETAIN,
        });
      },
      /Main\/C\./,
    ],
    [
      'a component of a ZenML stack',
      (stack) => {
        const whole = new ZenMLStack(stack, 'Whole', {
          server: newServer(stack),
          removalPolicy: RemovalPolicy.RETAIN,
          components: [
            define({}, stack),
            StackComponent.fromStackComponentName(stack, 'O', newServer(stack), ComponentType.ORCHESTRATOR, 'default'),
          ],
        });
        whole.addComponent(
          new StackComponent(stack, 'Store', {
            server: newServer(stack),
            componentType: ComponentType.ARTIFACT_STORE,
            flavor: 'local',
          }),
        );
      },
      /Main\/Registry\/Component, Main\/Store\./,
    ],
    [
      'a component of a stack of others',
      (stack) =>
        new ZenMLStackAttachment(stack, 'A', {
          zenmlStack: ZenMLStack.fromZenmlStackName(stack, 'Prod', newServer(stack), 'production'),
          component: define({}, stack),
          removalPolicy: RemovalPolicy.RETAIN,
        }),
      /Main\/Registry\/Component\./,
    ],
  ])('a warning names %s that is deleted while the object is retained', (_, make, named) => {
    const stack = newStack();
    make(stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp(named.source));
  });

  test('a rotated access key is retained as well, and a warning says what to do', () => {
    const stack = newStack();
    const authentication = RegistryAuthentication.connector(ConnectorAuthentication.iamRole({ accessKeySerial: 1 }));
    define({ removalPolicy: RemovalPolicy.RETAIN, authentication }, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('aws iam delete-access-key'));
  });
});

describe('adoption', () => {
  test('adoption is refused for connectors, with two alternatives', () => {
    const stack = newStack();
    const adopt = () =>
      new ServiceConnector(newStack(), 'C', {
        server: newServer(stack),
        resource: ConnectorResource.s3Bucket('b'),
        serviceConnectorName: 'theirs',
        adoptExisting: true,
      });
    expect(adopt).toThrow('`adoptExisting` must not be set for service connectors');
    expect(adopt).toThrow(/leave `serviceConnectorName` out.*RegistryAuthentication\.existingConnector/);
  });

  test('adoption of a registry applies only to its component', () => {
    const stack = newStack();
    define({ stackComponentName: 'ecr', serviceConnectorName: 'ecr', adoptExisting: true }, stack);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ZenMLStackComponent', { AdoptExisting: 'true', Name: 'ecr' });
    template.hasResourceProperties('Custom::ZenMLServiceConnector', { AdoptExisting: Match.absent(), Name: 'ecr' });
  });
});

describe('deletion of the CloudFormation stack', () => {
  const told = (stack: Stack) =>
    Annotations.fromStack(stack)
      .findInfo('*', Match.stringLikeRegexp('CloudFormation goes on and deletes'))
      .map(({ id, entry }) => [id, entry.data]);

  test('the order of deletion is explained at synth, once for each registry or connector, and without a warning', () => {
    const stack = newStack();
    define({}, stack);
    expect(told(stack)).toEqual([
      ['/Main/Registry', expect.stringContaining('the role, user, key and function that the object needs')],
    ]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    const alone = newStack();
    new ServiceConnector(alone, 'C', { server: newServer(alone), resource: ConnectorResource.s3Bucket('b') });
    expect(told(alone)).toHaveLength(1);
    const docker = newStack();
    define({ authentication: RegistryAuthentication.localDocker() }, docker);
    expect(told(docker)).toEqual([['/Main/Registry', expect.not.stringContaining('role, user, key')]]);
  });

  test('the order of deletion is not explained where the stack is protected or the object is retained', () => {
    const late = newStack();
    define({}, late);
    late.terminationProtection = true;
    expect(told(late)).toEqual([]);
    const kept = newStack();
    define({ removalPolicy: RemovalPolicy.RETAIN }, kept);
    expect(told(kept)).toEqual([]);
    const acknowledged = newStack();
    define({}, acknowledged);
    const { Annotations: annotations } = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
    annotations.of(acknowledged).acknowledgeInfo('cdk-zenml:stackDeletion');
    expect(told(acknowledged)).toEqual([]);
  });

  test('a prop protects the CloudFormation stack against deletion, for a nested stack its parent', () => {
    const app = new App();
    const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'eu-west-1' } });
    define({ terminationProtection: true }, stack);
    expect(stack.terminationProtection).toBe(true);
    expect(told(stack)).toEqual([]);
    const parent = newStack();
    define({ terminationProtection: true }, new NestedStack(parent, 'Nested'));
    expect(parent.terminationProtection).toBe(true);
    const untouched = new Stack(new App(), 'Main', { terminationProtection: true });
    define({ terminationProtection: false }, untouched);
    expect(untouched.terminationProtection).toBe(true);
  });
});
