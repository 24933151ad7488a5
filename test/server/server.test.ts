import { App, Aws, CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  CertificateAuthority,
  ComponentType,
  EcrContainerRegistry,
  StackComponent,
  ZenMLServer,
  ZenMLStack,
  ZenMLStackAttachment,
} from '../../src';
import { apiKey, bindings, newServer, newStack, URL, WORKSPACE_ID } from '../support/app';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

function register(stack: ReturnType<typeof newStack>, server: ZenMLServer, id = 'Component') {
  return new StackComponent(stack, id, { server, componentType: ComponentType.ORCHESTRATOR, flavor: 'local' });
}

describe('the URL', () => {
  test.each([
    ['no url', 'it must be a URL'],
    ['ftp://zenml.example.com', 'it must start with https://'],
    ['http://zenml.example.com', 'plain http would send the API key in clear'],
    ['https://zenml.example.com?x=1', 'without ? or #'],
    ['https://169.254.169.254', 'link-local'],
    ['https://cloud.zenml.io', 'control plane'],
    ['https://cloudapi.zenml.io', 'control plane'],
    ['https://zenml.example.com/api/v1', 'without /api/v1 or /login'],
    [undefined as unknown as string, '`url` is missing: set it to the server\'s base URL'],
    ['{{resolve:ssm:url}}', 'dynamic reference'],
  ])('the URL %s is refused: %s', (url, why) => {
    const stack = newStack();
    expect(() => newServer(stack, { url })).toThrow(why);
    expect(() => newServer(stack, { url })).toThrow('`url`');
  });

  test('a URL with a password is refused, and the password is not repeated', () => {
    const attempt = () => newServer(newStack(), { url: 'https://me:hunter2@zenml.example.com' });
    expect(attempt).toThrow('user name or password');
    expect(attempt).not.toThrow('hunter2');
  });

  test.each([
    ['https://zenml.example.com/', 'https://zenml.example.com'],
    ['https://example.com/zenml//', 'https://example.com/zenml'],
    ['http://127.0.0.1:8237', 'http://127.0.0.1:8237'],
    ['http://localhost:8237/', 'http://localhost:8237'],
  ])('the URL %s is stored as %s', (url, normal) => {
    expect(newServer(newStack(), { url }).url).toBe(normal);
  });

  test('plain http to another host must be permitted explicitly, and the handler gets this permission', () => {
    const stack = newStack();
    register(stack, newServer(stack, { url: 'http://zenml.internal', allowInsecureHttp: true }));
    expect(bindings(stack)).toEqual([expect.objectContaining({ url: 'http://zenml.internal', allowHttp: true })]);
  });

  test('a URL that is a token is not validated', () => {
    expect(newServer(newStack(), { url: Token.asString({ Ref: 'Url' }) }).url).toMatch(/Token/);
  });
});

describe('ZenML Pro', () => {
  test('ZenML Pro refuses the control plane and a workspace id that is not a UUID', () => {
    const stack = newStack();
    expect(() =>
      ZenMLServer.pro({
        workspaceUrl: 'https://cloud.zenml.io/workspaces/x',
        workspaceId: WORKSPACE_ID,
        apiKey: apiKey(stack),
      }),
    ).toThrow('`workspaceUrl`: it must be the URL of the workspace');
    expect(() => ZenMLServer.pro({ workspaceUrl: URL, workspaceId: 'my-workspace', apiKey: apiKey(stack) })).toThrow(
      '`workspaceId` must be a UUID',
    );
  });

  test('ZenML Pro passes the workspace id to the handler', () => {
    const stack = newStack();
    register(stack, ZenMLServer.pro({ workspaceUrl: URL, workspaceId: WORKSPACE_ID, apiKey: apiKey(stack) }));
    expect(bindings(stack)[0].workspaceId).toBe(WORKSPACE_ID);
  });
});

describe('the registration function', () => {
  test('one function handles all registrations of a stack, answers by itself and never runs twice', () => {
    const stack = newStack();
    const server = newServer(stack);
    register(stack, server, 'One');
    register(stack, server, 'Two');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.resourceCountIs('AWS::SSM::Parameter', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Timeout: 300,
      MemorySize: 256,
      Environment: Match.absent(),
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 600,
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.allResourcesProperties('Custom::ZenMLStackComponent', { ServiceTimeout: '960' });
  });

  test('the function may write its log, read its binding and its key, and nothing else', () => {
    const stack = newStack();
    register(stack, newServer(stack));
    const statements = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
      .flatMap((policy: any) => policy.Properties.PolicyDocument.Statement);
    expect(statements.flatMap((statement: any) => statement.Action).sort()).toEqual([
      'cloudformation:DescribeStackEvents',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'ssm:GetParameter',
    ]);
    for (const statement of statements) { expect(JSON.stringify(statement.Resource)).not.toMatch(/\*/); }
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  test('the function may decrypt with the key of an encrypted secret, through Secrets Manager only', () => {
    const stack = newStack();
    const secret = new Secret(stack, 'Secret', { encryptionKey: new kms.Key(stack, 'Key') });
    register(stack, newServer(stack, { apiKey: secret, apiKeyField: 'key' }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: 'kms:Decrypt',
          Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } },
        })]),
      },
    });
    expect(bindings(stack)[0].field).toBe('key');
  });

  test('every registration depends on function, invoke settings, binding and policies', () => {
    const stack = newStack();
    register(stack, newServer(stack));
    const template = Template.fromStack(stack);
    const component: any = Object.values(template.findResources('Custom::ZenMLStackComponent'))[0];
    const names = ['AWS::Lambda::Function', 'AWS::Lambda::EventInvokeConfig', 'AWS::SSM::Parameter'].flatMap((type) =>
      Object.keys(template.findResources(type)),
    );
    expect(component.DependsOn).toEqual(expect.arrayContaining(names));
    const bindingPolicy = Object.keys(template.findResources('AWS::IAM::Policy')).find((name) =>
      name.includes('Server'),
    );
    expect(component.DependsOn).toContain(bindingPolicy);
  });

  test('a changed URL or key creates a new binding, so that the old one exists until the cleanup', () => {
    const idOf = (url: string, field?: string) => {
      const stack = newStack();
      register(stack, newServer(stack, { url, apiKeyField: field }));
      return Object.keys(Template.fromStack(stack).findResources('AWS::SSM::Parameter'))[0];
    };
    expect(idOf(URL)).toBe(idOf(`${URL}/`));
    expect(new Set([idOf(URL), idOf('https://other.example.com'), idOf(URL, 'key')]).size).toBe(3);
  });

  test('two servers share the function when their settings agree, and a synth error says so when they do not', () => {
    const stack = newStack();
    register(stack, newServer(stack), 'One');
    register(stack, newServer(stack, { url: 'https://two.example.com' }), 'Two');
    expect(() =>
      register(
        stack,
        newServer(stack, { url: 'https://three.example.com', registrationFunction: { timeout: Duration.minutes(3) } }),
        'Three',
      ),
    ).toThrow('set another `functionId` for the newer server');
    register(
      stack,
      newServer(stack, {
        url: 'https://three.example.com',
        registrationFunction: { timeout: Duration.minutes(3), functionId: 'Slow' },
      }),
      'Four',
    );
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 2); // One and Two share theirs
    Template.fromStack(stack).resourceCountIs('AWS::SSM::Parameter', 3);
  });

  test('the function in a VPC keeps its logical id and may create network interfaces', () => {
    const outside = newStack();
    register(outside, newServer(outside));
    const inside = newStack();
    register(
      inside,
      newServer(inside, { registrationFunction: { vpc: new ec2.Vpc(inside, 'Vpc', { maxAzs: 1, natGateways: 1 }) } }),
    );
    // A VPC can have a function of aws-cdk's own.
    const idOf = (stack: typeof inside) =>
      Object.keys(Template.fromStack(stack).findResources('AWS::Lambda::Function')).filter((id) =>
        id.startsWith('ZenML'),
      );
    expect(idOf(inside)).toEqual(idOf(outside));
    Template.fromStack(inside).hasResourceProperties('AWS::Lambda::Function', { VpcConfig: Match.anyValue() });
    Template.fromStack(inside).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['ec2:CreateNetworkInterface']) })]),
      },
    });
  });

  test.each([
    ['timeout', { timeout: Duration.seconds(119) }],
    ['timeout', { timeout: Duration.minutes(11) }],
    ['functionId', { functionId: 'a-b' }],
  ])('the prop `%s` out of bounds is refused', (prop, registrationFunction) => {
    expect(() => newServer(newStack(), { registrationFunction })).toThrow(`\`${prop}\` must`);
  });

  test.each(['http://user:pass@proxy:3128', 'proxy:3128'])('the prop `proxyUrl` %s is refused', (proxyUrl) => {
    expect(() => newServer(newStack(), { proxyUrl })).toThrow('`proxyUrl` must');
  });

  test('one function reads at most 20 secrets, and the error says what to do', () => {
    const stack = newStack();
    for (let i = 1; i <= 20; i++) { register(stack, newServer(stack, { url: `https://s${i}.example.com` }), `C${i}`); }
    expect(() => register(stack, newServer(stack, { url: 'https://s21.example.com' }), 'C21')).toThrow(
      'spread the registries over several stacks',
    );
  });

  test('every registered construct exposes its function, for alarms', () => {
    const stack = newStack();
    const registry = new EcrContainerRegistry(stack, 'Registry', { server: newServer(stack) });
    const component = (type: ComponentType) =>
      new StackComponent(stack, type.name, { server: registry.server, componentType: type, flavor: 'local' });
    const theirs = ZenMLStack.fromZenmlStackName(stack, 'Theirs', registry.server, 'theirs');
    const registered = [
      registry,
      register(stack, newServer(stack)),
      new ZenMLStack(stack, 'Stack', {
        server: registry.server,
        components: [component(ComponentType.ORCHESTRATOR), component(ComponentType.ARTIFACT_STORE)],
      }),
      new ZenMLStackAttachment(stack, 'Attachment', {
        zenmlStack: theirs,
        component: component(ComponentType.IMAGE_BUILDER),
      }),
    ];
    for (const { registrationFunction } of registered) {
      expect(stack.resolve(registrationFunction.functionArn)).toEqual({
        'Fn::GetAtt': [expect.stringMatching(/^ZenMLRegistrationFunction/), 'Arn'],
      });
    }
  });

  test('a function with a functionId has another logical id', () => {
    const stack = newStack();
    const { registrationFunction } = register(
      stack,
      newServer(stack, { registrationFunction: { functionId: 'Slow' } }),
    );
    expect(stack.resolve(registrationFunction.functionArn)).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^ZenMLRegistrationSlowFunction/), 'Arn'],
    });
  });
});

describe('a private certificate authority', () => {
  test('a certificate authority given as text is stored in its own parameter', () => {
    const stack = newStack();
    register(stack, newServer(stack, { certificateAuthority: CertificateAuthority.fromPem(PEM) }));
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Value: PEM, Tier: 'Standard' });
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', {
      Value: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
    });
  });

  test('a certificate authority in a secret or parameter adds the permission to read it', () => {
    const stack = newStack();
    register(stack, newServer(stack, {
      certificateAuthority: CertificateAuthority.fromSecret(Secret.fromSecretNameV2(stack, 'Ca', 'zenml/ca'), 'pem'),
    }), 'One');
    register(
      stack,
      newServer(stack, {
        url: 'https://two.example.com',
        certificateAuthority: CertificateAuthority.fromParameter(
          StringParameter.fromStringParameterName(stack, 'CaParameter', '/zenml/ca'),
        ),
      }),
      'Two',
    );
    const policies = JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policies).toContain(':secret:zenml/ca-??????');
    expect(policies).toContain(':parameter/zenml/ca');
    expect(bindings(stack).map((binding) => binding.ca)).toEqual(expect.arrayContaining([
      { secretId: 'zenml/ca', secretField: 'pem' }, { parameterName: '/zenml/ca' },
    ]));
  });

  test.each([
    ['certificate', 'not a certificate'],
    ['private key', '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----'],
    ['at most 8192', `-----BEGIN CERTIFICATE-----\n${'x'.repeat(9000)}\n-----END CERTIFICATE-----`],
  ])('a text without a valid %s is refused as a certificate authority', (why, pem) => {
    expect(() => CertificateAuthority.fromPem(pem)).toThrow(why);
  });
});

test('an AWS identity with implicitAuthentication: false is refused', () => {
  expect(() =>
    newServer(newStack(), { awsIdentity: new iam.AccountPrincipal('111122223333'), implicitAuthentication: false }),
  ).toThrow('remove one of the two');
});

test.each([
  ['everybody', new iam.AnyPrincipal()],
  ['a service', new iam.ServicePrincipal('ecs-tasks.amazonaws.com')],
])('%s is refused as the AWS identity of a server', (_, awsIdentity) => {
  expect(() => newServer(newStack(), { awsIdentity })).toThrow(
    '`awsIdentity` must be the role or user that the server runs as',
  );
});

test('an API key in place of its secret is refused, and not repeated', () => {
  const attempt = () => newServer(newStack(), { apiKey: 'not-a-secret-object' as never });
  expect(attempt).toThrow('not the key itself');
  expect(attempt).not.toThrow('not-a-secret-object');
});

describe('references to a secret', () => {
  test('a secret is read by name where only its name is known, because AWS would read the end of the name as its own suffix', () => {
    const stack = newStack();
    register(stack, newServer(stack, { apiKey: Secret.fromSecretNameV2(stack, 'Named', 'zenml-apikey') }));
    expect(bindings(stack)[0].secretId).toBe('zenml-apikey');
  });

  test("a secret of another Region is read by its ARN, because its name would be looked up in the function's own Region", () => {
    const stack = newStack();
    const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:zenml/key';
    register(stack, newServer(stack, { apiKey: Secret.fromSecretPartialArn(stack, 'Partial', arn) }));
    expect(bindings(stack)[0].secretId).toBe(arn);
  });

  test.each([
    [
      "with a name that ends like AWS's own suffix",
      'arn:aws:secretsmanager:eu-west-1:111122223333:secret:zenml-apikey',
      'zenml-apikey',
    ],
    ['with a plain name', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:zenml/key', 'zenml/key'],
    [
      'with a partition that CloudFormation knows',
      `arn:${Aws.PARTITION}:secretsmanager:eu-west-1:111122223333:secret:zenml-apikey`,
      'zenml-apikey',
    ],
  ])('a secret is read by the whole name in a partial ARN %s', (_, arn, name) => {
    const stack = newStack();
    register(stack, newServer(stack, { apiKey: Secret.fromSecretPartialArn(stack, 'Partial', arn) }));
    expect(bindings(stack)[0].secretId).toBe(name);
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
      `:secret:${name}-??????`,
    );
  });

  test('a secret is read by the name in a partial ARN that only CloudFormation knows', () => {
    const stack = newStack();
    const arn = new CfnParameter(stack, 'Arn').valueAsString;
    register(stack, newServer(stack, { apiKey: Secret.fromSecretPartialArn(stack, 'Partial', arn) }));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::SSM::Parameter'))).toContain(
      '{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"Arn"}]}]}',
    );
  });

  test("a secret of another account or Region is read by a partial ARN, unless its name ends like AWS's suffix", () => {
    const partial = (arn: string) => {
      const stack = newStack();
      register(stack, newServer(stack, { apiKey: Secret.fromSecretPartialArn(stack, 'Partial', arn) }));
      return bindings(stack)[0].secretId;
    };
    expect(partial('arn:aws:secretsmanager:eu-west-1:999988887777:secret:zenml/key')).toBe(
      'arn:aws:secretsmanager:eu-west-1:999988887777:secret:zenml/key',
    );
    for (const arn of [
      'arn:aws:secretsmanager:eu-west-1:999988887777:secret:zenml-apikey',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:zenml-apikey',
    ]) {
      expect(() => partial(arn)).toThrow('"zenml-apikey" is in another account or Region');
    }
    const app = new App();
    const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'eu-west-1' } });
    const owner = new Stack(app, 'Owner', { env: { account: '999988887777', region: 'eu-west-1' } });
    expect(() =>
      register(stack, newServer(stack, { apiKey: new Secret(owner, 'Secret', { secretName: 'zenml-apikey' }) })),
    ).toThrow('Secret.fromSecretCompleteArn');
  });

  test('a secret is read by the name of the deprecated reference', () => {
    const stack = newStack();
    register(stack, newServer(stack, { apiKey: (Secret as any).fromSecretName(stack, 'Named', 'zenml-apikey') }));
    expect(bindings(stack)[0].secretId).toBe('zenml-apikey');
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
      ':secretsmanager:eu-west-1:111122223333:secret:zenml-apikey-??????',
    );
  });

  test('a secret of another account of the same app is permitted with a wildcard for the unknown suffix', () => {
    const app = new App();
    const owner = new Stack(app, 'Owner', { env: { account: '999988887777', region: 'eu-west-1' } });
    const stack = new Stack(app, 'Main', { env: { account: '111122223333', region: 'eu-west-1' } });
    register(stack, newServer(stack, { apiKey: new Secret(owner, 'Secret', { secretName: 'zenml' }) }));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
      ':999988887777:secret:zenml-??????',
    );
  });

  test('the KMS key of a secret is used through Secrets Manager of its own Region', () => {
    const stack = newStack();
    const elsewhere = Secret.fromSecretAttributes(stack, 'Elsewhere', {
      secretCompleteArn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:zenml-abcdef',
      encryptionKey: new kms.Key(stack, 'Key'),
    });
    register(stack, newServer(stack, { apiKey: elsewhere }));
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain(
      'secretsmanager.us-east-1.amazonaws.com',
    );
  });
});
