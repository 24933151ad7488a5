import { PRODUCTION, Spec, synthesize } from './app';
import { FIRST_SPEC, ORIGINS } from './scene';
import { Story } from './story';
import { parsePhysicalId } from '../../src/contract/physical-id';
import { Delivery } from '../simulator/lambda';
import { ToyEvent } from '../simulator/toy-handlers';

/** Stories with a name, each on the real handler and the templates that the constructs make. */

let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.scene.world.clock.settle();
  story.clean();
});

describe('a change of one thing', () => {
  /** What stays the same object, and what becomes another. */
  const kept = (before: Record<string, string>, after: Record<string, string>) =>
    Object.keys(before).filter((key) => before[key] === after[key]);

  test.each<[string, Partial<Spec>, string[], string[]]>([
    [
      'texts',
      { text: 2 },
      ['Connector', 'Component', 'Whole'],
      ['Update Connector', 'Update Component', 'Update Whole'],
    ],
    ['the access key', { keySerial: 1 }, ['Connector', 'Component', 'Whole'], ['Update Connector']],
    [
      'names',
      { names: 'team' },
      ['Connector', 'Component', 'Whole'],
      ['Update Connector', 'Update Component', 'Update Whole'],
    ],
    [
      'the method',
      { method: 'implicit' },
      ['Component', 'Whole'],
      ['Update Connector', 'Update Component', 'Delete Connector'],
    ],
    [
      'the registry',
      { region: 'us-east-1' },
      ['Whole'],
      ['Update Connector', 'Update Component', 'Update Whole', 'Delete Component', 'Delete Connector'],
    ],
    [
      "the server's name",
      { origin: ORIGINS.alias },
      ['Connector', 'Component', 'Whole'],
      ['Update Connector', 'Update Component', 'Update Whole'],
    ],
    [
      'the server',
      { origin: ORIGINS.b },
      [],
      ['Update Connector', 'Update Component', 'Update Whole', 'Delete Whole', 'Delete Component', 'Delete Connector'],
    ],
  ])(
    'a change of %s keeps and replaces the expected objects, with the expected events',
    async (_, change, same, events) => {
      expect(await story.deploy()).toBe('CREATE_COMPLETE');
      const before = story.ids();
      const count = story.count;
      expect(await story.deploy(change)).toBe('UPDATE_COMPLETE');
      expect(story.sent(count)).toEqual(events);
      expect(kept(before, story.ids())).toEqual(same);
      expect(await story.deploy(change)).toBe('UPDATE_COMPLETE');
      expect(story.count).toBe(count + events.length);
      expect(story.own).toHaveLength(3);
      expect(await story.destroy()).toBe('DELETE_COMPLETE');
      expect(story.own).toEqual([]);
    },
  );

  test.each<[string, Partial<Spec>]>([
    ['texts', { text: 2 }],
    ['the access key', { keySerial: 1 }],
    ['names', { names: 'team' }],
    ['the method', { method: 'implicit' }],
    ['the registry', { region: 'us-east-1' }],
    ["the server's name", { origin: ORIGINS.alias }],
    ['the server', { origin: ORIGINS.b }],
  ])('a change of %s that is rolled back restores everything, and works at the next try', async (_, change) => {
    await story.deploy();
    const before = story.ids();
    const connector = { ...story.scene.servers.a.tables.connectors.get(before.Connector!)! };
    for (const marker of ['after connector', 'after component', 'at the end'] as const) {
      expect(await story.deploy(change, 'One', marker, { fail: ['Marker'], cancelUpdates: false })).toBe(
        'UPDATE_ROLLBACK_COMPLETE',
      );
      await story.scene.world.clock.settle();
      expect(story.ids()).toEqual(before);
      expect(story.own).toHaveLength(3);
      const { name, configuration, description } = connector;
      expect(story.scene.servers.a.tables.connectors.get(before.Connector!)).toMatchObject({
        name,
        configuration,
        description,
      });
    }
    expect(await story.deploy(change)).toBe('UPDATE_COMPLETE');
    expect(story.own).toHaveLength(3);
  });

  test('every ZenML stack has a registry at every moment', async () => {
    await story.deploy();
    const { a } = story.scene.servers;
    const empty: string[] = [];
    const watch = a.onChange!;
    a.onChange = (user, method, path) => {
      watch(user, method, path);
      const whole = a.tables.stacks.get(story.uuid('Whole'))!;
      const registry = a.tables.components.get(whole.components.container_registry?.[0] ?? '');
      if (!registry?.connector || !a.tables.connectors.has(registry.connector)) { empty.push(`${method} ${path}`); }
    };
    for (const change of [
      { method: 'implicit' },
      { method: 'implicit', region: 'us-east-1' },
      { region: 'us-east-1' },
      { keySerial: 1 },
      { names: 'x', region: 'us-east-1' },
    ] as const) {
      expect(await story.deploy(change)).toBe('UPDATE_COMPLETE');
    }
    expect(empty).toEqual([]);
  });

  test('a change of behaviour properties makes no call to ZenML, so that ABANDON can be deployed without the server', async () => {
    await story.deploy();
    story.scene.world.down.add(ORIGINS.a);
    const calls = story.scene.servers.a.calls.length;
    expect(await story.deploy({ abandon: true, detach: true })).toBe('UPDATE_COMPLETE');
    expect(story.scene.servers.a.calls).toHaveLength(calls);
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
  });

  test('a change that cannot work fails, changes nothing and leaves nothing', async () => {
    await story.deploy();
    const before = story.ids();
    story.scene.world.account.implicitEnabled = false;
    const start = story.scene.world.clock.now();
    expect(await story.deploy({ method: 'implicit' })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(story.scene.world.clock.now() - start).toBeLessThan(10_000);
    expect(story.reasons).toContain('implicitly disabled');
    expect(story.ids()).toEqual(before);
    expect(story.own).toHaveLength(3);
  });
});

describe('guarded delete', () => {
  const useBy = (kind: 'component' | 'connector') => {
    const { a } = story.scene.servers;
    const ann = story.scene.other(a);
    if (kind === 'connector') {
      a.as(ann, 'POST', '/api/v1/components', {
        name: 'ann-registry',
        type: 'container_registry',
        flavor: 'aws',
        configuration: { uri: 'x.example.com' },
        connector: story.uuid('Connector'),
      });
    } else {
      const production = [...a.tables.stacks.values()].find(({ name }) => name === PRODUCTION)!;
      a.as(ann, 'POST', '/api/v1/stacks', {
        name: 'ann-stack',
        components: { ...production.components, container_registry: [story.uuid('Component')] },
      });
    }
  };

  test("a registry in another person's stack is not deleted and the stack is named, although AWS resources are deleted as documented", async () => {
    await story.deploy({ stack: false });
    useBy('component');
    expect(await story.destroy()).toBe('DELETE_FAILED');
    expect(story.reasons).toMatch(/was not deleted, because it is still used by stack "ann-stack" \(and perhaps/);
    expect(story.own.map((text) => text.split(' ')[0])).toEqual(['connector', 'component']);
    expect(story.scene.world.account.functions.size).toBe(0);
  });

  test('detachFromStacks first removes the registry from the stack, and changes nothing else', async () => {
    await story.deploy({ stack: false });
    useBy('component');
    await story.deploy({ stack: false, detach: true });
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(
      [...story.scene.servers.a.tables.stacks.values()].find(({ name }) => name === 'ann-stack')!.components,
    ).not.toHaveProperty('container_registry');
    expect(story.own).toEqual([]);
  });

  test('a connector that another person\'s component uses is not deleted', async () => {
    await story.deploy({ component: false });
    useBy('connector');
    expect(await story.destroy()).toBe('DELETE_FAILED');
    expect(story.reasons).toMatch(/ann-registry/);
  });
});

describe('attachment', () => {
  const production = () => [...story.scene.servers.a.tables.stacks.values()].find(({ name }) => name === PRODUCTION)!;
  const annsRegistry = (name: string) => {
    const { a } = story.scene.servers;
    const ann = story.scene.other(a);
    const { id } = a.as(ann, 'POST', '/api/v1/components', {
      name,
      type: 'container_registry',
      flavor: 'aws',
      configuration: { uri: 'x.example.com' },
    });
    a.as(ann, 'PUT', `/api/v1/stacks/${production().id}`, {
      components: { ...production().components, container_registry: [id] },
    });
    return id as string;
  };

  test('an attachment puts the component into the stack, and restores the displaced one at its end', async () => {
    const displaced = annsRegistry('ann-own');
    expect(await story.deploy({ stack: false, attach: true })).toBe('CREATE_COMPLETE');
    expect(production().components.container_registry).toEqual([story.uuid('Component')]);
    expect(await story.deploy({ stack: false, attach: false })).toBe('UPDATE_COMPLETE');
    expect(production().components.container_registry).toEqual([displaced]);
  });

  test('an attachment follows a registry that is replaced, and still restores the displaced one', async () => {
    const displaced = annsRegistry('ann-own');
    await story.deploy({ stack: false, attach: true });
    expect(await story.deploy({ stack: false, attach: true, region: 'us-east-1' })).toBe('UPDATE_COMPLETE');
    expect(production().components.container_registry).toEqual([story.uuid('Component')]);
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(production().components.container_registry).toEqual([displaced]);
  });

  test('an attachment leaves the stack alone when somebody has attached another component since', async () => {
    await story.deploy({ stack: false, attach: true });
    const later = annsRegistry('ann-later');
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(production().components.container_registry).toEqual([later]);
  });
});

describe('adoption', () => {
  test('adoption moves component and stack from one CloudFormation stack to another, which then can be deleted', async () => {
    const second = { names: 'mine', adopt: true, ownConnector: true };
    const adopted = () => ({ ...story.ids('Two'), Connector: '' });
    expect(await story.deploy({ names: 'mine' }, 'One')).toBe('CREATE_COMPLETE');
    const before = { ...story.ids('One'), Connector: '' };
    expect(await story.deploy(second, 'Two')).toBe('CREATE_COMPLETE');
    expect(adopted()).toEqual(before);
    expect(await story.destroy('One')).toBe('DELETE_COMPLETE');
    expect(story.own).toHaveLength(3);
    expect(await story.deploy({ ...second, text: 5 }, 'Two')).toBe('UPDATE_COMPLETE');
    expect(adopted()).toEqual(before);
  });

  test('adoption never happens without a request', async () => {
    await story.deploy({ names: 'mine' }, 'One');
    expect(await story.deploy({ names: 'mine' }, 'Two')).toBe('ROLLBACK_COMPLETE');
    expect(story.reasons).toContain(
      'named "mine-connector-iam-role-eu-west-1" that this CloudFormation resource did not create',
    );
    expect(story.own).toHaveLength(3);
    expect(await story.deploy({ names: 'mine', ownConnector: true }, 'Two')).toBe('ROLLBACK_COMPLETE');
    expect(story.reasons).toContain('set adoptExisting');
    expect(story.own).toHaveLength(3);
  });
});

describe('the resources that a cleanup Delete needs', () => {
  test('a cleanup Delete has its permissions after the registration and the last one of its server have left the template', async () => {
    await story.deploy();
    const { account } = story.scene.world;
    const parameters = account.parameters.size;
    expect(await story.deploy({ component: false })).toBe('UPDATE_COMPLETE');
    expect(story.own).toHaveLength(1);
    expect(await story.deploy({ component: false, origin: ORIGINS.b, method: 'implicit' })).toBe('UPDATE_COMPLETE');
    expect(story.own).toHaveLength(1);
    expect(account.parameters.size).toBeLessThan(parameters);
    expect(story.cloudformation.abandoned).toEqual([]);
  });

  test('a rotated API key is read again from its secret', async () => {
    await story.deploy();
    const { a } = story.scene.servers;
    const { secrets } = story.scene.world.account;
    const arn = story.scene.apiKeyArn(ORIGINS.a, 'One');
    const old = secrets.get(arn)!;
    const user = [...a.tables.users.values()].find(({ name }) => name === 'ci')!;
    secrets.set(arn, a.addApiKey(user));
    a.revokeApiKey(old);
    a.expireTokens();
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(story.own).toEqual([]);
  });

  test('a refused API key fails a Delete with advice, unless it is abandoned', async () => {
    await story.deploy();
    const { a } = story.scene.servers;
    a.revokeApiKey(story.scene.world.account.secrets.get(story.scene.apiKeyArn(ORIGINS.a, 'One'))!);
    a.expireTokens();
    await story.deploy({ abandon: true });
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(story.own).toHaveLength(3);
  });
});

describe('delivery', () => {
  const deliver = (choose: (event: ToyEvent) => Delivery) => {
    story.scene.world.lambda.deliver = (event) => choose(event as ToyEvent);
  };

  test('events that are delivered twice create one object each, with the same ids', async () => {
    deliver(() => ({ duplicates: [60, 3_000] }));
    expect(await story.deploy()).toBe('CREATE_COMPLETE');
    await story.scene.world.clock.settle();
    expect(story.own).toHaveLength(3);
    expect(await story.deploy({ method: 'implicit', region: 'us-east-1' })).toBe('UPDATE_COMPLETE');
    await story.scene.world.clock.settle();
    expect(story.own).toHaveLength(3);
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(story.own).toEqual([]);
  });

  test('a process that crashes at any call of any event leaves no orphan after the stack is deleted', async () => {
    for (let atCall = 0; atCall < 14; atCall++) {
      for (const afterwards of [false, true]) {
        story = new Story();
        let events = 0;
        deliver(() => ({
          crash:
            events++ === atCall % 4
              ? { atCall: Math.floor(atCall / 2) * 2 + (afterwards ? 1 : 0), afterwards }
              : undefined,
        }));
        await story.deploy();
        // The events' dates have a resolution of a second: in one second nobody deploys twice.
        await story.scene.world.run(story.scene.world.clock.sleep(5_000));
        if (story.cloudformation.stacks.get('One')!.status === 'CREATE_COMPLETE') {
          await story.deploy({ method: 'implicit', region: 'us-east-1' });
        }
        deliver(() => ({}));
        if (story.cloudformation.stacks.get('One')!.status === 'UPDATE_ROLLBACK_FAILED') {
          await story.scene.world.run(story.cloudformation.continueRollback('One'));
        }
        expect(await story.destroy()).toBe('DELETE_COMPLETE');
        // A cleanup Delete whose process dies is given up by CloudFormation, which says so in the stack's events.
        const given = story.cloudformation.abandoned.map(({ physicalId }) => parsePhysicalId(physicalId)?.uuid);
        expect(story.scene.watch.ownObjects().filter(({ id }) => !given.includes(id))).toEqual([]);
        expect(given.length).toBeLessThan(2);
        story.clean();
      }
    }
  });

  test('a deploy succeeds although IAM takes 30 seconds to propagate role, key and policies', async () => {
    story.scene.world.account.iamDelaySeconds = 30;
    expect(await story.deploy()).toBe('CREATE_COMPLETE');
    expect(await story.deploy({ keySerial: 1 })).toBe('UPDATE_COMPLETE');
  });

  test('a late copy of an old Delete does not delete an object of a later deployment', async () => {
    await story.deploy({ component: false });
    let copies = 0;
    deliver(({ RequestType, PhysicalResourceId }) =>
      RequestType === 'Delete' && !PhysicalResourceId!.startsWith('zenml:') && copies++ === 0
        ? { duplicates: [58_000] }
        : {},
    );
    await story.destroy();
    await story.deploy({ component: false });
    await story.scene.world.clock.settle();
    expect(story.own).toHaveLength(1);
  });
});

test('fifty stacks at the same time lose and duplicate no object', async () => {
  const { world } = story.scene;
  const spec = { ...FIRST_SPEC, apiKeyArn: story.scene.apiKeyArn(ORIGINS.a, 'One') };
  const names = Array.from({ length: 50 }, (_, index) => `Stack${index}`);
  const statuses = await world.run(
    Promise.all(names.map(async (name) => world.cloudformation.deploy(name, synthesize({ ...spec, names: name })))),
  );
  expect(new Set(statuses)).toEqual(new Set(['CREATE_COMPLETE']));
  expect(story.own.filter(name => name.startsWith('connector'))).toHaveLength(50);
  expect(story.own).toHaveLength(150);
  await world.run(Promise.all(names.map(async name => world.cloudformation.destroy(name))));
  expect(story.own).toEqual([]);
});
