import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ConnectorAuthentication,
  ConnectorResource,
  ecr_registry,
  EcrContainerRegistry,
  EcrContainerRegistryProps,
  RegistryAuthentication,
  ServiceConnector,
} from '../../src';
import { newServer, newStack, only } from '../support/app';
import { permits, PolicyDocument } from '../support/policy-evaluator';

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const { CreationScenario, RepositoryCreationTemplate } = ecr_registry;

type Props = Partial<EcrContainerRegistryProps>;
type TemplateProps = Partial<ecr_registry.RepositoryCreationTemplateProps>;

function define(props: Props | ((stack: Stack) => Props) = {}, template: TemplateProps = {}) {
  const stack = newStack();
  new EcrContainerRegistry(stack, 'Registry', {
    server: newServer(stack),
    repositoryNames: ['team/zenml'],
    repositoryTemplate: new RepositoryCreationTemplate(stack, 'OnPush', { prefix: 'team/', ...template }),
    ...(typeof props === 'function' ? props(stack) : props),
  });
  return stack;
}

const allows = (document: PolicyDocument, action: string, repository: string) =>
  permits([document], { action, resource: `arn:aws:ecr:eu-west-1:111122223333:repository/${repository}` });

function accessRights(stack: Stack): PolicyDocument {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as any[];
  const document = policies
    .map(({ Properties }) => Properties.PolicyDocument)
    .find(({ Statement }) => Statement.some(({ Sid }: any) => Sid === 'PushAndPull'));
  return JSON.parse(
    JSON.stringify(document).replace(
      /\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]*)"\]\]\}/g,
      '"arn:aws$1"',
    ),
  ) as PolicyDocument;
}

const sessionPolicy = (stack: Stack): PolicyDocument => {
  const text = only(stack, 'Custom::ZenMLServiceConnector').Properties.SessionPolicy as {
    'Fn::Join': [string, unknown[]];
  };
  return JSON.parse(
    text['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'aws')).join(''),
  ) as PolicyDocument;
};

describe('repositories created on push', () => {
  test('ZenML and the sessions of its connector may create, push and pull repositories under the prefix', () => {
    const stack = define();
    const [role, session] = [accessRights(stack), sessionPolicy(stack)];
    for (const action of ['ecr:CreateRepository', 'ecr:PutImage', 'ecr:BatchGetImage']) {
      expect([allows(role, action, 'team/new'), allows(session, action, 'team/new')]).toEqual([true, true]);
      expect(allows(role, action, 'other/new')).toBe(false);
    }
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::RepositoryCreationTemplate', {
      Prefix: 'team',
      AppliedFor: ['CREATE_ON_PUSH'],
    });
  });

  test('sessions of a federation token may create repositories as well, and a given session policy is used unchanged', () => {
    const keys = (stack: Stack) => ({ secret: Secret.fromSecretNameV2(stack, 'Keys', 'keys') });
    const stack = define((scope) => ({
      authentication: RegistryAuthentication.connector(ConnectorAuthentication.federationToken(keys(scope))),
    }));
    expect(allows(sessionPolicy(stack), 'ecr:CreateRepository', 'team/new')).toBe(true);
  });

  test('without a template nobody may create repositories, and the server writes the session policy', () => {
    const stack = define({ repositoryTemplate: undefined });
    expect(allows(accessRights(stack), 'ecr:CreateRepository', 'team/zenml')).toBe(false);
    expect(only(stack, 'Custom::ZenMLServiceConnector').Properties.SessionPolicy).toBeUndefined();
  });

  test('a connector that several registries share decides for all of them whether repositories are created on push', () => {
    const shared = (createOnPush?: boolean) =>
      define((stack) => ({
        authentication: RegistryAuthentication.existingConnector(
          new ServiceConnector(stack, 'Shared', {
            server: newServer(stack),
            resource: ConnectorResource.dockerRegistry(HOST, { createOnPush }),
          }),
        ),
      }));
    Annotations.fromStack(shared()).hasWarning('*', Match.stringLikeRegexp('may not create repositories'));
    Annotations.fromStack(shared(true)).hasNoWarning('*', Match.stringLikeRegexp('may not create repositories'));
  });

  test.each<[string, Props, TemplateProps, string]>([
    [
      'a template for other occasions',
      {},
      { appliedFor: [CreationScenario.REPLICATION] },
      'add CreationScenario.CREATE_ON_PUSH to its `appliedFor`',
    ],
    ['a template for everything', {}, { prefix: 'ROOT' }, 'set `prefix` of the template'],
    [
      'tags that cannot move',
      {},
      { imageTagMutability: ecr.TagMutability.IMMUTABLE },
      '`repositoryTemplate` must not have immutable tags',
    ],
    [
      'another prefix beside it',
      { repositoryPrefix: 'group/' },
      {},
      '`repositoryPrefix` must be "team/", the prefix of `repositoryTemplate`, got: "group/"',
    ],
    [
      'a repository outside of the prefix',
      { repositoryNames: ['zenml'] },
      {},
      'must be the start of all repository names of the registry, it is "team/", got: "zenml"',
    ],
    [
      'a repository without a name',
      { repositoryNames: undefined },
      {},
      'repository Main/Registry/Repository, whose name CloudFormation generates: set its name, for example `repositoryNames`: ["team/zenml"]',
    ],
  ])('%s is refused', (_, props, template, message) => {
    expect(() => define(props, template)).toThrow(message);
  });

  test('a template of another Region is refused', () => {
    const stack = newStack();
    const elsewhere = new Stack(stack.node.root, 'Elsewhere', {
      env: { account: '111122223333', region: 'us-east-1' },
    });
    expect(
      () =>
        new EcrContainerRegistry(stack, 'Registry', {
          server: newServer(stack),
          repositoryNames: ['team/zenml'],
          repositoryTemplate: new RepositoryCreationTemplate(elsewhere, 'OnPush', { prefix: 'team' }),
        }),
    ).toThrow(
      '`repositoryTemplate` must be in the account and Region of the registry, 111122223333 in eu-west-1, got: 111122223333 in us-east-1',
    );
  });
});
