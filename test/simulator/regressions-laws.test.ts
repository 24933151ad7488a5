import { Change, History, Step } from './history';

/** Histories in which the handler broke one of the four laws, found at random and shrunk. */

type Deploy = Extract<Step, { do: 'deploy' }>;
const deploy = (change: Change, rest: Partial<Deploy> = {}): Step =>
  ({ do: 'deploy', stack: 'One', change, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0, ...rest });
const destroy = (rest: Partial<Extract<Step, { do: 'destroy' }>> = {}): Step => ({ do: 'destroy', stack: 'One', mishaps: [], faults: [], ...rest });
const problemsOf = async (...steps: Step[]) => new History(0).run(steps);
const ALWAYS = 1_000_000;

test('the first law: a process that dies in an Update after the server was made anew locks nothing', async () => {
  expect(await problemsOf(
    deploy({}), { do: 'meddle', how: 'make the server anew', pick: 0 }, deploy({ text: 2 }, { mishaps: [{ event: 1, kind: 'crash before', at: 0 }] }),
  )).toEqual([]);
});

test('the second law: a rollback that deletes while look-ups lag behind by a second leaves nothing', async () => {
  expect(await problemsOf(deploy({}), deploy({ text: 1 }, { stack: 'Two', marker: 'at the end', fail: true, conditions: { lagSeconds: 1 } }))).toEqual([]);
});

test('the second law: an attachment whose Create fails on a server that hangs, while look-ups lag behind, leaves nothing in the stack of others', async () => {
  expect(await problemsOf(deploy({}), deploy({ attach: true }, {
    faults: [{ kind: 'hang', times: ALWAYS, path: /service_connectors/ }], conditions: { lagSeconds: 12 },
  }))).toEqual([]);
});

test('the third law: a destroy that cannot reach the server says what dies', async () => {
  expect(await problemsOf(deploy({}), destroy({ faults: [{ kind: 'status', answer: '200 empty json', times: ALWAYS }] }))).toEqual([]);
});

test('the third law: a connector that a cleanup does not delete lives, or the reason says what dies', async () => {
  expect(await problemsOf(deploy({}), deploy({ method: 'implicit' }, { conditions: { lagSeconds: 1 } }))).toEqual([]);
});

test('the third law: an attached step operator goes without those of others', async () => {
  expect(await problemsOf(deploy({}), deploy({ attach: true, operator: true }), deploy({ attach: false }))).toEqual([]);
});

test.each<Change>([
  { names: 'team', adopt: true, ownConnector: true, operator: true }, { names: 'team', adoptConnector: true, component: false }, { names: 'team', adopt: true, adoptConnector: true },
])('the third law: adoption that fails later, and adoption that ends with a destroy, give back what was found (%j)', async change => {
  const ann: Step = { do: 'meddle', how: 'same names', pick: 0 };
  expect(await problemsOf(ann, deploy(change, { marker: 'at the end', fail: true }))).toEqual([]);
  expect(await problemsOf(ann, deploy(change), deploy({ text: 2 }), destroy())).toEqual([]);
  expect(await problemsOf(ann, deploy(change), { do: 'meddle', how: 'add a label', pick: 1 }, deploy({ text: 2 }, { marker: 'at the end', fail: true }))).toEqual([]);
});

test('the third law: RETAIN keeps a connector that lives', async () => {
  expect(await problemsOf(deploy({ retain: true }), destroy())).toEqual([]);
  expect(await problemsOf(deploy({ retain: true }), deploy({ method: 'implicit' }))).toEqual([]);
});

test('the fourth law: a function that has slept for weeks answers', async () => {
  expect(await problemsOf(deploy({}), deploy({ text: 2 }, { conditions: { asleep: true } }))).toEqual([]);
});

test('the fourth law: a server that asks to come back at once is not asked without a pause', async () => {
  expect(await problemsOf(deploy({ text: 1 }, { faults: [{ kind: 'status', answer: '429 Retry-After 0', times: ALWAYS }] }))).toEqual([]);
});
