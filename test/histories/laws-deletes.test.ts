import { warned } from './invariants/log';
import { Story } from './story';
import { ALWAYS } from '../zenml-model/faults';
import { FOR_GOOD, RefusalName } from '../zenml-model/refusals';

/**
 * Law 2: SUCCESS of a Delete means that the resource's object is gone, was never made, is somebody else's, or was given
 * up on request.
 */

let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.world.clock.settle();
  expect(story.lawless()).toEqual([]);
});

/** Whether the Delete of the component failed, or warned in the log. */
const told = () => {
  const { outcome, event } = story.cloudformation.custom.exchanges.find(
    ({ request }) => request.type === 'Delete' && request.logicalId.startsWith('Component'),
  )!;
  return !outcome!.success || warned(story.world, event.RequestId);
};

test.each(['404 default backend', '404 no route', '404 html'] as const)(
  'a 404 that ZenML did not write (%s), on any call of a Delete, does not say that the object is gone',
  async (answer) => {
    for (const method of ['GET', 'DELETE']) {
      for (let skip = 0; skip < 6; skip++) {
        story = new Story();
        await story.deploy();
        story.zenml.faults.add({ kind: 'status', method, answer, skip });
        const status = await story.destroy();
        if (status === 'DELETE_COMPLETE') {
          expect(story.own).toEqual([]);
        }
        expect(story.lawless()).toEqual([]);
      }
    }
  },
);

test.each(Object.keys(FOR_GOOD) as RefusalName[])(
  'a first deploy that created nothing is rolled back although its Deletes are refused for good (%s)',
  async (answer) => {
    story.onRollback(false);
    story.zenml.faults.add(
      { kind: 'status', method: 'POST', path: /service_connectors$/, answer: '400', times: ALWAYS, during: 'work' },
      { kind: 'status', answer, times: ALWAYS, during: 'rollback' },
    );
    expect(await story.deploy()).toBe('ROLLBACK_COMPLETE');
    expect(story.own).toEqual([]);
  },
);

test('a POST whose answer is lost while look-ups lag by 12 seconds is found, or leaves nothing', async () => {
  for (const path of [/service_connectors$/, /components$/, /stacks$/]) {
    story = new Story();
    story.zenml.lag(12_000);
    story.zenml.faults.add({ kind: 'status-after', method: 'POST', path, status: 504 });
    const status = await story.deploy();
    expect(['CREATE_COMPLETE', 'ROLLBACK_COMPLETE']).toContain(status);
    await story.world.clock.settle();
    if (status === 'ROLLBACK_COMPLETE') { expect(story.own).toEqual([]); }
    expect(await story.destroy()).toBe('DELETE_COMPLETE');
    expect(story.own).toEqual([]);
    expect(story.lawless()).toEqual([]);
  }
});

test('a destroy right after a deploy, while look-ups lag by 12 seconds, leaves nothing', async () => {
  story.zenml.lag(12_000);
  expect(await story.deploy()).toBe('CREATE_COMPLETE');
  await story.destroy();
  expect(story.own).toEqual([]);
});

test('a Delete that looks for its object among 1,200 stacks makes a bounded number of calls', async () => {
  const [first] = story.zenml.tables.stacks.values();
  for (let index = 0; index < 1200; index++) {
    const id = story.world.random.uuid();
    story.zenml.tables.stacks.set(id, {
      ...first!,
      id,
      name: `ann-${index}`,
      userId: story.scene.other(story.zenml).id,
      created: `2020-01-01T00:00:00.${String(index).padStart(6, '0')}`,
    });
  }
  story.scene.watch.remade(story.zenml);
  story.deliver(({ RequestType, LogicalResourceId }) => ({
    lost: RequestType === 'Create' && LogicalResourceId.startsWith('Whole'),
  }));
  expect(await story.deploy()).toBe('ROLLBACK_COMPLETE');
  expect(story.zenml.calls.filter(call => call === 'GET /api/v1/stacks').length).toBeLessThan(600);
  expect(story.own).toEqual([]);
});

test('a Delete after a Create that may have created an object, on a server that hangs, does not succeed without a warning', async () => {
  story.zenml.faults.add(
    { kind: 'drop-answer', method: 'POST', path: /components$/ },
    { kind: 'hang', method: 'GET', path: /components/, times: ALWAYS },
  );
  await story.deploy({ stack: false });
  expect(story.own).toEqual([expect.stringMatching(/^connector/), expect.stringMatching(/^component/)]);
  expect(told()).toBe(true);
});

test('a Delete after a Create that crashed after its POST, with a key that is refused now, does not succeed without a warning', async () => {
  story.dieInCreate('Component', /components$/);
  story.cloudformation.onStatus = (_, status) => {
    if (status !== 'ROLLBACK_IN_PROGRESS') {
      return;
    }
    story.scene.killKeys('a');
    story.world.lambda.recycle();
  };
  await story.deploy({ stack: false });
  expect(story.own).toEqual([expect.stringMatching(/^connector/), expect.stringMatching(/^component/)]);
  expect(told()).toBe(true);
});

test('a binding that was overwritten with another address gets no API key, in a Delete neither', async () => {
  await story.deploy();
  const evil = story.world.addServer('https://evil.example.com');
  const { parameters } = story.world.account;
  for (const [name, value] of parameters) {
    parameters.set(name, value.replaceAll('https://a.example.com', 'https://evil.example.com'));
  }
  story.world.lambda.recycle();
  await story.destroy();
  expect(evil.calls.filter(call => call.includes('login'))).toEqual([]);
});

test('lists that become shorter between two pages hide no object and fail nothing', async () => {
  const registries = Array.from({ length: 65 }, (_, index) => story.ann('POST', 'components', {
    name: `ann-${index}`, type: 'container_registry', flavor: 'aws', configuration: { uri: 'x.example.com' },
  }).id as string);
  // The Delete has to look for the object.
  story.dieInCreate('Component', /components$/);
  story.zenml.onRequest = (method, path) => {
    if (method !== 'GET' || !/components\?.*page=[2-9]/.test(path)) { return; }
    for (const id of registries.splice(0, 5)) { story.ann('DELETE', `components/${id}`); }
  };
  expect(await story.deploy({ stack: false })).toBe('ROLLBACK_COMPLETE');
  expect(story.own).toEqual([]);
});

test('a missing permission to delete is reported as such, and not as a use', async () => {
  await story.deploy({ component: false });
  story.zenml.faults.add({
    kind: 'status',
    method: 'DELETE',
    times: ALWAYS,
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      detail: ['IllegalOperationError', "Insufficient permissions to DELETE resource 'service_connector'."],
    }),
  });
  expect(await story.destroy()).toBe('DELETE_FAILED');
  expect(story.lastReason('Delete')).toMatch(/permission|right|may not/i);
  expect(story.lastReason('Delete')).not.toMatch(/in use by something/);
});
