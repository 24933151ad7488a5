import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ConnectorAuthentication,
  ConnectorResource,
  SelfHostedServerOptions,
  ServiceConnector,
  ZenMLServer,
} from '../../src';
import { apiKey, newServer, newStack, URL, WORKSPACE_ID } from '../support/app';

const SESSIONS = { StringLike: { 'sts:RoleSessionName': 'zenml-connector*' } };
const SERVER_ROLE = 'arn:aws:iam::111122223333:role/zenml-server';
const GOV = { env: { account: '111122223333', region: 'us-gov-west-1' } };

function connect(stack: Stack, server: Partial<SelfHostedServerOptions>, authentication?: ConnectorAuthentication) {
  return new ServiceConnector(stack, 'Connector', {
    server: newServer(stack, server),
    authentication,
    resource: ConnectorResource.s3Bucket('b'),
  });
}

/** The statements of trust of all roles but the handler's. */
function trusts(stack: Stack): any[] {
  return Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role'))
    .filter(([id]) => !id.startsWith('ZenMLRegistration'))
    .flatMap(([, role]: [string, any]) => role.Properties.AssumeRolePolicyDocument.Statement);
}

describe('session tags', () => {
  const tagged = {
    Effect: 'Allow',
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Principal: { AWS: SERVER_ROLE },
    Condition: SESSIONS,
  };

  test("session tags of a server's role (EKS Pod Identity) are passed on to the access role, and to a role of the user", () => {
    const stack = newStack();
    connect(stack, { awsIdentity: new iam.ArnPrincipal(SERVER_ROLE) });
    expect(trusts(stack)).toEqual([tagged]);
    const own = newStack();
    const role = new iam.Role(own, 'Own', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    connect(own, { awsIdentity: new iam.ArnPrincipal(SERVER_ROLE) }, ConnectorAuthentication.implicit({ role }));
    expect(trusts(own)).toEqual([expect.objectContaining({ Action: 'sts:AssumeRole' }), tagged]);
  });

  test('session tags are permitted once where the identity sets them itself', () => {
    const stack = newStack();
    connect(stack, { awsIdentity: new iam.SessionTagsPrincipal(new iam.ArnPrincipal(SERVER_ROLE)) });
    expect(trusts(stack)).toEqual([tagged]);
  });

  test('session tags are not permitted where a user assumes the role, because its sessions have none', () => {
    const stack = newStack();
    connect(stack, {});
    expect(trusts(stack)).toEqual([expect.objectContaining({ Action: 'sts:AssumeRole', Condition: SESSIONS })]);
  });
});

describe('an identity in another account', () => {
  const elsewhere = 'arn:aws:iam::444455556666:role/zenml-server';

  test.each([
    ['as a referenced role', (stack: Stack) => iam.Role.fromRoleArn(stack, 'Srv', elsewhere)],
    ['as an ARN', () => new iam.ArnPrincipal(elsewhere)],
    ['with session tags', () => new iam.SessionTagsPrincipal(new iam.ArnPrincipal(elsewhere))],
  ])('an identity in another account %s needs a permission there, and a warning says so', (_, identity) => {
    const stack = newStack();
    connect(stack, { awsIdentity: identity(stack) });
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('is in account 444455556666.*must allow sts:AssumeRole'),
    );
  });

  test('no warning is given for an identity in the same account, for ZenML Pro, or where the account is unknown', () => {
    const own = newStack();
    connect(own, { awsIdentity: iam.Role.fromRoleArn(own, 'Srv', SERVER_ROLE) });
    const pro = newStack();
    new ServiceConnector(pro, 'C', {
      server: ZenMLServer.pro({ workspaceUrl: URL, workspaceId: WORKSPACE_ID, apiKey: apiKey(pro) }),
      resource: ConnectorResource.s3Bucket('b'),
    });
    const unknown = newStack({});
    connect(unknown, { awsIdentity: new iam.ArnPrincipal(elsewhere) });
    for (const stack of [own, pro, unknown]) {
      Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
    }
  });
});

describe('a whole account as identity', () => {
  test.each([
    ['another one', new iam.AccountPrincipal('999999999999')], ['the own one', new iam.AccountRootPrincipal()],
    ['by ARN', new iam.ArnPrincipal('arn:aws:iam::999999999999:root')], ['by id', new iam.ArnPrincipal('999999999999')],
  ])('a whole account (%s) is refused as the identity of a server', (_, awsIdentity) => {
    expect(() => newServer(newStack(), { awsIdentity })).toThrow('got: the whole account');
  });

  test('an account with a condition that restricts it is accepted as the identity of a server', () => {
    const stack = newStack();
    const awsIdentity = new iam.AccountPrincipal('111122223333').withConditions({
      ArnLike: { 'aws:PrincipalArn': SERVER_ROLE },
    });
    connect(stack, { awsIdentity });
    expect(trusts(stack)[0].Condition).toEqual({ ArnLike: { 'aws:PrincipalArn': SERVER_ROLE }, ...SESSIONS });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

test('a role that requires an external id gets a trust statement without one, and a warning', () => {
  const stack = newStack();
  const role = new iam.Role(stack, 'Own', { assumedBy: new iam.AccountRootPrincipal(), externalIds: ['x1'] });
  connect(stack, { awsIdentity: new iam.ArnPrincipal(SERVER_ROLE) }, ConnectorAuthentication.implicit({ role }));
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('Main/Own requires an external id'));
});

test('a referenced role must trust the user that the library creates, and a warning says so before the deploy fails', () => {
  const stack = newStack();
  connect(
    stack,
    {},
    ConnectorAuthentication.iamRole({
      role: iam.Role.fromRoleArn(stack, 'Given', 'arn:aws:iam::111122223333:role/zenml'),
    }),
  );
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('role/zenml is an imported role.*user Main/Connector/User.*111122223333:user/Main-\\*'),
  );
  const keys = newStack();
  connect(
    keys,
    {},
    ConnectorAuthentication.iamRole({
      role: iam.Role.fromRoleArn(keys, 'Given', 'arn:aws:iam::111122223333:role/zenml'),
      keys: { secret: Secret.fromSecretNameV2(keys, 'Keys', 'aws/keys') },
    }),
  );
  Annotations.fromStack(keys).hasNoWarning('*', Match.anyValue());
});

describe('partitions', () => {
  test.each<[string, (stack: Stack) => void, string]>([
    [
      'an identity',
      (stack) => connect(stack, { awsIdentity: new iam.ArnPrincipal(SERVER_ROLE) }),
      "`awsIdentity` must be in the stack's partition aws-us-gov",
    ],
    [
      'ZenML Pro',
      (stack) =>
        new ServiceConnector(stack, 'C', {
          server: ZenMLServer.pro({ workspaceUrl: URL, workspaceId: WORKSPACE_ID, apiKey: apiKey(stack) }),
          resource: ConnectorResource.s3Bucket('b'),
        }),
      "the identity of ZenML Pro must be in the stack's partition",
    ],
    [
      'a role',
      (stack) =>
        connect(stack, {}, ConnectorAuthentication.iamRole({ role: iam.Role.fromRoleArn(stack, 'R', SERVER_ROLE) })),
      "`role` must be in the stack's partition",
    ],
    [
      'a role for implicit',
      (stack) =>
        connect(
          stack,
          { implicitAuthentication: true },
          ConnectorAuthentication.implicit({ role: iam.Role.fromRoleArn(stack, 'R', SERVER_ROLE) }),
        ),
      "`role` must be in the stack's partition",
    ],
    [
      'a secret',
      (stack) =>
        connect(stack, {
          apiKey: Secret.fromSecretCompleteArn(
            stack,
            'S',
            'arn:aws:secretsmanager:us-east-1:111122223333:secret:zenml-abcdef',
          ),
        }),
      "the secret must be in the stack's partition",
    ],
    [
      "the connector's Region",
      (stack) =>
        new ServiceConnector(stack, 'C', {
          server: newServer(stack),
          region: 'eu-west-1',
          resource: ConnectorResource.s3Bucket('b'),
        }),
      "`region` must be in the stack's partition",
    ],
  ])('%s of another partition is refused', (_, make, why) => {
    expect(() => make(newStack(GOV))).toThrow(why);
    expect(() => make(newStack(GOV))).toThrow('principals and keys do not work across partitions');
    make(newStack({})); // may be anywhere
  });

  test('an identity of the stack\'s own partition is accepted', () => {
    const stack = newStack(GOV);
    connect(stack, { awsIdentity: new iam.ArnPrincipal('arn:aws-us-gov:iam::111122223333:role/zenml-server') });
    expect(trusts(stack)).toHaveLength(1);
  });
});
