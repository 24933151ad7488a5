import { AWS_KEYS, COMPONENT, CONNECTOR, Harness, STACK } from '../support/harness';
import { DENIED, OUR_USER, REGISTRY, verifiedReply } from '../support/scripted-server';

const FAR = '999999999999.dkr.ecr.eu-west-1.amazonaws.com';

describe('verification', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const create = async (properties: Record<string, unknown>, type = 'ServiceConnector', more = {}) =>
    h.send('Create', type, properties, more);
  const reason = async (properties: Record<string, unknown>, type = 'ServiceConnector', more = {}) =>
    (await create(properties, type, more)).Reason;
  const refused = (name: string, said: string) =>
    `service connector "${name}" was refused when ZenML tried it: ${said}`;
  const connector = { ...CONNECTOR, Name: 'c' };

  test('a verification that AWS refuses is repeated for exactly the given time', async () => {
    h.zenml.verification = () => verifiedReply([], DENIED);
    expect(await reason({ ...connector, PropagationSeconds: '7' })).toBe(refused('c', DENIED));
    expect(h.clock.slept.splice(0)).toEqual([1_000, 2_000, 4_000]);
    expect(await reason({ ...connector, PropagationSeconds: '6' })).toBe(refused('c', DENIED));
    expect(h.clock.slept.splice(0)).toEqual([1_000, 2_000]);
    expect(await reason({ ...connector, PropagationSeconds: '0' })).toBe(refused('c', DENIED));
    expect(h.clock.slept).toEqual([]);
  });

  test('a verification is not repeated if the time left would cut the pause short', async () => {
    h.zenml.verification = () => verifiedReply([], DENIED);
    // 20 s, 23 s and 24 s to work: after 15 s of waiting the next wait is 8 s.
    for (const [remainingMs, waits] of [[30_000, 4], [93_000, 4], [94_000, 5]] as const) {
      expect(await reason({ ...connector, PropagationSeconds: '600' }, 'ServiceConnector', { remainingMs })).toBe(
        refused('c', DENIED),
      );
      expect(h.clock.slept.splice(0)).toHaveLength(waits);
    }
  });

  test.each([
    'AccessDenied',
    'is not authorized to perform',
    'InvalidClientTokenId',
    'UnrecognizedClient',
    'SignatureDoesNotMatch',
    'InvalidAccessKeyId',
    'The security token is invalid',
    'Failed to assume the role',
    'There are no ECR repositories',
    'authorization failure',
  ])('the refusal "%s" is retried', async (text) => {
    h.zenml.verification = () => verifiedReply([], text);
    await create({ ...connector, PropagationSeconds: '1' });
    expect(h.clock.slept).toEqual([1_000]);
  });

  test.each([
    'Implicit authentication methods for service connectors are implicitly disabled: AccessDenied',
    'implicit authentication method is disabled: AccessDenied',
    'Could not connect to the endpoint URL: AccessDenied',
    'the bucket is gone',
  ])('the refusal "%s" is final', async (text) => {
    h.zenml.verification = () => verifiedReply([], text);
    expect(await reason(connector)).toBe(refused('c', text));
    expect(h.clock.slept).toEqual([]);
  });

  test('the credentials of a connector must reach the registry of the connector, and only a registry is compared', async () => {
    const wrong = (others: string) =>
      `service connector "c": its credentials reach ${others}, not ${REGISTRY}: correct the account, the Region or the credentials`;
    h.zenml.verification = () => verifiedReply([FAR, 'https://another']);
    expect(await reason(connector)).toBe(wrong(`${FAR}, another`));
    for (const resources of [
      undefined,
      [],
      [{ resource_type: 's3-bucket', resource_ids: [REGISTRY] }],
      [{ resource_type: 'docker-registry', resource_ids: null }],
    ]) {
      h.zenml.verification = () => ({ status: 200, body: { error: null, resources } });
      expect(await reason(connector)).toBe(wrong('no registry'));
    }
    h.zenml.verification = () => verifiedReply([FAR]);
    expect(await reason({ ...connector, ResourceId: undefined })).toBeUndefined();
    expect(await reason({ ...connector, ResourceType: 's3-bucket', ResourceId: 'bucket', Name: 'd' })).toBeUndefined();
    h.zenml.verification = () => verifiedReply([`https://${REGISTRY}`]);
    expect(await reason({ ...connector, ResourceId: `https://${REGISTRY}`, Name: 'e' })).toBeUndefined();
    expect(h.clock.slept).toEqual([]);
  });

  test('an error of a single resource fails the verification', async () => {
    h.zenml.verification = () => ({
      status: 200,
      body: {
        error: '',
        resources: [{ resource_type: 'x' }, { resource_type: 'docker-registry', error: 'not there' }],
      },
    });
    expect(await reason(connector)).toBe(refused('c', 'not there'));
  });

  test('a quoted error is cut and redacted', async () => {
    h.zenml.verification = () => verifiedReply([], `bad ${AWS_KEYS.secret} ${'x'.repeat(900)}`);
    expect(await reason(connector)).toMatch(
      /^service connector "c" was refused when ZenML tried it: bad \[redacted\] x{600,690}\.\.\.$/,
    );
    h.zenml.verification = () => verifiedReply([`${AWS_KEYS.secret}`, ...Array<string>(9).fill(FAR)]);
    expect(await reason(connector)).toMatch(/reach \[redacted\], 9{12}.{100,200}\.\.\., not/);
  });

  test('a connector with Verify false is not verified', async () => {
    await create({ ...connector, Verify: 'false' });
    expect(h.zenml.work).toEqual(['POST /service_connectors']);
  });

  test('a referenced connector is verified for its registry, and for another component only in general', async () => {
    const shared = h.zenml.add('service_connectors', 'shared', {
      auth_method: 'implicit',
      resource_types: ['docker-registry'],
    });
    const using = { Connector: { Id: shared.id }, VerifyConnector: 'true', ConnectorResourceId: REGISTRY };
    await create({ ...COMPONENT, ...using }, 'StackComponent');
    const verify = () => h.zenml.received.filter(({ path }) => path.endsWith('/verify')).at(-1)!;
    expect(Object.fromEntries(verify().query)).toEqual({ resource_type: 'docker-registry' });
    h.zenml.verification = () => verifiedReply([FAR]);
    expect(await reason({ ...COMPONENT, ...using, Name: 'r' }, 'StackComponent')).toMatch(
      /^service connector "shared": its credentials reach 9{12}/,
    );
    const builder = { ComponentType: 'image_builder', Flavor: 'x', Configuration: '{}', Name: 'b' };
    expect(await reason({ ...builder, ...using }, 'StackComponent')).toBeUndefined();
    expect(verify().query.size).toBe(0);
    h.zenml.received.length = 0;
    await create({ ...COMPONENT, Connector: { Id: shared.id }, Name: 's' }, 'StackComponent');
    await create({ ...COMPONENT, VerifyConnector: 'true', Name: 't' }, 'StackComponent');
    expect(h.zenml.work).toEqual(['POST /components', 'POST /components']);
  });

  test('properties that the method does not use are not sent', async () => {
    await create({ ...connector, AuthMethod: 'secret-key', SessionPolicy: '{}' });
    expect(Object.keys(h.zenml.all('service_connectors')[0]!.fields.configuration)).toEqual([
      'region',
      'aws_access_key_id',
      'aws_secret_access_key',
    ]);
    expect(await reason({ ...connector, AuthMethod: 'm-'.repeat(30) })).toBe(
      `AuthMethod: ZenML's AWS connector knows implicit, iam-role, secret-key, sts-token, session-token, federation-token, got "${'m-'.repeat(20)}"`,
    );
  });

  test('references to objects that do not exist are refused', async () => {
    const at = `at ${h.url} that this account can see: create it first or correct the reference`;
    expect(await reason({ Components: [{ ComponentType: 'container_registry', Name: 'x' }] }, 'Stack')).toBe(
      `there is no container registry "x" ${at}`,
    );
    expect(
      await reason({ Stack: { Id: OUR_USER }, Component: { ComponentType: 't', Name: 'x' } }, 'StackAttachment'),
    ).toBe(`there is no stack "${OUR_USER}" ${at}`);
    expect(await reason({ ...COMPONENT, Connector: { Id: OUR_USER }, VerifyConnector: 'true' }, 'StackComponent')).toBe(
      `there is no service connector "${OUR_USER}" ${at}`,
    );
    for (let index = 0; index < 2; index++) {
      h.zenml.add('components', 'x', { type: 'container_registry', flavor: 'aws', configuration: {} });
    }
    expect(await reason({ Components: [{ ComponentType: 'container_registry', Name: 'x' }] }, 'Stack'))
      .toBe(`there are 2 objects (container registry) named "x" at ${h.url}: refer to one by its id`);
    expect((await create({ ...STACK, Name: 'ok' }, 'Stack')).Status).toBe('SUCCESS');
  });

  test('a registry host that ZenML cannot use is shown in the error, cut', async () => {
    const uri = `${'x'.repeat(150)}.example`;
    expect(await reason({ ...COMPONENT, Configuration: JSON.stringify({ uri }) }, 'StackComponent')).toBe(
      "the registry's URI must be an ECR host that ZenML can use, <account>.dkr.ecr.<region>.amazonaws.com, "
        + `got "${'x'.repeat(100)}": ZenML supports neither China, EU sovereign and isolated Regions nor dual-stack hosts`,
    );
    const repository = { Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }] };
    expect(
      await reason(
        { ...COMPONENT, Flavor: 'default', Configuration: JSON.stringify({ uri }), ...repository },
        'StackComponent',
      ),
    ).toBe(
      `ECR repository "zenml" (account 111122223333, Region eu-west-1) is on registry ${REGISTRY}, not on ${'x'.repeat(100)}: one registry has one account and Region`,
    );
  });

  test('a Delete after a crash looks only among components of its own type', async () => {
    const builder = { ComponentType: 'image_builder', Flavor: 'x', Configuration: '{}' };
    await create(builder, 'StackComponent');
    const remove = async (properties: Record<string, unknown>) =>
      h.send('Delete', 'StackComponent', properties, { physicalId: 'Made-Up', remainingMs: 10_000 });
    await remove({ ComponentType: undefined });
    expect(h.zenml.received.at(-1)!.query.get('type')).toBe('container_registry');
    expect(h.zenml.all('components')).toHaveLength(1);
    await remove(builder);
    expect(h.zenml.all('components')).toEqual([]);
  });

  test('a Delete after a crash looks only for its own connector', async () => {
    h.zenml.ignoreFilters = true;
    await create(connector, 'ServiceConnector', { logicalId: 'Another' });
    await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: 'Made-Up', remainingMs: 10_000 });
    expect(h.zenml.all('service_connectors')).toHaveLength(1);
  });

  test('an event reads the binding of its server once', async () => {
    const read: string[] = [];
    const { getParameter } = h.ports.aws;
    (h.ports.aws as any).getParameter = async (name: string, signal: AbortSignal) => {
      read.push(name);
      return getParameter(name, signal);
    };
    const made = await create(COMPONENT, 'StackComponent');
    const update = async (properties: Record<string, unknown>, old: Record<string, unknown>) =>
      h.send('Update', 'StackComponent', properties, { physicalId: made.PhysicalResourceId, old });
    await update({ ...COMPONENT, Labels: { a: 'b' } }, COMPONENT);
    await update({ ...COMPONENT, Labels: { a: 'c' } }, { ...COMPONENT, ServerBinding: undefined });
    await update({ ...COMPONENT, Configuration: JSON.stringify({ uri: FAR }) }, COMPONENT);
    expect(read).toEqual(Array(4).fill('/server'));
  });
});
