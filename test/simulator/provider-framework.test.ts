import { CREATE_FAILED_MARKER, OnEvent, providerHandler } from './provider-framework';
import { simulatedPorts } from './simulated-ports';
import { toyTemplate } from './toy-handlers';
import { World } from './world';
import { makeHandler } from '../../src/handler/handler';

/** Decision 0002: the four rows in which answering CloudFormation ourselves differs from `cr.Provider`, on both. */

const ORIGIN = 'https://zenml.example.com';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-abcdef';

function scene(load: ConstructorParameters<typeof World>[1]) {
  const world = new World(3, load);
  const server = world.addServer(ORIGIN);
  const key = server.addApiKey(server.addUser('ci'));
  world.account.secrets.set(SECRET, key);
  return { world, server, key };
}

/** One stack (ZenML's), made of the server's own components; a registry would only add lines. */
const template = (extra: Record<string, unknown> = {}) =>
  toyTemplate({
    Config: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      FunctionName: { Ref: 'Fn' },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    },
    Rights: {
      Type: 'AWS::IAM::Policy',
      Roles: [{ Ref: 'Role' }],
      PolicyDocument: {
        Statement: [{ Action: ['ssm:GetParameter', 'secretsmanager:GetSecretValue'], Effect: 'Allow', Resource: '*' }],
      },
    },
    Binding: { Type: 'AWS::SSM::Parameter', Value: JSON.stringify({ kind: 'server', url: ORIGIN, secretId: SECRET }) },
    Whole: {
      Type: 'Custom::ZenMLStack',
      DependsOn: ['Config', 'Rights', 'Binding'],
      ServerBinding: { Ref: 'Binding' },
      ServerUrl: ORIGIN,
      NamePrefix: 's',
      Components: ['orchestrator', 'artifact_store'].map((type) => ({ ComponentType: type, Name: 'default' })),
      ...extra,
    },
  });

/** A handler as one writes it for Provider: makes the object, and throws when something goes wrong. */
const naive =
  (
    afterwards: (environmentSleep: (ms: number) => Promise<void>) => Promise<void>,
    data: Record<string, unknown> = {},
  ): OnEvent =>
    async (event, world, environment) => {
      const server = world.network.get(ORIGIN)!;
      const user = [...server.tables.users.values()][0]!;
      if (event.RequestType === 'Delete') {
        const id = /^[0-9a-f-]{36}$/.exec(event.PhysicalResourceId ?? '')?.[0];
        if (id && server.tables.stacks.has(id)) {
          server.as(user, 'DELETE', `/api/v1/stacks/${id}`);
        }
        return undefined;
      }
      const components = Object.fromEntries(
        [...server.tables.components.values()]
          .filter((row) => row.type !== 'deployer')
          .map((row) => [row.type, [row.id]]),
      );
      const { id } = await environment.reach(async () =>
        server.as(user, 'POST', '/api/v1/stacks', { name: 'naive', components }),
      );
      await afterwards((ms) => environment.reach(() => world.clock.sleep(ms)));
      return { PhysicalResourceId: id as string, Data: { Id: id, Name: 'naive', ...data } };
    };

const provider = (onEvent: OnEvent) => scene(providerHandler(onEvent));
const own = () => scene((world, environment) => makeHandler(simulatedPorts(world, environment)));
const left = (server: ReturnType<typeof own>['server']) =>
  [...server.tables.stacks.values()].filter((stack) => stack.name !== 'default').length;
const deploy = (world: World, extra?: Record<string, unknown>) =>
  world.run(world.cloudformation.deploy('S', template(extra)));
const creation = (world: World) => world.cloudformation.custom.exchanges[0]!;

describe('a Create that fails after its object exists', () => {
  test('Provider answers a failed Create with its marker and swallows the Delete, which leaves an orphan', async () => {
    const { world, server } = provider(naive(async () => { throw new Error('the second step failed'); }));
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(creation(world).outcome!.id).toBe(CREATE_FAILED_MARKER);
    expect(left(server)).toBe(1);
  });

  test('the library\'s handler finds the object of a failed Create in its Delete, and nothing is left', async () => {
    const { world, server } = own();
    server.faults.add(
      { kind: 'drop-answer', method: 'POST', path: /stacks$/ },
      { kind: 'status', method: 'GET', path: /stacks/, status: 403, times: 1 },
    );
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(creation(world).outcome!.success).toBe(false);
    expect(left(server)).toBe(0);
  });
});

describe('a Create whose process dies after its object exists', () => {
  const crash = (world: World, atCall: number) => {
    world.lambda.deliver = (event) =>
      (event as { RequestType: string }).RequestType === 'Create' ? { crash: { atCall, afterwards: true } } : {};
  };

  test("Provider turns an error in the user's process into a marker and swallows its Delete, which leaves an orphan", async () => {
    // The framework function itself lives on: what dies is the user's function, and that comes back as an error of the
    // invocation.
    const { world, server } = provider(
      naive(async () => {
        throw new Error('Runtime exited with error: signal: killed');
      }),
    );
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(left(server)).toBe(1);
  });

  test("the library's handler finds the object of a crashed Create by its labels in the Delete with CloudFormation's own id", async () => {
    const calls = own();
    let count = 0;
    const request = calls.server.request.bind(calls.server);
    calls.server.request = (it) => {
      count++;
      return request(it);
    };
    await deploy(calls.world);
    expect(count).toBeGreaterThan(3);
    for (let atCall = 0; atCall < 30; atCall++) {
      const { world, server } = own();
      crash(world, atCall);
      const status = await deploy(world);
      expect(left(server)).toBe(status === 'CREATE_COMPLETE' ? 1 : 0);
    }
  });
});

describe('a Create that takes longer than the function may run', () => {
  test("Provider kills the user's function at its timeout and swallows the Delete of the marker, which leaves an orphan", async () => {
    const { world, server } = provider(naive((sleep) => sleep(10 * 60_000)));
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(creation(world).outcome).toMatchObject({
      id: CREATE_FAILED_MARKER,
      reason: expect.stringContaining('Task timed out') as string,
    });
    expect(left(server)).toBe(1);
  });

  test('the library\'s handler answers before its time is over, and nothing is left', async () => {
    const { world, server } = own();
    server.faults.add({ kind: 'hang', times: 100 });
    const start = world.clock.now();
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(creation(world).answers).toHaveLength(1);
    expect(creation(world).outcome!.reason).toMatch(/ZenML at https:\/\/zenml\.example\.com|no result within/);
    expect(world.clock.now() - start).toBeLessThan(300_000);
    expect(left(server)).toBe(0);
  });
});

describe('an answer that is too long', () => {
  test('Provider sends an answer that is too long, CloudFormation drops it with the id, and an orphan is left', async () => {
    const { world, server } = provider(naive(async () => undefined, { Description: 'x'.repeat(4096) }));
    expect(await deploy(world)).toBe('ROLLBACK_COMPLETE');
    expect(creation(world).outcome!.reason).toBe('Response object is too long.');
    expect(left(server)).toBe(1);
  });

  test('the library\'s handler sends answers that fit, whatever the reason', async () => {
    const { world, server } = own();
    server.faults.add({
      kind: 'status',
      method: 'POST',
      path: /stacks$/,
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ detail: ['ValueError', 'é'.repeat(20_000)] }),
      times: 50,
    });
    expect(await deploy(world, { Description: 'x'.repeat(3000) })).toBe('ROLLBACK_COMPLETE');
    const [answer] = creation(world).answers;
    expect(Buffer.byteLength(answer!)).toBeLessThanOrEqual(4096);
    expect(creation(world).outcome!.reason).toContain('at most 255 characters');
    expect(left(server)).toBe(0);
  });
});
