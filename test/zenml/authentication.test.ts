import { App, Duration, Stack } from 'aws-cdk-lib';
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
import { apiKey, bindings, newServer, newStack, only, URL, WORKSPACE_ID } from '../support/app';

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const CONNECTOR = 'Custom::ZenMLServiceConnector';
const SESSIONS = { StringLike: { 'sts:RoleSessionName': 'zenml-connector*' } };

function connect(
  authentication?: ConnectorAuthentication,
  server: Partial<SelfHostedServerOptions> = {},
  stack: Stack = newStack(),
) {
  const connector = new ServiceConnector(stack, 'Connector', {
    server: newServer(stack, server),
    authentication,
    resource: ConnectorResource.dockerRegistry(HOST),
  });
  return {
    stack,
    connector,
    template: () => Template.fromStack(stack),
    properties: () => only(stack, CONNECTOR).Properties,
  };
}

const keysIn = (stack: Stack) => Secret.fromSecretNameV2(stack, 'Keys', 'aws/keys');

describe('iamRole', () => {
  test('iamRole is the default of a server whose identity is unknown, with a user that may only assume the role', () => {
    const { template, properties } = connect();
    expect(properties()).toMatchObject({
      AuthMethod: 'iam-role',
      ResourceType: 'docker-registry',
      ResourceId: HOST,
      Region: 'eu-west-1',
      ExpirationSeconds: '3600',
    });
    template().resourceCountIs('AWS::IAM::User', 1);
    template().hasResourceProperties('AWS::IAM::Policy', {
      Users: [Match.anyValue()],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('AccessRole'), 'Arn'] },
          },
        ],
      },
    });
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { AWS: { 'Fn::GetAtt': [Match.stringLikeRegexp('User'), 'Arn'] } },
            Condition: SESSIONS,
          },
        ],
      },
      MaxSessionDuration: 3600,
    });
  });

  test('the role of iamRole may log in and list, and nothing more until something is granted', () => {
    const { template } = connect();
    template().hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('AccessRole') }],
      PolicyDocument: {
        Statement: [
          { Sid: 'LogIn', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
          {
            Sid: 'ListRepositories',
            Effect: 'Allow',
            Action: 'ecr:DescribeRepositories',
            Resource: {
              'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecr:eu-west-1:111122223333:repository/*']],
            },
          },
        ],
      },
    });
  });

  test('the handler gets the key as the ARN of a secret that is bound to the server, and the id of the key as what changes', () => {
    const { stack, properties } = connect();
    expect(bindings(stack)).toEqual(
      expect.arrayContaining([
        {
          kind: 'keys',
          url: URL,
          secretId: expect.stringMatching(/^<ConnectorUserAccessKeySecret0/),
          accessKeyIdField: 'aws_access_key_id',
          secretAccessKeyField: 'aws_secret_access_key',
        },
      ]),
    );
    expect(properties().KeysVersion).toEqual({ Ref: expect.stringMatching(/^ConnectorUserAccessKey0/) });
  });

  test('a higher serial creates a new key and its secret, and leaves nothing of the old key in the template', () => {
    const idsOf = (accessKeySerial?: number) => {
      const { template } = connect(ConnectorAuthentication.iamRole({ accessKeySerial }));
      return ['AWS::IAM::AccessKey', 'AWS::SecretsManager::Secret', 'AWS::SSM::Parameter'].flatMap((type) =>
        Object.keys(template().findResources(type)),
      );
    };
    const [before, after] = [idsOf(), idsOf(1)];
    expect(after).toHaveLength(before.length);
    // All but the server's binding.
    expect(before.filter((id) => after.includes(id))).toEqual([expect.stringMatching(/Server/)]);
    expect(idsOf(0)).toEqual(before);
  });

  test('keys given by the user need the role, and no user is created', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
    const { template, properties } = connect(
      ConnectorAuthentication.iamRole({ role, keys: { secret: keysIn(stack), accessKeyIdField: 'id', version: 'v1' } }),
      {},
      stack,
    );
    expect(properties()).toMatchObject({
      KeysVersion: 'v1',
      RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^Role/), 'Arn'] },
    });
    expect(bindings(stack)).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'keys', accessKeyIdField: 'id', versionId: 'v1' })]),
    );
    template().resourceCountIs('AWS::IAM::User', 0);
    expect(() => connect(ConnectorAuthentication.iamRole({ keys: { secret: keysIn(newStack()) } }))).toThrow(
      'need the `role`',
    );
    expect(() =>
      ConnectorAuthentication.iamRole({ role, keys: { secret: keysIn(newStack()) }, accessKeySerial: 1 }),
    ).toThrow('change `keys.version` instead');
  });

  test('a role of the app trusts the user, and a referenced role is used unchanged', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
    const { template } = connect(ConnectorAuthentication.iamRole({ role }), {}, stack);
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({ Principal: { Service: 'sagemaker.amazonaws.com' } }),
          Match.objectLike({ Condition: SESSIONS }),
        ],
      },
    });
    const other = newStack();
    const referenced = iam.Role.fromRoleArn(other, 'Role', 'arn:aws:iam::111122223333:role/zenml');
    expect(connect(ConnectorAuthentication.iamRole({ role: referenced }), {}, other).properties().RoleArn).toBe(
      'arn:aws:iam::111122223333:role/zenml',
    );
  });

  test('durations raise the maximum of the role and stay within AWS\'s limits', () => {
    const { template, properties } = connect(ConnectorAuthentication.iamRole({ sessionDuration: Duration.hours(4) }));
    template().hasResourceProperties('AWS::IAM::Role', {
      MaxSessionDuration: 14400,
      AssumeRolePolicyDocument: Match.anyValue(),
    });
    expect(properties().ExpirationSeconds).toBe('14400');
    for (const sessionDuration of [Duration.seconds(899), Duration.hours(13)]) {
      expect(() => ConnectorAuthentication.iamRole({ sessionDuration })).toThrow(
        '`sessionDuration` must be between 900 and 43200 seconds',
      );
    }
    expect(() => ConnectorAuthentication.iamRole({ accessKeySerial: 1.5 })).toThrow(
      '`accessKeySerial` must be a whole number',
    );
  });

  test('another path creates another role with its own permissions, so that the old one works until the connector is updated', () => {
    const accessOf = (path?: string) => {
      const template = connect(ConnectorAuthentication.iamRole({ path })).template();
      const ids = (type: string, of: RegExp) => Object.keys(template.findResources(type)).filter((id) => of.test(id));
      return { role: ids('AWS::IAM::Role', /AccessRole/), rights: ids('AWS::IAM::Policy', /ConnectorRegistry/) };
    };
    const [without, zenml, team] = [accessOf(), accessOf('/zenml/'), accessOf('/team/')];
    expect([without.role, without.rights].map((ids) => ids.length)).toEqual([1, 1]);
    for (const key of ['role', 'rights'] as const) {
      expect(new Set([...without[key], ...zenml[key], ...team[key]]).size).toBe(3);
    }
    expect(accessOf('/zenml/')).toEqual(zenml);
  });

  test('path and permissions boundary apply to role and user', () => {
    const stack = newStack();
    const permissionsBoundary = iam.ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'limits');
    const { template } = connect(ConnectorAuthentication.iamRole({ path: '/zenml/', permissionsBoundary }), {}, stack);
    template().hasResourceProperties('AWS::IAM::User', { Path: '/zenml/', PermissionsBoundary: Match.anyValue() });
    template().hasResourceProperties('AWS::IAM::Role', { Path: '/zenml/', PermissionsBoundary: Match.anyValue() });
    const role = iam.Role.fromRoleArn(stack, 'Given', 'arn:aws:iam::111122223333:role/zenml');
    expect(() => ConnectorAuthentication.iamRole({ path: '/zenml/', role })).toThrow('set them on that role');
  });

  test('all resources of iamRole exist until the connector is deleted', () => {
    const { stack, template } = connect();
    const dependencies: string[] = only(stack, CONNECTOR).DependsOn;
    for (const type of ['AWS::IAM::User', 'AWS::IAM::AccessKey', 'AWS::SecretsManager::Secret']) {
      expect(dependencies).toEqual(expect.arrayContaining(Object.keys(template().findResources(type))));
    }
    expect(dependencies).toEqual(
      expect.arrayContaining([expect.stringMatching(/UserAssume/), expect.stringMatching(/^ConnectorRegistry/)]),
    );
  });
});

test('permissions for another role or Region are separate policies, and the old ones are deleted when nothing uses them', () => {
  const policiesOf = (authentication?: (stack: Stack) => ConnectorAuthentication, region = 'eu-west-1') => {
    const stack = newStack();
    new ServiceConnector(stack, 'Connector', {
      server: newServer(stack),
      authentication: authentication?.(stack),
      region,
      resource: ConnectorResource.dockerRegistry(HOST),
    });
    return Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
      .filter((id) => id.startsWith('Connector'))
      .sort();
  };
  const [assume, registry] = policiesOf().reverse();
  expect([assume, registry]).toEqual([
    expect.stringMatching(/^ConnectorUserAssume/),
    expect.stringMatching(/^ConnectorRegistry/),
  ]);
  const elsewhere = policiesOf(undefined, 'us-east-1');
  expect(elsewhere).toContain(assume);
  expect(elsewhere).not.toContain(registry);
  const other = policiesOf((stack) =>
    ConnectorAuthentication.iamRole({
      role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/zenml'),
    }),
  );
  expect(other).toHaveLength(2);
  expect(other.filter((id) => id === assume || id === registry)).toEqual([]);
});

describe('implicit', () => {
  const awsIdentity = new iam.ArnPrincipal('arn:aws:iam::111122223333:role/zenml-server');

  test('implicit is the default of a server whose identity is known, without user, key or second secret', () => {
    const { template, properties } = connect(undefined, { awsIdentity });
    expect(properties()).toMatchObject({ AuthMethod: 'implicit' });
    expect(properties().KeysBinding).toBeUndefined();
    for (const type of ['AWS::IAM::User', 'AWS::IAM::AccessKey', 'AWS::SecretsManager::Secret']) {
      template().resourceCountIs(type, 0);
    }
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({ Principal: { AWS: 'arn:aws:iam::111122223333:role/zenml-server' }, Condition: SESSIONS }),
        ],
      },
    });
  });

  test('implicit is the default of ZenML Pro, and trusts only this workspace', () => {
    const stack = newStack();
    const server = ZenMLServer.pro({ workspaceUrl: URL, workspaceId: WORKSPACE_ID, apiKey: apiKey(stack) });
    new ServiceConnector(stack, 'Connector', { server, resource: ConnectorResource.dockerRegistry(HOST) });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { AWS: `arn:aws:iam::715803424590:role/zenml-${WORKSPACE_ID}` },
            Condition: SESSIONS,
          }),
        ],
      },
    });
  });

  test('implicit needs an identity to trust, and warns when the server is not known to permit it', () => {
    expect(() => connect(ConnectorAuthentication.implicit())).toThrow('set `awsIdentity` of ZenMLServer.selfHosted');
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/zenml');
    connect(ConnectorAuthentication.implicit({ role }), {}, stack);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('ZENML_ENABLE_IMPLICIT_AUTH_METHODS'));
  });

  test('implicit has its own role, so that a change of method never removes the trust from a connector in use', () => {
    const roleOf = (server: Partial<SelfHostedServerOptions>) => Object.keys(connect(undefined, server).template()
      .findResources('AWS::IAM::Role', { Properties: { Description: 'Assumed by a ZenML service connector' } }));
    expect(roleOf({})).not.toEqual(roleOf({ awsIdentity }));
  });
});

test('implicit sessions last an hour at most, and the limit of a given role is checked', () => {
  expect(() => ConnectorAuthentication.implicit({ sessionDuration: Duration.hours(2) })).toThrow(
    'between 900 and 3600 seconds',
  );
  const stack = newStack();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  expect(() =>
    connect(ConnectorAuthentication.iamRole({ role, sessionDuration: Duration.hours(2) }), {}, stack),
  ).toThrow('raise its maxSessionDuration');
});

test('a role that another stack defines is refused with advice, where aws-cdk would only report a cycle', () => {
  const app = new App();
  const role = new iam.Role(new Stack(app, 'Owner'), 'Role', { assumedBy: new iam.AccountRootPrincipal() });
  expect(() => connect(ConnectorAuthentication.iamRole({ role }), {}, new Stack(app, 'Main'))).toThrow(
    'import it by iam.Role.fromRoleArn',
  );
});

describe('methods that store keys with their own permissions', () => {
  test.each([
    ['secret-key', (stack: Stack) => ConnectorAuthentication.secretKey({ secret: keysIn(stack) }), undefined],
    ['session-token', (stack: Stack) => ConnectorAuthentication.sessionToken({ secret: keysIn(stack) }), '43200'],
    [
      'federation-token',
      (stack: Stack) =>
        ConnectorAuthentication.federationToken({ secret: keysIn(stack) }, { sessionDuration: Duration.hours(2) }),
      '7200',
    ],
  ])('%s creates no role and no user, and gives a warning', (method, make, expiration) => {
    const stack = newStack();
    const { template, properties, connector } = connect(make(stack), {}, stack);
    expect(properties()).toMatchObject({ AuthMethod: method });
    expect(properties().ExpirationSeconds).toBe(expiration);
    expect(connector.accessRole).toBeUndefined();
    template().resourceCountIs('AWS::IAM::User', 0);
    expect(bindings(stack)).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'keys', url: URL })]));
    Annotations.fromStack(stack).hasWarning(
      '/Main/Connector',
      Match.stringLikeRegexp('every user of an open-source server can read it'),
    );
  });

  test('federationToken accepts a session policy', () => {
    const stack = newStack();
    const sessionPolicy = new iam.PolicyDocument({
      statements: [new iam.PolicyStatement({ actions: ['ecr:*'], resources: ['*'] })],
    });
    const authentication = ConnectorAuthentication.federationToken({ secret: keysIn(stack) }, { sessionPolicy });
    expect(JSON.parse(connect(authentication, {}, stack).properties().SessionPolicy))
      .toMatchObject({ Statement: [{ Action: 'ecr:*' }] });
  });

  test('durations of token methods stay within AWS\'s limits', () => {
    const keys = { secret: keysIn(newStack()) };
    expect(() => ConnectorAuthentication.sessionToken(keys, { sessionDuration: Duration.hours(37) })).toThrow(
      'between 900 and 129600 seconds',
    );
    expect(() => ConnectorAuthentication.federationToken(keys, { sessionDuration: Duration.minutes(14) })).toThrow(
      'between 900 and 129600 seconds',
    );
  });
});

describe('stsToken', () => {
  test('stsToken stores when the keys expire', () => {
    const stack = newStack();
    const { properties } = connect(
      ConnectorAuthentication.stsToken({ secret: keysIn(stack) }, { expiresAt: '2026-12-31T18:00:00Z' }),
      {},
      stack,
    );
    expect(properties()).toMatchObject({ AuthMethod: 'sts-token', ExpiresAt: '2026-12-31T18:00:00Z' });
    expect(bindings(stack)).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'keys', sessionTokenField: 'aws_session_token' })]),
    );
  });

  test.each(['tomorrow', '2026-12-31', '2026-13-31T18:00:00Z'])('%s is not a date and time', (expiresAt) => {
    expect(() => ConnectorAuthentication.stsToken({ secret: keysIn(newStack()) }, { expiresAt })).toThrow(
      '`expiresAt` must be a date and time with zone',
    );
  });
});

describe('the session policy', () => {
  test('the session policy is left to the server in a known Region of the partition aws', () => {
    expect(connect().properties().SessionPolicy).toBeUndefined();
  });

  test.each([
    ['GovCloud', { env: { account: '111122223333', region: 'us-gov-west-1' } }],
    ['an unknown Region', {}],
  ])('the session policy is written by the library in %s, for the right partition', (_, props) => {
    const stack = newStack(props);
    const connector = () =>
      new ServiceConnector(stack, 'Connector', {
        server: newServer(stack),
        resource: ConnectorResource.dockerRegistry('111122223333.dkr.ecr.us-gov-west-1.amazonaws.com'),
      });
    connector();
    expect(JSON.stringify(only(stack, CONNECTOR).Properties.SessionPolicy)).toMatch(/AWS::Partition.*:ecr:/);
  });

  test('a session policy longer than AWS\'s limit is refused', () => {
    const sessionPolicy = new iam.PolicyDocument({
      statements: [...Array(40).keys()].map(
        (i) =>
          new iam.PolicyStatement({
            actions: [`ecr:Get${i}`],
            resources: [`arn:aws:ecr:eu-west-1:111122223333:repository/r${i}`],
          }),
      ),
    });
    expect(() => connect(ConnectorAuthentication.iamRole({ sessionPolicy }))).toThrow('at most 2048 characters');
  });
});
