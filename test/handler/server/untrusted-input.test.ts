import { AWS_KEYS_ARN, COMPONENT, CONNECTOR, Harness, KEY_ARN, STACK } from '../support/harness';
import { API_KEY, error, REGISTRY, ScriptedServer } from '../support/scripted-server';

describe('untrusted events', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const reason = async (properties: Record<string, unknown>, type = 'ServiceConnector') =>
    (await h.send('Create', type, properties)).Reason;

  test('the server comes from the binding, and another URL in the event is refused and never called', async () => {
    const evil = await new ScriptedServer().start();
    expect(await reason({ ...CONNECTOR, ServerUrl: `http://127.0.0.1:${evil.port}` })).toMatch(
      /ServerUrl is not the URL of SSM parameter \/server/,
    );
    expect([...evil.received, ...h.zenml.received]).toEqual([]);
    await evil.stop();
  });

  test('a binding that was overwritten gets no API key, on a Delete neither', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const honest = h.url;
    const evil = await new ScriptedServer().start();
    try {
      h.bind(`http://127.0.0.1:${evil.port}`);
      h.fresh();
      const answer = await h.send(
        'Delete',
        'ServiceConnector',
        { ServerUrl: honest, Labels: 7 },
        { physicalId: made.PhysicalResourceId },
      );
      expect(answer).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(/^property ServerUrl is not the URL of SSM parameter \/server/),
      });
      expect(evil.received).toEqual([]);
      h.bind(honest);
      // White space and slashes are no difference; a Delete whose properties do not name the server is served all the
      // same.
      expect(
        (
          await h.send(
            'Delete',
            'ServiceConnector',
            { ServerUrl: ` ${honest}/ ` },
            { physicalId: 'zenml:create-failed:x' },
          )
        ).Status,
      ).toBe('SUCCESS');
      expect(
        (await h.send('Delete', 'ServiceConnector', { ServerUrl: undefined }, { physicalId: made.PhysicalResourceId }))
          .Status,
      ).toBe('SUCCESS');
      expect(h.zenml.all('service_connectors')).toEqual([]);
    } finally {
      await evil.stop();
    }
  });

  test.each([
    ['http://zenml.example.com', /plain http would send the API key in clear/],
    ['https://169.254.169.254', /link-local/],
    ['https://user:x@zenml.example.com', /user name or password/],
  ])('a binding to %s is refused', async (url, expected) => {
    h.bind(url);
    expect(await reason(CONNECTOR)).toMatch(expected);
  });

  test.each([
    ['not json', /the whole value/],
    [JSON.stringify({ kind: 'keys', url: 'https://x', secretId: 'y' }), /\(kind\)/],
    ['[]', /not a binding/],
  ])('a parameter that is not a binding is refused: %s', async (value, expected) => {
    h.parameters.set('/server', value);
    expect(await reason(CONNECTOR)).toMatch(expected);
  });

  test('AWS keys that are bound to another server are not sent', async () => {
    const keys = JSON.parse(h.parameters.get('/keys')!);
    h.parameters.set('/keys', JSON.stringify({ ...keys, url: 'https://other.example' }));
    expect(await reason(CONNECTOR)).toMatch(/ties its AWS keys to another ZenML server/);
    expect(h.zenml.work).toEqual([]);
  });

  test.each(['', 'zenml-key', 'ghp_something', 'ZENKEY_'])(
    'a secret that holds no API key (%s) makes no call',
    async (value) => {
      h.secrets.set(KEY_ARN, value);
      expect(await reason(CONNECTOR)).toMatch(
        /does not hold a ZenML API key: the key must start with ZENKEY_ or ZENPROKEY_/,
      );
      expect(h.zenml.received).toEqual([]);
      if (value.length > 7) {
        expect(h.said).not.toContain(value);
      }
    },
  );

  test('an API key in a JSON field is read', async () => {
    h.bind(h.url, { field: 'key' });
    h.secrets.set(KEY_ARN, JSON.stringify({ key: ` ${API_KEY}\n` }));
    expect(await reason(CONNECTOR)).toBeUndefined();
    h.secrets.set(KEY_ARN, JSON.stringify({ other: API_KEY }));
    expect(await reason(CONNECTOR)).toMatch(/no text in JSON field "key"/);
    h.bind(h.url, { field: 'toString' });
    expect(await reason(CONNECTOR)).toMatch(/no text in JSON field "toString"/);
  });

  test('secrets in properties are refused', async () => {
    expect(await reason({ ...CONNECTOR, Description: '{{resolve:secretsmanager:x}}' })).toMatch(
      /property Description contains "\{\{resolve:"/,
    );
    expect(await reason({ ...CONNECTOR, Labels: { a: ['{{ resolve:ssm-secure:x}}'] } })).toMatch(/property Labels/);
    expect(h.zenml.work).toEqual([]);
  });

  test('wrong properties are named, and their values are not shown', async () => {
    expect(await reason({ ...CONNECTOR, Verify: 'maybe', ExpirationSeconds: '1e9', Region: undefined })).toMatch(
      /Region, ExpirationSeconds, Verify/,
    );
    expect(
      await reason({ ...STACK, Components: [{ ComponentType: 'x', Id: '../users', Name: undefined }] }, 'Stack'),
    ).toMatch(/Components\.0\.Id/);
    expect(await reason({ ...STACK, Components: [{ ComponentType: 'x' }] }, 'Stack')).toMatch(/Components\.0/);
    expect(await reason({ ...COMPONENT, Configuration: '[1]' }, 'StackComponent')).toMatch(
      /not the JSON text of an object/,
    );
    expect(await reason({}, 'Pipeline')).toMatch(/Custom::ZenMLPipeline is not served/);
    expect(await reason({ ...CONNECTOR, ServerBinding: undefined })).toMatch(/ServerBinding is missing/);
  });

  test('each authentication method requires its properties', async () => {
    expect(await reason({ ...CONNECTOR, AuthMethod: 'toString' })).toMatch(/knows implicit, iam-role/);
    expect(await reason({ ...CONNECTOR, RoleArn: undefined })).toMatch(/needs RoleArn/);
    expect(await reason({ ...CONNECTOR, KeysBinding: undefined })).toMatch(/needs KeysBinding/);
    const token = await h.send('Create', 'ServiceConnector', {
      ...CONNECTOR,
      AuthMethod: 'sts-token',
      ExpiresAt: '2026-02-01T00:00:00Z',
      ExpirationSeconds: undefined,
    });
    expect(token.Status).toBe('SUCCESS');
    expect(h.zenml.all('service_connectors')[0]!.fields).toMatchObject({
      expires_at: '2026-02-01T00:00:00Z',
      configuration: { aws_session_token: 'scripted-session-token' },
    });
    expect(h.zenml.all('service_connectors')[0]!.fields.configuration.role_arn).toBeUndefined();
    const keys = JSON.parse(h.parameters.get('/keys')!);
    h.parameters.set('/keys', JSON.stringify({ ...keys, sessionTokenField: undefined }));
    expect(await reason({ ...CONNECTOR, AuthMethod: 'sts-token' })).toMatch(/names no field for the session token/);
    const policy = await h.send(
      'Create',
      'ServiceConnector',
      { ...CONNECTOR, AuthMethod: 'implicit', SessionPolicy: '{}', Verify: 'false' },
      { logicalId: 'P' },
    );
    expect(policy.Status).toBe('SUCCESS');
  });

  test('redirects are not followed', async () => {
    h.zenml.script(/^GET \/info$/, {
      status: 302,
      body: {},
      headers: { location: 'https://login.example/path?token=1' },
    });
    expect(await reason(CONNECTOR)).toMatch(/redirects to https:\/\/login\.example: give that as the server's URL/);
    h.zenml.script(/^GET \/info$/, { status: 301, body: {} });
    expect(await reason(CONNECTOR)).toMatch(/redirects to http:\/\/127/);
  });

  test('texts that a server echoes are not repeated', async () => {
    const echo = 'input was scripted-secret-access-key';
    h.zenml.script(/verify$/, error(400, 'ValueError', echo));
    expect(await reason(CONNECTOR)).toMatch(/HTTP 400 ValueError \(the details/);
    h.zenml.script(/^POST \/stacks$/, { status: 422, body: ['ValueError', echo] });
    expect(await reason(STACK, 'Stack')).toMatch(/HTTP 422 ValueError/);
    h.zenml.script(/^POST \/stacks$/, { status: 418, body: { detail: `no ${API_KEY} ${'x'.repeat(500)}` } });
    expect(await reason(STACK, 'Stack')).toMatch(/HTTP 418: no \[redacted\] x{200,}\.\.\.$/);
    h.zenml.script(/^POST \/stacks$/, { status: 402, body: { detail: [{ loc: 1 }] } });
    expect(await reason(STACK, 'Stack')).toMatch(/HTTP 402 \(the ZenML plan/);
    expect(h.said).not.toContain('scripted-secret-access-key');
  });

  test('AWS keys that cannot be read are reported without their values', async () => {
    h.secrets.delete(AWS_KEYS_ARN);
    expect(await reason(CONNECTOR)).toMatch(
      /secret arn:aws:secretsmanager:.*aws-keys cannot be read \(ResourceNotFoundException\)/,
    );
    h.parameters.delete('/keys');
    expect(await reason(CONNECTOR)).toMatch(/SSM parameter \/keys.*cannot be read \(ParameterNotFound\)/);
  });

  test('an event without an address for the answer makes one log line and no call', async () => {
    await h.deliver({ ...h.event('Create', 'Stack', STACK), ResponseURL: 'https://evil.example/?secret=1' });
    await h.deliver(undefined);
    expect(h.answers).toEqual([]);
    expect(h.logs).toHaveLength(2);
    expect(h.logs[0]).toContain('"outcome":"ignored"');
    expect(h.said).not.toContain('evil');
    expect(h.zenml.received).toEqual([]);
  });

  test('an event that is not CloudFormation\'s is answered as a failure', async () => {
    await h.deliver({ ...h.event('Destroy', 'Stack', STACK) });
    expect(h.answers[0]!.Reason).toMatch(/not one of CloudFormation's \(RequestType\)/);
  });

  test('an unexpected fault is a failure without details', async () => {
    (h.ports.aws as any).getParameter = async () => { throw new TypeError(`cannot read ${API_KEY}`); };
    expect(await reason(CONNECTOR)).toMatch(/^unexpected failure \(TypeError\)/);
  });

  test('the registry and its repositories must be on the same host', async () => {
    expect(
      await reason(
        { ...COMPONENT, Configuration: '{"uri":"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn"}' },
        'StackComponent',
      ),
    ).toMatch(/must be an ECR host/);
    const repository = (Name: string) => ({
      ...COMPONENT,
      Repositories: [{ Name, RegistryId: '111122223333', Region: 'eu-west-1' }],
    });
    expect(await reason(repository('none'), 'StackComponent')).toMatch(/ECR repository "none" .* does not exist/);
    h.repositories.set('far', '999999999999.dkr.ecr.eu-west-1.amazonaws.com/far');
    expect(await reason(repository('far'), 'StackComponent')).toMatch(
      /is on registry 999999999999.*, not on 111122223333/,
    );
    h.bind(h.url);
    expect(await reason(repository('zenml'), 'StackComponent')).toBeUndefined();
    h.denials = 99;
    const original = h.ports.aws.getParameter;
    (h.ports.aws as any).getParameter = async (name: string, signal: AbortSignal) => {
      h.denials = 0;
      return original(name, signal);
    };
    (h.ports.aws as any).getSecret = async () => { h.denials = 99; return API_KEY; };
    expect(await reason({ ...repository('zenml'), PropagationSeconds: '5' }, 'StackComponent')).toMatch(
      /cannot be read \(AccessDeniedException\): allow ecr:DescribeRepositories/,
    );
  });

  test('a referenced connector is verified and never changed', async () => {
    const shared = h.zenml.add('service_connectors', 'shared', {
      auth_method: 'implicit',
      resource_types: ['docker-registry'],
    });
    const made = await h.send('Create', 'StackComponent', {
      ...COMPONENT,
      Connector: { Name: 'shared' },
      VerifyConnector: 'true',
      ConnectorResourceId: REGISTRY,
    });
    expect(made.Status).toBe('SUCCESS');
    expect(h.zenml.work).toEqual([
      'GET /service_connectors',
      `PUT /service_connectors/${shared.id}/verify`,
      'POST /components',
    ]);
    expect(await reason({ ...COMPONENT, Connector: { Name: 'absent' } }, 'StackComponent')).toMatch(
      /no service connector "absent"/,
    );
    expect(
      await reason({ ...COMPONENT, Connector: { Id: made.Data!.Id }, VerifyConnector: 'true' }, 'StackComponent'),
    ).toMatch(/no service connector/);
    h.zenml.add('service_connectors', 'shared', { auth_method: 'implicit', resource_types: [] });
    expect(await reason({ ...COMPONENT, Connector: { Name: 'shared' } }, 'StackComponent')).toMatch(
      /there are 2 objects \(service connector\) named "shared"/,
    );
  });
});
