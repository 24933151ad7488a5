import { Spec } from './app';
import { fieldsOf } from './invariants/rows';
import { Story } from './story';
import { Label, LABEL_PREFIX } from '../../src/contract/labels';
import { Template } from '../simulator/template';
import { ALWAYS } from '../zenml-model/faults';
import { FOR_GOOD, RefusalName } from '../zenml-model/refusals';

/** Law 1: a rollback never locks a CloudFormation stack. */

let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.world.clock.settle();
  expect(story.lawless()).toEqual([]);
});

const refusals = Object.keys(FOR_GOOD) as RefusalName[];
const kinds = [
  ['connector', /service_connectors\/[0-9a-f-]+(\?|$)/],
  ['component', /components\/[0-9a-f-]+(\?|$)/],
  ['stack', /stacks\/[0-9a-f-]+(\?|$)/],
] as const;
/** All that the servers hold of the library's objects, without what the handler keeps in labels. */
const state = () =>
  story.scene.watch
    .ownObjects()
    .map(({ server, id }) =>
      [...fieldsOf(story.scene.watch.object(server, id)!)]
        .filter(([field]) => !field.startsWith(`labels.${LABEL_PREFIX}`))
        .join(' '),
    )
    .join('\n');

describe.each([['warm', false], ['cold', true]])('in a %s process', (_, cold) => {
  test.each(refusals)(
    'an Update in place whose PUT is refused for good (%s) is rolled back although the rollback is refused as well',
    async (answer) => {
      for (const [, path] of kinds) {
        story = new Story();
        await story.deploy();
        const before = state();
        story.onRollback(cold);
        story.zenml.faults.add({ kind: 'status', method: 'PUT', path, answer, times: ALWAYS });
        expect(await story.deploy({ text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
        story.zenml.faults.clear();
        expect(state()).toBe(before);
      }
    },
  );

  test.each(refusals)(
    'an Update whose every call is refused for good (%s) is rolled back although the rollback is refused as well',
    async (answer) => {
      await story.deploy();
      const before = state();
      story.onRollback(cold);
      story.zenml.faults.add({ kind: 'status', answer, times: ALWAYS });
      expect(await story.deploy({ text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(state()).toBe(before);
    },
  );

  test.each(['503', 'hang', 'refuse'] as const)(
    'a server that is down (%s) during an Update and its rollback locks nothing, because nothing was written',
    async (how) => {
      await story.deploy();
      const before = state();
      story.onRollback(cold);
      story.zenml.faults.add(
        how === '503' ? { kind: 'status', answer: how, times: ALWAYS } : { kind: how, times: ALWAYS },
      );
      expect(await story.deploy({ text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(state()).toBe(before);
    },
  );
});

/** Only the description of ZenML's stack changes. */
const describeAnew = (template: Template): Template => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([id, definition]) => [
      id,
      definition.Type === 'Custom::ZenMLStack'
        ? { ...definition, Properties: { ...definition.Properties, Description: 'another' } }
        : definition,
    ]),
  ),
});

test.each<[string, () => void]>([
  [
    'the component and its stack are deleted by hand',
    () => {
      story.zenml.as(story.scene.other(story.zenml), 'DELETE', `/api/v1/stacks/${story.uuid('Whole')}`);
      story.zenml.as(story.scene.other(story.zenml), 'DELETE', `/api/v1/components/${story.uuid('Component')}`);
    },
  ],
  ['the server is made anew at its address', () => story.scene.remake('a', true)],
  ['the server is made anew at its address with its id', () => story.scene.remake('a', false)],
])(
  'when %s, a deploy that changes only the description of the stack repairs it, or names repairTrigger and rolls back',
  async (_, happens) => {
    await story.deploy();
    happens();
    const status = await story.deploy({}, 'One', 'none', {}, describeAnew);
    expect(['UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE']).toContain(status);
    if (status !== 'UPDATE_COMPLETE') {
      expect(story.reasons).toMatch(/repairTrigger/);
    }
  },
);

test('a change of an object whose explicit name somebody else has taken fails, says so, and is rolled back', async () => {
  await story.deploy({ names: 'team' });
  const { name } = story.zenml.tables.components.get(story.uuid('Component'))!;
  story.ann('PUT', `components/${story.uuid('Component')}`, { name: 'renamed', connector: story.uuid('Connector') });
  story.ann('POST', 'components', {
    name,
    type: 'container_registry',
    flavor: 'aws',
    configuration: { uri: 'x.example.com' },
  });
  expect(await story.deploy({ names: 'team', text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(story.reasons).toContain(name);
});

test('a registry URI that was edited by hand is written back by a change of labels', async () => {
  await story.deploy({ names: 'team' });
  const component = story.zenml.tables.components.get(story.uuid('Component'))!;
  const { uri } = component.configuration;
  story.ann('PUT', `components/${component.id}`, {
    configuration: { ...component.configuration, uri: 'edited.example.com' },
    connector: component.connector,
  });
  expect(await story.deploy({ names: 'team', text: 2 })).toBe('UPDATE_COMPLETE');
  expect(story.zenml.tables.components.get(component.id)!.configuration.uri).toBe(uri);
});

test('a component that another stack has adopted is not changed any more, and the rollback of the first stack ends well', async () => {
  await story.deploy({ names: 'team' });
  expect(await story.deploy({ names: 'team', adopt: true, ownConnector: true, text: 5 }, 'Two')).toBe(
    'CREATE_COMPLETE',
  );
  const adopted = story.scene.watch.object(story.zenml, story.uuid('Component', 'Two'))!.text;
  expect(await story.deploy({ names: 'team', text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(story.reasons).toMatch(/Two|another (CloudFormation )?stack|another resource/);
  expect(story.scene.watch.object(story.zenml, story.uuid('Component', 'Two'))!.text).toBe(adopted);
});

test.each<[string, Partial<Spec>]>([
  ['generated', {}],
  ['explicit', { names: 'team' }],
])(
  'a replacement (%s names) is rolled back and leaves nothing, also with another service account behind the API key',
  async (_, spec) => {
    await story.deploy(spec);
    const before = story.ids();
    story.scene.replaceAccount('a', 0);
    expect(await story.deployAndFail({ ...spec, region: 'us-east-1' })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(story.ids()).toEqual(before);
    expect(story.own).toHaveLength(3);
  },
);

const OPTIONAL = ['ServerUrl', 'NamePrefix', 'PropagationSeconds', 'ConnectorResourceId'];

test.each(OPTIONAL)('an Update from a template of an older version without %s can be rolled back', async property => {
  const without = (template: Template): Template =>
    JSON.parse(JSON.stringify(template, (key, value: unknown) => (key === property ? undefined : value))) as Template;
  await story.deploy();
  // As if an older version of the library had deployed it.
  const stack = story.cloudformation.stacks.get('One')!;
  stack.template = without(stack.template);
  for (const resource of stack.resources.values()) {
    const { [property]: _, ...rest } = resource.properties;
    resource.properties = rest;
  }
  expect(await story.deployAndFail({ text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
  story.cloudformation.onStatus = undefined;
  expect(await story.deploy({ text: 3 })).toBe('UPDATE_COMPLETE');
});

test.each([
  [Label.APPLIED_AT, '2999-01-01T00:00:00.000Z'],
  [Label.ISSUED_AT, '2999-01-01T00:00:00.000Z'],
  [Label.REVISION, 'edited'],
  [Label.STACK, 'elsewhere'],
  [Label.LOGICAL_ID, 'Elsewhere'],
  [Label.NAME, 'elsewhere'],
  [Label.FOUND, 'true'],
  [Label.REQUEST, 'elsewhere'],
])(
  'a label of the library that was edited by hand (%s) locks nothing, and the Delete still deletes the object',
  async (label, value) => {
    await story.deploy();
    const { id, labels, configuration, connector, connectorResourceId } = story.zenml.tables.components.get(
      story.uuid('Component'),
    )!;
    story.ann('PUT', `components/${id}`, {
      labels: { ...labels, [label]: value },
      configuration,
      connector,
      connector_resource_id: connectorResourceId,
    });
    expect(await story.deploy({ text: 2 })).toMatch(/^UPDATE_(ROLLBACK_)?COMPLETE$/);
    await story.wait(60);
    expect(await story.deployAndFail({ text: 3 })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(story.own).toEqual([]);
  },
);
