import { AwsError } from '../../../src/handler/ports';
import { COMPONENT, Harness, KEY_ARN, STACK, AWS_KEYS_ARN, CONNECTOR } from '../support/harness';
import { API_KEY, error, OUR_USER, ScriptedServer, SERVER_ID } from '../support/scripted-server';

const OTHER_KEY = API_KEY.replace('c', 'd');

describe('the session with a server', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const reason = async (properties: Record<string, unknown> = STACK, type = 'Stack') =>
    (await h.send('Create', type, properties)).Reason;
  const logins = () => h.zenml.received.filter(({ path }) => path === '/login').length;

  test('a binding or secret that cannot be read or is invalid is named, with advice', async () => {
    const parameter = (code: string) =>
      `SSM parameter /server, which ties the secret to its ZenML server, cannot be read (${code}): `
      + 'was it deleted, or does a policy deny ssm:GetParameter to the registration function?';
    const secret = `secret ${KEY_ARN} cannot be read (ResourceNotFoundException): was it deleted, `
      + 'or does a policy deny secretsmanager:GetSecretValue (or kms:Decrypt on its key) to the registration function?';
    h.secrets.delete(KEY_ARN);
    expect(await reason()).toBe(secret);
    h.secrets.set(KEY_ARN, 'nothing');
    const advice =
      ': the key must start with ZENKEY_ or ZENPROKEY_ (make one with "zenml service-account api-key create")';
    expect(await reason()).toBe(`secret ${KEY_ARN} does not hold a ZenML API key${advice}`);
    h.bind(h.url, { field: 'key' });
    h.secrets.set(KEY_ARN, '{"key":"nothing"}');
    expect(await reason()).toBe(`secret ${KEY_ARN} in JSON field "key" does not hold a ZenML API key${advice}`);
    for (const text of ['{"key":7}', '{"key":" "}', '{}', 'null', '"key"', 'no json']) {
      h.secrets.set(KEY_ARN, text);
      expect(await reason()).toBe(
        `secret ${KEY_ARN} has no text in JSON field "key": store it there, or name another field`,
      );
    }
    h.bind('http://zenml.example');
    expect(await reason()).toMatch(
      /^SSM parameter \/server: the server's URL is refused: it must start with https:\/\/, because plain http would send/,
    );
    h.parameters.set('/server', '{"kind":"server","url":"https://x","secretId":""}');
    expect(await reason()).toBe(
      'SSM parameter /server is not a binding that this library wrote (secretId): deploy again to restore it',
    );
    h.parameters.delete('/server');
    expect(await reason()).toBe(parameter('ParameterNotFound'));
  });

  test.each(['field', 'workspaceId', 'proxyUrl'])('a binding with an empty %s is invalid', async (key) => {
    h.bind(h.url, { [key]: '' });
    expect(await reason()).toMatch(new RegExp(`not a binding that this library wrote \\(${key}\\)`));
    h.bind(h.url, { [key]: undefined });
    expect(await reason()).toBeUndefined();
  });

  test('an unexpected fault while a secret is read is a failure without advice', async () => {
    (h.ports.aws as any).getSecret = async () => { throw new TypeError('ours'); };
    expect(await reason()).toBe('unexpected failure (TypeError): please report it with the function\'s log');
    const long = Object.assign(new Error('x'), { name: `A-${'b'.repeat(60)}` });
    (h.ports.aws as any).getSecret = async () => { throw long; };
    expect(await reason()).not.toContain('b'.repeat(40));
    (h.ports.aws as any).getSecret = async () => { throw Object.assign(new Error('x'), { name: 'My-Error 7' }); };
    expect(await reason()).toBe('unexpected failure (MyError): please report it with the function\'s log');
    (h.ports.aws as any).getSecret = async () => { throw 'a text'; }; // eslint-disable-line no-throw-literal
    expect(await reason()).toBe('unexpected failure (string): please report it with the function\'s log');
  });

  test('each field of the AWS keys is read and trimmed, from the version that the binding names', async () => {
    const asked: Array<[string, string | undefined]> = [];
    const { getSecret } = h.ports.aws;
    (h.ports.aws as any).getSecret = async (arn: string, version: string | undefined, signal: AbortSignal) => {
      asked.push([arn, version]);
      return getSecret(arn, version, signal);
    };
    h.parameters.set('/keys', JSON.stringify({ ...JSON.parse(h.parameters.get('/keys')!), versionId: 'v1' }));
    h.secrets.set(AWS_KEYS_ARN, JSON.stringify({ id: ' the-id\n', secret: '\tthe-secret ', token: 'x' }));
    expect(await reason(CONNECTOR, 'ServiceConnector')).toBeUndefined();
    expect(new Set(asked)).toEqual(new Set([[KEY_ARN, undefined], [AWS_KEYS_ARN, 'v1']]));
    expect(h.zenml.all('service_connectors')[0]!.fields.configuration).toMatchObject({
      aws_access_key_id: 'the-id',
      aws_secret_access_key: 'the-secret',
    });
    h.parameters.set('/keys', h.parameters.get('/keys')!.replace('"secret"', '"absent"'));
    expect(await reason(CONNECTOR, 'ServiceConnector')).toBe(
      `secret ${AWS_KEYS_ARN} has no text in JSON field "absent": store it there, or name another field`,
    );
  });

  test.each([
    ['0.80.0', true],
    ['0.80.1', true],
    ['0.81.0', true],
    ['0.100.0', true],
    ['1.0.0', true],
    ['1.79.0', true],
    ['10.0.0', true],
    ['0.98.0rc1', true],
    ['0.79.9', false],
    ['0.79.99', false],
    ['0.9.100', false],
  ])('server version %s is supported: %s', async (version, enough) => {
    h.zenml.info = { ...h.zenml.info, version };
    const expected = `ZenML ${version} at ${h.url} is too old: upgrade the server to 0.80.0 or newer`;
    expect(await reason()).toBe(enough ? undefined : expected);
  });

  test.each(['', 'x0.98.0', '0.98', 'v1'])('the server version "%s" cannot be read', async (version) => {
    h.zenml.info = { ...h.zenml.info, version };
    expect(await reason()).toBe(
      `ZenML at ${h.url} did not report a valid version: check that the URL is a ZenML server's`,
    );
  });

  test('the workspace must be the bound one, and its name is shown as one word', async () => {
    h.bind(h.url, { workspaceId: 'mine' });
    const wrong = (what: string) =>
      `ZenML at ${h.url} is ${what}, not workspace mine: correct the URL or the workspace id`;
    expect(await reason()).toBe(wrong('not a ZenML Pro workspace'));
    h.fresh();
    h.zenml.info = { ...h.zenml.info, pro_workspace_id: `a <b>/${'c'.repeat(80)}` };
    expect(await reason()).toBe(wrong(`workspace ab${'c'.repeat(62)}`));
    h.fresh();
    h.zenml.info = { ...h.zenml.info, pro_workspace_id: 'mine' };
    expect(await reason()).toBeUndefined();
  });

  test('one login serves all events of a server and key', async () => {
    expect(await reason()).toBeUndefined();
    expect(await reason()).toBeUndefined();
    expect(logins()).toBe(1);
    h.zenml.keys = [API_KEY, OTHER_KEY];
    h.secrets.set(KEY_ARN, OTHER_KEY);
    expect(await reason()).toBeUndefined();
    expect(logins()).toBe(2);
    h.bind(h.url.replace('127.0.0.1', 'localhost'));
    await h.send('Delete', 'Stack', STACK, { physicalId: 'zenml:create-failed:x' });
    expect(logins()).toBe(3);
  });

  test('a refused API key is read again once, and then reported as refused', async () => {
    for (const [status, className] of [[401, 'CredentialsNotValid'], [403, 'AuthorizationException']] as const) {
      h.fresh();
      h.zenml.script(/^POST \/login$/, error(status, className, 'x'), 2);
      expect(await reason()).toBe(`ZenML at ${h.url} refuses the API key in secret ${KEY_ARN} (HTTP ${status}): `
        + 'store a valid key of an active service account there, then deploy again');
      h.zenml.script(/^POST \/login$/, error(status, className, 'x'), 1);
      expect(await reason()).toBeUndefined();
    }
    expect(logins()).toBe(8);
    const login = h.zenml.received.find(({ path }) => path === '/login')!;
    expect([login.body, login.authorization]).toEqual([{ password: API_KEY }, undefined]);
  });

  test('tokens, old and new, are in no answer and no log line', async () => {
    const token = () =>
      `head.${Buffer.from(JSON.stringify({ sub: OUR_USER, n: h.zenml.tokens })).toString('base64url')}.sig`;
    const echo = async () => {
      h.zenml.script(/^POST \/stacks$/, error(418, 'Teapot', `your ${token()} and ${API_KEY}`));
      expect(await reason()).toBe('ZenML answered POST /stacks with HTTP 418 Teapot: your [redacted] and [redacted]');
    };
    await echo();
    await echo();
    h.zenml.tokens++;
    await echo();
    expect(logins()).toBe(2);
    await echo();
    expect(logins()).toBe(2);
  });

  test('a login token without a user costs one call that asks the server for the user', async () => {
    for (const sub of ['not-a-uuid', undefined]) {
      h.fresh();
      h.zenml.received.length = 0;
      const token = `head.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.sig`;
      h.zenml.script(/^POST \/login$/, { status: 200, body: { access_token: token } });
      h.zenml.script(/^GET \/current-user$/, { status: 200, body: { id: OUR_USER } });
      expect(await reason()).toBeUndefined();
      const asked = h.zenml.received.find(({ path }) => path === '/current-user')!;
      expect(asked.authorization).toBe(`Bearer ${token}`);
    }
    h.fresh();
    h.zenml.script(/^POST \/login$/, { status: 200, body: { access_token: '' } });
    expect(await reason()).toMatch(/answered POST \/login in an unexpected shape \(access_token\)/);
  });

  test('a server that becomes another one under the same key is noticed after two minutes', async () => {
    const NEW_ID = '99999999-1111-4111-8111-111111111111';
    const first = await h.send('Create', 'StackComponent', COMPONENT);
    const infos = () => h.zenml.received.filter(({ path }) => path === '/info').length;
    h.zenml.info = { ...h.zenml.info, id: NEW_ID };
    const create = async (logicalId: string) =>
      (await h.send('Create', 'StackComponent', COMPONENT, { logicalId })).PhysicalResourceId;
    expect(await create('Second')).not.toContain(NEW_ID);
    h.clock.advance(120_000);
    expect(await create('Third')).toContain(`:${NEW_ID}:`);
    expect(logins()).toBe(2);
    const before = infos();
    const update = async () =>
      h.send('Update', 'StackComponent', COMPONENT, {
        physicalId: first.PhysicalResourceId,
        old: COMPONENT,
        requestId: `u-${h.clock.now()}`,
      });
    await update();
    expect(infos()).toBe(before);
    h.clock.advance(120_000);
    await update();
    expect([infos(), logins()]).toEqual([before + 1, 2]);
    await update();
    expect(infos()).toBe(before + 1);
  });

  test('a binding with white space or slashes around the URL names the same server, also for keys', async () => {
    const { url } = h;
    h.bind(` ${url}// `);
    h.url = `${url}/`;
    expect(await reason(CONNECTOR, 'ServiceConnector')).toBeUndefined();
    h.bind(' / ');
    expect(await reason()).toBe(
      'SSM parameter /server is not a binding that this library wrote (url): deploy again to restore it',
    );
  });

  test('the error about a secret that AWS denies mentions its KMS key', async () => {
    h.secrets.delete(KEY_ARN);
    expect(await reason()).not.toContain('encryptionKey');
    for (const code of ['AccessDeniedException', 'DecryptionFailure']) {
      (h.ports.aws as any).getSecret = async () => { throw new AwsError(code, code); };
      expect(await reason()).toMatch(
        /needs that key, too: Secret\.fromSecretAttributes\(scope, id, \{ secretCompleteArn, encryptionKey \}\)$/,
      );
    }
  });

  test('another server id or user is another session', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    expect(made.PhysicalResourceId).toContain(`:${String(h.zenml.info.id)}:`);
    const other = await new ScriptedServer().start();
    try {
      other.info = { ...other.info, id: 'AAAAAAAA-1111-4111-8111-111111111111' };
      h.bind(`http://127.0.0.1:${other.port}`);
      expect((await h.send('Create', 'StackComponent', COMPONENT)).PhysicalResourceId).toContain(
        ':aaaaaaaa-1111-4111-8111-111111111111:',
      );
    } finally {
      await other.stop();
    }
  });

  test.each([
    ['of the server of the object', SERVER_ID, 0],
    ['of another server', 'a'.repeat(8) + SERVER_ID.slice(8), 1],
    ['without an issuer', undefined, 1],
  ])('a new process believes a login token %s, and otherwise asks the server for its id', async (_, issuer, asked) => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.fresh();
    h.zenml.issuer = issuer;
    h.zenml.received.length = 0;
    expect((await h.send('Delete', 'StackComponent', COMPONENT, { physicalId: made.PhysicalResourceId })).Status).toBe(
      'SUCCESS',
    );
    expect(h.zenml.received.filter(({ path }) => path === '/info')).toHaveLength(asked);
  });

  test('an API key of an organization that the server answers with HTTP 500 is refused, with advice', async () => {
    h.secrets.set(KEY_ARN, 'ZENPROKEY_abc');
    h.zenml.script(/^POST \/login/, error(500, 'RuntimeError', 'no'), 20);
    expect(await reason()).toMatch(
      /refuses the API key in secret .* \(HTTP 500\): store a valid key of an active service account there/,
    );
  });

  test('a denied look-up is retried for as long as policies need, and for 10 s on a Delete', async () => {
    const denied = async (send: () => Promise<unknown>) => {
      h.denials = 99;
      h.clock.slept = [];
      await send();
      h.denials = 0;
      return h.clock.slept.map((milliseconds) => milliseconds / 1000);
    };
    expect(await denied(async () => reason())).toEqual([1, 2, 4, 8, 8, 8, 8, 8, 8]);
    expect(await denied(async () => reason({ ...CONNECTOR, PropagationSeconds: '7' }, 'ServiceConnector'))).toEqual([
      1, 2, 4,
    ]);
    const remove = { physicalId: 'zenml:create-failed:x' };
    expect(
      await denied(async () =>
        h.send('Delete', 'ServiceConnector', { ...CONNECTOR, PropagationSeconds: '600' }, remove),
      ),
    ).toEqual([1, 2, 4]);
    h.parameters.delete('/server');
    expect(await denied(async () => { h.denials = 0; return reason(); })).toEqual([]);
  });
});
