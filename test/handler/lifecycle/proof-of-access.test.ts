import { TransportError } from '../../../src/handler/ports';
import { COMPONENT, Harness } from '../support/harness';
import { denied, PASSWORD, RegistryReply, ScriptedRegistry } from '../support/scripted-registry';
import { error, REGISTRY, Thing } from '../support/scripted-server';

const PULL = (name: string) => `GET /v2/${name}/manifests/cdk-zenml-proof-of-access`;
const PUSH = (name: string) => `POST /v2/${name}/blobs/uploads/`;

describe('proof of push and pull', () => {
  let h: Harness;
  let registry: ScriptedRegistry;
  let connector: Thing;

  beforeEach(async () => {
    h = await Harness.start();
    registry = new ScriptedRegistry();
    (h.ports as any).transport = registry.transport(h.ports.transport);
    connector = h.zenml.add('service_connectors', 'shared', {
      auth_method: 'iam-role',
      resource_types: ['docker-registry'],
      resource_id: REGISTRY,
    });
    handOut();
  });
  afterEach(async () => h.stop());

  const handOut = () =>
    h.zenml.script(
      /^GET .*\/client$/,
      {
        status: 200,
        body: { metadata: { configuration: { username: 'AWS', password: PASSWORD, registry: `https://${REGISTRY}` } } },
      },
      1_000,
    );
  const properties = (...names: string[]) => ({
    ...COMPONENT,
    Connector: { Id: connector.id },
    ConnectorResourceId: REGISTRY,
    ProveRepositories: names.map((Name) => ({ Name })),
  });
  const create = async (given: Record<string, unknown> = properties('zenml')) =>
    h.send('Create', 'StackComponent', given);
  const update = async (physicalId: string, given: Record<string, unknown>, old: Record<string, unknown>) =>
    h.send('Update', 'StackComponent', given, { physicalId, old });
  const clientCalls = () => h.zenml.received.filter(({ path }) => path.endsWith('/client'));
  const writes = () => h.zenml.received.filter(({ method, path }) => method !== 'GET' && path !== '/login');
  const called = () => `service connector "${connector.id}"`;

  test('a Create asks with the Docker credentials of a pipeline for a pull and a push of each repository, before it writes', async () => {
    const made = await create(properties('zenml', 'team/models'));
    expect(made.Status).toBe('SUCCESS');
    expect(registry.asked).toEqual([PULL('zenml'), PUSH('zenml'), PULL('team/models'), PUSH('team/models')]);
    expect(clientCalls().map(({ query }) => Object.fromEntries(query))).toEqual([
      { resource_type: 'docker-registry', resource_id: REGISTRY },
    ]);
    expect(registry.received[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}`,
    );
    expect(h.zenml.work).toEqual([`GET /service_connectors/${connector.id}/client`, 'POST /components']);
    expect(h.logs.at(-1)).toContain('proved that push and pull work: 2 of 2 repositories');
  });

  test.each<[string, unknown]>([
    [
      'apart from the configuration, as ZenML 0.80 returns them',
      { metadata: { configuration: { registry: REGISTRY }, secrets: { username: 'AWS', password: PASSWORD } } },
    ],
    [
      'with null in place of secrets',
      { metadata: { configuration: { username: 'AWS', password: PASSWORD }, secrets: null } },
    ],
  ])('Docker credentials %s are used', async (_, body) => {
    h.zenml.clearScripts();
    h.zenml.script(/^GET .*\/client$/, { status: 200, body }, 10);
    expect((await create()).Status).toBe('SUCCESS');
    expect(registry.received[0]!.headers.authorization).toBe(
      `Basic ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}`,
    );
  });

  test('an answer without credentials does not fail the deploy, and the log says that nothing was proved', async () => {
    h.zenml.clearScripts();
    h.zenml.script(/^GET .*\/client$/, { status: 200, body: { metadata: null } }, 10);
    expect((await create()).Status).toBe('SUCCESS');
    expect(registry.asked).toEqual([]);
    expect(h.logs.at(-1)).toContain('push and pull not proved');
  });

  test('the credentials are sent to the registry\'s own host, and to an emulator only on this machine', async () => {
    const origins = async (endpoint: string | undefined) => {
      // The answer of CloudFormation needs the emulator's address, so only the registry's calls see the other one.
      const { transport } = h.ports;
      const seen: string[] = [];
      (h.ports as any).transport = async (request: any) => {
        if (request.url.includes('/v2/')) {
          seen.push(request.url);
        }
        return transport(request);
      };
      const { AWS_ENDPOINT_URL } = h.ports.env;
      (h.ports as any).env = {
        get AWS_ENDPOINT_URL() {
          return /registry-api/.test(new Error().stack!) ? endpoint : AWS_ENDPOINT_URL;
        },
      };
      await create();
      return seen[0];
    };
    expect(await origins(undefined)).toBe(`https://${REGISTRY}/v2/zenml/manifests/cdk-zenml-proof-of-access`);
    for (const remote of ['http://evil.example', 'https://10.0.0.1', 'no url', 'http://127.0.0.1.evil.example']) {
      expect(await origins(remote)).toBe(`https://${REGISTRY}/v2/zenml/manifests/cdk-zenml-proof-of-access`);
    }
    expect(await origins('https://127.0.0.1:4566')).toBe(
      `https://127.0.0.1:4566/v2/zenml/manifests/cdk-zenml-proof-of-access?ns=${REGISTRY}`,
    );
  });

  test.each<[string, 'GET' | 'POST', RegistryReply, string]>([
    [
      'no right to pull',
      'GET',
      denied('ecr:BatchGetImage'),
      'pull from ECR repository "zenml" on {R}: allow ecr:BatchGetImage on the repository in the policy of the connector\'s role or user (a repository of another account also in the repository\'s policy).',
    ],
    [
      'no right to push',
      'POST',
      denied('ecr:InitiateLayerUpload'),
      'push to ECR repository "zenml" on {R}: allow ecr:InitiateLayerUpload on the repository in the policy of the connector\'s role or user (a repository of another account also in the repository\'s policy).',
    ],
    [
      "another account's policy",
      'POST',
      denied('ecr:InitiateLayerUpload', 'because no resource-based policy allows the ecr:InitiateLayerUpload action'),
      'push to ECR repository "zenml" on {R}: allow ecr:InitiateLayerUpload to the connector\'s role in the repository\'s policy.',
    ],
    [
      'a deny of the repository',
      'GET',
      denied('ecr:BatchGetImage', 'with an explicit deny in a resource-based policy'),
      'pull from ECR repository "zenml" on {R}: remove the statement that denies ecr:BatchGetImage from the repository\'s policy.',
    ],
    [
      'a deny of the role',
      'POST',
      denied('ecr:InitiateLayerUpload', 'with an explicit deny in an identity-based policy'),
      'push to ECR repository "zenml" on {R}: remove the statement that denies ecr:InitiateLayerUpload from the policy of the connector\'s role or user.',
    ],
    [
      'a boundary',
      'POST',
      denied('ecr:InitiateLayerUpload', 'because no permissions boundary allows the ecr:InitiateLayerUpload action'),
      'push to ECR repository "zenml" on {R}: allow ecr:InitiateLayerUpload in the permissions boundary.',
    ],
    [
      'a service control policy',
      'POST',
      denied('ecr:InitiateLayerUpload', 'with an explicit deny in a service control policy'),
      'push to ECR repository "zenml" on {R}: allow ecr:InitiateLayerUpload in the service control policy.',
    ],
    [
      'a registry that gives no reason',
      'POST',
      { status: 401 },
      'push to ECR repository "zenml" on {R}: allow ecr:InitiateLayerUpload on the repository in the policy of the connector\'s role or user (a repository of another account also in the repository\'s policy). ECR said: HTTP 401',
    ],
  ])('a Create for which the registry answers %s is refused and changes nothing', async (_, method, reply, said) => {
    registry.reply(method, 'zenml', reply);
    const answer = await create();
    expect(answer.Status).toBe('FAILED');
    expect(answer.Reason).toContain(`${called()} may not ${said.replace('{R}', REGISTRY)}`);
    expect(writes()).toEqual([]);
    expect(h.clock.slept.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  });

  test('a refusal by a young policy is retried, only for what was refused, with new credentials', async () => {
    registry.reply('POST', 'b', denied('ecr:InitiateLayerUpload'), denied('ecr:InitiateLayerUpload'), { status: 202 });
    expect((await create(properties('a', 'b'))).Status).toBe('SUCCESS');
    expect(h.clock.slept).toEqual([1_000, 2_000]);
    expect(registry.asked).toEqual([
      PULL('a'),
      PUSH('a'),
      PULL('b'),
      PUSH('b'),
      PULL('b'),
      PUSH('b'),
      PULL('b'),
      PUSH('b'),
    ]);
    expect(clientCalls()).toHaveLength(3);
    expect(h.logs.at(-1)).toContain('2 of 2 repositories');
  });

  test('the proof is retried for as long as the verification', async () => {
    registry.reply('GET', 'zenml', denied('ecr:BatchGetImage'));
    expect((await create({ ...properties('zenml'), PropagationSeconds: '3' })).Status).toBe('FAILED');
    expect(h.clock.slept).toEqual([1_000, 2_000]);
  });

  test('the reason counts further refusals', async () => {
    for (const name of ['a', 'b', 'c']) { registry.reply('GET', name, denied('ecr:BatchGetImage')); }
    const reason = async (...names: string[]) =>
      (await create({ ...properties(...names), PropagationSeconds: '0' })).Reason;
    expect(await reason('a')).not.toContain('more repositor');
    expect(await reason('a', 'b')).toMatch(/\(and 1 more repository\)$/);
    expect(await reason('a', 'b', 'c')).toMatch(/\(and 2 more repositories\)$/);
  });

  test('a connector that gets no credentials from AWS is refused, and the error names the missing permission', async () => {
    h.zenml.clearScripts();
    h.zenml.script(/\/client$/, error(401, 'AuthorizationException', 'AccessDenied'), 1_000);
    const answer = await create({ ...properties('zenml'), PropagationSeconds: '1' });
    expect(answer.Reason).toContain(
      `${called()} gets no Docker credentials for registry ${REGISTRY}, because AWS refuses it: allow ecr:GetAuthorizationToken on *`,
    );
    expect(clientCalls()).toHaveLength(2);
    expect(writes()).toEqual([]);
  });

  test('an account that may not use the connector proves nothing, and gets a warning', async () => {
    h.zenml.clearScripts();
    h.zenml.script(/\/client$/, error(403, 'IllegalOperationError', 'no'), 1_000);
    expect((await create()).Status).toBe('SUCCESS');
    expect(registry.asked).toEqual([]);
    expect(h.logs.at(-1)).toContain(
      `push and pull not proved: ZenML hands out no Docker credentials of ${called().replace(/"/g, '\\"')} (HTTP 403): allow the API key's account to use the connector`,
    );
  });

  test('a repository that does not exist is refused, unless the first push creates it, and never gets a push', async () => {
    registry.reply('GET', 'new', { status: 404, code: 'NAME_UNKNOWN' });
    expect((await create({ ...properties('new'), PropagationSeconds: '0' })).Reason).toContain(
      `ECR repository "new" on ${REGISTRY} does not exist: create it first, or take it out of the registry's repositories`,
    );
    expect((await create({ ...properties(), ProveRepositories: [{ Name: 'new', MayBeMissing: 'true' }] })).Status).toBe(
      'SUCCESS',
    );
    expect(h.logs.at(-1)).toContain('push and pull not proved: new (does not exist: the first push creates it)');
    expect(registry.asked).toEqual([PULL('new'), PULL('new')]);
  });

  test.each<[string, RegistryReply, string]>([
    [
      'cannot be reached',
      new TransportError('permanent', 'ENOTFOUND', 'cannot be found'),
      `push and pull not proved: a, b: registry ${REGISTRY} cannot be found`,
    ],
    ['is out of order', { status: 500 }, `push and pull not proved: a: registry ${REGISTRY} answered HTTP 500`],
    [
      'answers 404 without a code',
      { status: 404 },
      `push and pull not proved: a: registry ${REGISTRY} answered HTTP 404`,
    ],
  ])(
    'a registry that %s says nothing about permissions, and the Create goes on with a warning',
    async (_, reply, said) => {
      registry.reply('GET', 'a', reply);
      expect((await create(properties('a', 'b'))).Status).toBe('SUCCESS');
      expect(JSON.parse(h.logs.at(-1)!)).toMatchObject({ level: 'WARN', warnings: said });
    },
  );

  test('one exchange with the registry ends after five seconds', async () => {
    registry.reply('GET', 'a', () => h.clock.advance(5_000));
    expect((await create(properties('a', 'b'))).Status).toBe('SUCCESS');
    expect(h.logs.at(-1)).toContain(`a, b: registry ${REGISTRY} did not answer within 5 s`);
  });

  test('the proof covers at most twenty repositories', async () => {
    const names = Array.from({ length: 22 }, (_, index) => `r${index}`);
    expect((await create(properties(...names))).Status).toBe('SUCCESS');
    expect(registry.asked).toHaveLength(40);
    expect(h.logs.at(-1)).toContain(
      'proved that push and pull work: 20 of 22 repositories; push and pull not proved: r20, r21',
    );
  });

  test('the proof takes at most twenty seconds', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `r${index}`);
    for (const name of names) { registry.reply('POST', name, () => h.clock.advance(4_000)); }
    expect((await create(properties(...names))).Status).toBe('SUCCESS');
    expect(h.logs.at(-1)).toContain(
      '5 of 8 repositories; push and pull not proved: r5 (the time for proofs is over), r6 (the time for proofs is over), r7',
    );
  });

  test('the password is in no answer and no log line, whatever the registry repeats', async () => {
    registry.reply('GET', 'zenml', {
      status: 403,
      code: 'DENIED',
      message: `no ${PASSWORD} and ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}`,
    });
    const { Reason } = await create({ ...properties('zenml'), PropagationSeconds: '0' });
    expect(Reason).toContain('ECR said: no [redacted]');
    expect(h.said).not.toContain(PASSWORD);
    expect(h.said).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 12));
  });

  test('an illegal repository name is refused before any call', async () => {
    for (const name of ['../v2', 'a/../b', 'a//b', 'A', 'a?b', '']) {
      expect((await create(properties(name))).Reason).toContain('ProveRepositories.0.Name');
    }
    expect(registry.asked).toEqual([]);
  });

  test('without a connector, a list of repositories or an ECR host there is no proof', async () => {
    await create(properties());
    await create({ ...properties('zenml'), Connector: undefined, ConnectorResourceId: undefined });
    await create({
      ...properties('zenml'),
      Flavor: 'default',
      Configuration: JSON.stringify({ uri: 'registry.example.com' }),
    });
    expect(clientCalls()).toEqual([]);
    expect(h.zenml.all('components')).toHaveLength(3);
  });

  describe('proof of push and pull in an Update', () => {
    let id: string;
    beforeEach(async () => {
      id = (await create()).PhysicalResourceId!;
      registry.received.splice(0);
      h.zenml.received.splice(0);
    });

    test('an Update that adds a repository proves it, and does not write the component', async () => {
      const answer = await update(id, properties('zenml', 'more'), properties('zenml'));
      expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
      expect(registry.asked).toEqual([PULL('zenml'), PUSH('zenml'), PULL('more'), PUSH('more')]);
      expect(writes()).toEqual([]);
      expect(Object.keys(answer.Data!)).toHaveLength(2);
    });

    test('an Update from a template of an older library, without a list of repositories, does not write the component', async () => {
      expect((await update(id, properties('zenml'), { ...properties(), ProveRepositories: undefined })).Status).toBe(
        'SUCCESS',
      );
      expect(writes()).toEqual([]);
      expect((await update(id, { ...properties(), ProveRepositories: undefined }, properties('zenml'))).Status).toBe(
        'SUCCESS',
      );
      expect(writes()).toEqual([]);
    });

    test('a refused proof fails the Update, although the component is as wanted', async () => {
      registry.reply('POST', 'more', denied('ecr:InitiateLayerUpload'));
      const answer = await update(id, properties('zenml', 'more'), properties('zenml'));
      expect(answer.Status).toBe('FAILED');
      expect(answer.Reason).toMatch(/may not push to ECR repository "more".*Nothing was changed in ZenML\.$/s);
      expect(writes()).toEqual([]);
    });

    test('a change of labels needs no proof, and another repairTrigger or connector does', async () => {
      await update(id, { ...properties('zenml'), Labels: { a: 'b' } }, properties('zenml'));
      expect(registry.asked).toEqual([]);
      await update(
        id,
        { ...properties('zenml'), Labels: { a: 'b' }, RefreshToken: '1' },
        { ...properties('zenml'), Labels: { a: 'b' } },
      );
      expect(registry.asked.splice(0)).toHaveLength(2);
      registry.received.splice(0);
      const other = h.zenml.add('service_connectors', 'other', {
        auth_method: 'implicit',
        resource_types: ['docker-registry'],
        resource_id: REGISTRY,
      });
      registry.reply('POST', 'zenml', denied('ecr:InitiateLayerUpload'));
      h.zenml.received.splice(0);
      const moved = await update(id, { ...properties('zenml'), Connector: { Id: other.id } }, properties('zenml'));
      expect(moved.Status).toBe('FAILED');
      expect(writes()).toEqual([]);
      expect(h.zenml.all('components')[0]!.fields.connector).toBe(connector.id);
    });

    test('a rollback warns of a refused proof at once and goes on', async () => {
      const old = { ...properties('zenml'), Connector: undefined, ConnectorResourceId: undefined };
      await update(id, old, properties('zenml'));
      h.fresh();
      (h.ports as any).transport = registry.transport(h.ports.transport);
      h.rollBack('StackComponent', 'something else');
      registry.reply('GET', 'zenml', denied('ecr:BatchGetImage'));
      h.clock.slept.splice(0);
      const answer = await update(id, properties('zenml'), old);
      expect(answer.Status).toBe('SUCCESS');
      expect(h.zenml.all('components')[0]!.fields.connector).toBe(connector.id);
      expect(h.logs.at(-1)).toMatch(
        /"level":"WARN".*rolled back although the proof of push and pull failed: service connector/,
      );
      expect(h.clock.slept).toEqual([]);
    });

    test.each([
      ['a rollback', true],
      ['CloudFormation cannot be asked', false],
    ])('an Update of the list alone, %s, ends well despite a refusal', async (_, reachable) => {
      registry.reply('GET', 'zenml', denied('ecr:BatchGetImage'));
      if (reachable) {
        h.rollBack('StackComponent', 'something else');
      } else {
        h.stackEvents = undefined;
      }
      expect((await update(id, properties('zenml'), properties('zenml', 'more'))).Status).toBe('SUCCESS');
      expect(writes()).toEqual([]);
    });

    test('a deleted component is created again after its access is proved', async () => {
      h.zenml.things.components.delete(
        [...h.zenml.things.components.values()].find(({ name }) => name !== 'default')!.id,
      );
      const answer = await update(id, properties('zenml', 'more'), properties('zenml'));
      expect(answer.Status).toBe('SUCCESS');
      expect(answer.PhysicalResourceId).not.toBe(id);
      expect(registry.asked).toHaveLength(4);
    });

    test('a Delete proves nothing', async () => {
      expect((await h.send('Delete', 'StackComponent', properties('zenml'), { physicalId: id })).Status).toBe(
        'SUCCESS',
      );
      expect(registry.asked).toEqual([]);
    });
  });
});
