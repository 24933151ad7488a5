import { snapshot } from './invariants/rows';
import { registryTemplate } from './registry-app';
import { Story } from './story';
import { Connector } from '../zenml-model/objects';

/** Law 3: what stays must live, and what was others' is given back. */

/** Words with which a reason tells what dies. */
const TOLD = /\b(role|access key|keys?|credentials?|dead|dies?|stops? working)\b/i;

let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.world.clock.settle();
  expect(story.lawless()).toEqual([]);
});

const deadness = ({ configuration, authMethod }: Connector, repository?: string) =>
  story.world.account.deadness(configuration, authMethod, repository);
const connectorNamed = (name: string) => [...story.zenml.tables.connectors.values()].find(row => row.name === name)!;
/** All that is Ann's. */
const texts = () => [...snapshot(story.zenml).values()]
  .filter(({ userId }) => userId !== null && !story.scene.watch.isOurUser(userId)).map(({ text }) => text);
const usedByAnn = (pick = 0) => story.meddle('use our component', pick);

test.each<[string, boolean]>([
  ['the connector too', false],
  ['component and stack, with a connector of our own', true],
])('adoption of a registry (%s) is undone completely when the deploy fails', async (_, ownConnector) => {
  story.meddle('same names');
  const before = texts();
  expect(await story.deployAndFail({ names: 'team', adopt: true, adoptConnector: true, ownConnector, text: 2 })).toBe(
    'ROLLBACK_COMPLETE',
  );
  expect(texts()).toEqual(before);
  expect(deadness(connectorNamed('team-connector-iam-role-eu-west-1'))).toBeUndefined();
  expect(story.own).toEqual([]);
});

test('adoption of a working service connector is refused at once', async () => {
  story.meddle('same names');
  const before = texts();
  expect(await story.deploy({ names: 'team', adoptConnector: true, component: false })).toBe('ROLLBACK_COMPLETE');
  expect(story.lastReason('Create')).toContain('team-connector-iam-role-eu-west-1');
  expect(texts()).toEqual(before);
});

test('a destroy gives adopted objects back as they were found, with what their owner has changed since', async () => {
  story.meddle('same names');
  const registry = [...story.zenml.tables.components.values()].find(({ name }) => name === 'team-registry-eu-west-1')!;
  const found = { ...registry, configuration: { ...registry.configuration }, labels: { ...registry.labels } };
  expect(await story.deploy({ names: 'team', adopt: true, ownConnector: true, operator: true, text: 2 })).toBe(
    'CREATE_COMPLETE',
  );
  const { labels, configuration, connector, connectorResourceId } = registry;
  story.ann('PUT', `components/${registry.id}`, {
    labels: { ...labels, size: 'large' },
    configuration,
    connector,
    connector_resource_id: connectorResourceId,
  });
  expect(await story.deploy({ names: 'team', adopt: true, ownConnector: true, operator: true, text: 3 })).toBe(
    'UPDATE_COMPLETE',
  );
  expect(await story.destroy()).toBe('DELETE_COMPLETE');
  const { updated: _, ...now } = story.zenml.tables.components.get(registry.id)!;
  const { updated: __, ...was } = found;
  expect(now).toEqual({ ...was, labels: { ...was.labels, size: 'large' } });
});

test("a refused destroy of a registry in another person's stack leaves a working connector, or its reason names what stops working", async () => {
  await story.deploy({ stack: false });
  const connector = story.zenml.tables.connectors.get(story.uuid('Connector'))!;
  usedByAnn();
  expect(await story.destroy()).toBe('DELETE_FAILED');
  const reasons = story.cloudformation.custom.exchanges
    .filter(({ request, outcome }) => request.type === 'Delete' && outcome?.success === false)
    .map(({ outcome }) => outcome!.reason);
  if (deadness(connector) !== undefined) {
    reasons.forEach((reason) => expect(reason).not.toContain('nothing was changed'));
    expect(reasons.some((reason) => TOLD.test(reason))).toBe(true);
  }
});

test.each([
  ['deploy, and destroy', {}],
  ['replacement', { method: 'implicit' as const }],
])('RETAIN keeps a connector working, with its permissions on the repositories (%s)', async (what, change) => {
  const retained = { removalPolicy: 'retain' as const };
  const deploy = async (extra: object) =>
    story.world.run(story.cloudformation.deploy('One', registryTemplate(story.scene, { ...retained, ...extra })));
  expect(await deploy({})).toBe('CREATE_COMPLETE');
  const connector = [...story.zenml.tables.connectors.values()].find(({ userId }) =>
    story.scene.watch.isOurUser(userId),
  )!;
  expect(deadness(connector, 'zenml')).toBeUndefined();
  if (what === 'replacement') {
    expect(await deploy(change)).toBe('UPDATE_COMPLETE');
  } else {
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
  }
  expect(story.zenml.tables.connectors.has(connector.id)).toBe(true);
  expect(deadness(connector, 'zenml')).toBeUndefined();
});

test('a step operator of the app is attached to and detached from a stack with two other step operators, which stay', async () => {
  const theirs = [...story.production.components.step_operator!];
  expect(await story.deploy({ operator: true, attach: true })).toBe('CREATE_COMPLETE');
  const attached = story.production.components.step_operator!;
  expect(attached).toHaveLength(3);
  expect(attached).toEqual(expect.arrayContaining(theirs));
  expect(attached[0]).toBe(theirs[0]);
  expect(await story.deploy({ operator: true, attach: false })).toBe('UPDATE_COMPLETE');
  expect(story.production.components.step_operator).toEqual(theirs);
});

describe('a PUT that the server refuses again and again while others change the same stack', () => {
  /** Ann changes the orchestrator and adds an image builder at the second of twelve refused PUTs. */
  const meanwhile = (stackId: () => string) => {
    const make = (type: string, flavor: string) =>
      story.ann('POST', 'components', { name: `ann-${type}`, type, flavor, configuration: {} }).id as string;
    const news = {
      orchestrator: [make('orchestrator', 'kubernetes')],
      image_builder: [make('image_builder', 'local')],
    };
    let puts = 0;
    const take = story.zenml.faults.take.bind(story.zenml.faults);
    story.zenml.faults.take = (method, path) => {
      if (method === 'PUT' && path.includes(stackId()) && ++puts === 2) {
        story.ann('PUT', `stacks/${stackId()}`, {
          components: { ...story.zenml.tables.stacks.get(stackId())!.components, ...news },
        });
      }
      return take(method, path);
    };
    story.zenml.faults.add({
      kind: 'status',
      answer: '503',
      method: 'PUT',
      path: new RegExp(`stacks/${stackId()}`),
      times: 12,
    });
    return news;
  };

  test('an attachment whose PUT is refused again and again does not undo changes of others', async () => {
    const news = meanwhile(() => story.production.id);
    expect(await story.deploy({ stack: false, attach: true })).toBe('CREATE_COMPLETE');
    expect(story.production.components).toMatchObject({ ...news, container_registry: [story.uuid('Component')] });
  });

  test('a detachment whose PUT is refused again and again does not undo changes of others', async () => {
    await story.deploy({ stack: false, attach: true });
    const news = meanwhile(() => story.production.id);
    expect(await story.deploy({ stack: false })).toBe('UPDATE_COMPLETE');
    expect(story.production.components).toMatchObject(news);
    expect(story.production.components).not.toHaveProperty('container_registry');
  });

  test('a Delete that detaches, and whose PUT is refused again and again, does not undo changes of others', async () => {
    await story.deploy({ stack: false, detach: true });
    usedByAnn();
    const annsStack = [...story.zenml.tables.stacks.values()].find(({ name }) => name === 'ann-stack-0')!;
    const news = meanwhile(() => annsStack.id);
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(annsStack.components).toMatchObject(news);
    expect(annsStack.components).not.toHaveProperty('container_registry');
  });
});
