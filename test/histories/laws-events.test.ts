import { synthesize } from './app';
import { unanswered } from './invariants/answers';
import { FIRST_SPEC, ORIGINS } from './scene';
import { Story } from './story';
import { ALWAYS } from '../zenml-model/faults';
import { FOR_NOW, RefusalName } from '../zenml-model/refusals';

/** Law 4: every event is answered, in time, politely. */

let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.world.clock.settle();
  expect(story.lawless()).toEqual([]);
});

test('a function that was idle for weeks gets every event of a deploy and of a destroy', async () => {
  await story.deploy();
  story.world.lambda.fallAsleep();
  expect(await story.deploy({ text: 2 })).toMatch(/^UPDATE_(ROLLBACK_)?COMPLETE$/);
  expect(await story.deploy({ text: 2 })).toBe('UPDATE_COMPLETE');
  story.world.lambda.fallAsleep();
  expect(await story.destroy()).toBe('DELETE_COMPLETE');
  expect(story.own).toEqual([]);
});

/** So many stacks with a connector each, at the same time. */
const many = async (count: number) => {
  const spec = { ...FIRST_SPEC, component: false, apiKeyArn: story.scene.apiKeyArn(ORIGINS.a, 'One') };
  const names = Array.from({ length: count }, (_, index) => `Many${index}`);
  return story.world.run(
    Promise.all(names.map(async (name) => story.cloudformation.deploy(name, synthesize({ ...spec, names: name })))),
  );
};

test('thirty connectors that wait for IAM on ten slots of concurrency are all answered', async () => {
  story.world.account.iamDelaySeconds = 45;
  story.world.lambda.concurrency = 10;
  const statuses = await many(30);
  expect(unanswered(story.scene, new Set())).toEqual([]);
  expect(new Set(statuses)).not.toContain('ROLLBACK_FAILED');
});

test('twenty Deletes of Creates that never ran do not starve each other on ten slots of concurrency', async () => {
  story.world.lambda.concurrency = 10;
  story.deliver(({ RequestType }) => ({ lost: RequestType === 'Create' }));
  expect(new Set(await many(20))).toEqual(new Set(['ROLLBACK_COMPLETE']));
});

test.each((Object.keys(FOR_NOW) as RefusalName[]).filter((name) => name.includes('Retry-After')))(
  '%s, repeated for ever, causes no loop without a pause',
  async (answer) => {
    story.zenml.faults.add({ kind: 'status', answer, times: ALWAYS });
    expect(await story.deploy({ component: false })).toMatch(/^ROLLBACK/);
    expect(story.world.callRate.violations).toEqual([]);
    expect(story.zenml.faults.taken).toBeLessThan(300);
  },
);

test('an address where nothing listens fails a first deploy in seconds, including its rollback', async () => {
  story.world.down.add(ORIGINS.a);
  const start = story.world.clock.now();
  expect(await story.deploy()).toBe('ROLLBACK_COMPLETE');
  expect(story.world.clock.now() - start).toBeLessThan(60_000);
  expect(story.reasons).toMatch(/ECONNREFUSED|refused/);
});

test('an address that cannot be resolved fails a first deploy in seconds, including its rollback', async () => {
  story.world.network.delete(ORIGINS.a);
  const start = story.world.clock.now();
  expect(await story.deploy()).toBe('ROLLBACK_COMPLETE');
  expect(story.world.clock.now() - start).toBeLessThan(60_000);
});
