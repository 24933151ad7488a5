import { Change, History, Step } from './history';

/** Histories in which the handler broke one of the four laws, found at random and shrunk. */

type Deploy = Extract<Step, { do: 'deploy' }>;
const deploy = (change: Change, rest: Partial<Deploy> = {}): Step =>
  ({ do: 'deploy', stack: 'One', change, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0, ...rest });
const destroy = (rest: Partial<Extract<Step, { do: 'destroy' }>> = {}): Step => ({
  do: 'destroy',
  stack: 'One',
  mishaps: [],
  faults: [],
  ...rest,
});
const problemsOf = async (...steps: Step[]) => new History(0).run(steps);
const ALWAYS = 1_000_000;

test('law 1: a process that crashes in an Update after the server was replaced locks nothing', async () => {
  expect(
    await problemsOf(
      deploy({}),
      { do: 'meddle', how: 'make the server anew', pick: 0 },
      deploy({ text: 2 }, { mishaps: [{ event: 1, kind: 'crash before', at: 0 }] }),
    ),
  ).toEqual([]);
});

test('law 2: a rollback that deletes while look-ups lag by a second leaves nothing', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy({ text: 1 }, { stack: 'Two', marker: 'at the end', fail: true, conditions: { lagSeconds: 1 } }),
    ),
  ).toEqual([]);
});

test('law 2: an attachment whose Create fails on a server that hangs, while look-ups lag, leaves nothing in the stack', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy(
        { attach: true },
        {
          faults: [{ kind: 'hang', times: ALWAYS, path: /service_connectors/ }],
          conditions: { lagSeconds: 12 },
        },
      ),
    ),
  ).toEqual([]);
});

test('law 3: a destroy that cannot reach the server names what stops working', async () => {
  expect(
    await problemsOf(deploy({}), destroy({ faults: [{ kind: 'status', answer: '200 empty json', times: ALWAYS }] })),
  ).toEqual([]);
});

test('law 3: a connector that a cleanup does not delete works, or the reason names what stops working', async () => {
  expect(await problemsOf(deploy({}), deploy({ method: 'implicit' }, { conditions: { lagSeconds: 1 } }))).toEqual([]);
});

test('law 3: an attached step operator is detached without those of others', async () => {
  expect(await problemsOf(deploy({}), deploy({ attach: true, operator: true }), deploy({ attach: false }))).toEqual([]);
});

test.each<Change>([
  { names: 'team', adopt: true, ownConnector: true, operator: true },
  { names: 'team', adoptConnector: true, component: false },
  { names: 'team', adopt: true, adoptConnector: true },
])(
  'law 3: an adoption that fails later, and one that ends with a destroy, give back what was found (%j)',
  async (change) => {
    const ann: Step = { do: 'meddle', how: 'same names', pick: 0 };
    expect(await problemsOf(ann, deploy(change, { marker: 'at the end', fail: true }))).toEqual([]);
    expect(await problemsOf(ann, deploy(change), deploy({ text: 2 }), destroy())).toEqual([]);
    expect(
      await problemsOf(
        ann,
        deploy(change),
        { do: 'meddle', how: 'add a label', pick: 1 },
        deploy({ text: 2 }, { marker: 'at the end', fail: true }),
      ),
    ).toEqual([]);
  },
);

test('law 3: RETAIN keeps a connector that works', async () => {
  expect(await problemsOf(deploy({ retain: true }), destroy())).toEqual([]);
  expect(await problemsOf(deploy({ retain: true }), deploy({ method: 'implicit' }))).toEqual([]);
});

test('law 4: a function that was idle for weeks answers', async () => {
  expect(await problemsOf(deploy({}), deploy({ text: 2 }, { conditions: { asleep: true } }))).toEqual([]);
});

test('law 4: a server with Retry-After 0 is not called without a pause', async () => {
  expect(
    await problemsOf(deploy({ text: 1 }, { faults: [{ kind: 'status', answer: '429 Retry-After 0', times: ALWAYS }] })),
  ).toEqual([]);
});

test('law 1: the rollback of a move to another server finds a renamed connector, also when its name is taken', async () => {
  expect(
    await problemsOf(
      deploy({ names: 'team' }),
      { do: 'meddle', how: 'rename ours and take the name', pick: 0 },
      deploy({ server: 'b' }, { marker: 'at the end', fail: true }),
      deploy({ text: 1 }),
    ),
  ).toEqual([]);
});

test('law 1: a rollback whose PUT hangs, while look-ups lag, warns that it may not have restored everything', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy(
        { names: 'team' },
        {
          marker: 'after connector',
          fail: true,
          faults: [{ kind: 'hang', times: ALWAYS, method: 'PUT', during: 'rollback' }],
          conditions: { lagSeconds: 5 },
        },
      ),
    ),
  ).toEqual([]);
});

test('law 1: where CloudFormation cannot be asked, the reason of a rollback that fails says how to go on', async () => {
  expect(
    await problemsOf(deploy({ names: 'team' }), {
      do: 'both',
      steps: [
        deploy(
          { names: undefined },
          { faults: [{ kind: 'status', answer: '504', times: ALWAYS, during: 'rollback' }] },
        ),
        deploy(
          {},
          {
            stack: 'Two',
            marker: 'after component',
            fail: true,
            conditions: { cold: 'in the rollback', cloudformationUnreachable: true },
          },
        ),
      ],
    }),
  ).toEqual([]);
});

test('law 2: a POST that a proxy answers with 429 after the work, while look-ups lag behind, leaves nothing', async () => {
  expect(
    await problemsOf(
      deploy(
        {},
        {
          faults: [{ kind: 'status-after', method: 'POST', skip: 2, times: 1, status: 429 }],
          conditions: { lagSeconds: 1 },
        },
      ),
      destroy(),
    ),
  ).toEqual([]);
});

test('law 3: changes by other people to an adopted stack are kept, also after a deployment has overwritten them', async () => {
  expect(
    await problemsOf(
      { do: 'meddle', how: 'same names', pick: 0 },
      deploy({ names: 'team', adopt: true, ownConnector: true, text: 1 }),
      { do: 'meddle', how: 'edit the description of a stack', pick: 0 },
      deploy({ text: 2 }),
    ),
  ).toEqual([]);
});

test('law 1: a rollback creates a connector again under another name where people have deleted it and taken its name', async () => {
  expect(
    await problemsOf(
      deploy({ names: 'team', component: false }),
      { do: 'meddle', how: 'delete ours and take the name', pick: 0 },
      deploy({ method: 'implicit' }, { marker: 'at the end', fail: true }),
      deploy({ text: 1 }),
    ),
  ).toEqual([]);
});

test('law 2: a rollback deletes what its Update had created in place of an object that was lost with its server', async () => {
  expect(
    await problemsOf(deploy({ names: 'team' }), {
      do: 'both',
      steps: [
        { do: 'meddle', how: 'make the server anew with its id', pick: 0 },
        deploy(
          { names: 'team', adopt: true, ownConnector: true, operator: true, text: 1 },
          { conditions: { asleep: true, lagSeconds: 5, cloudformationUnreachable: true } },
        ),
      ],
    }),
  ).toEqual([]);
});

test('law 2: two attachments that are deleted one after the other, while look-ups lag, are both detached', async () => {
  expect(
    await problemsOf(
      deploy({ operator: true }),
      deploy({ attach: true }, { marker: 'at the end', fail: true, conditions: { lagSeconds: 1 } }),
    ),
  ).toEqual([]);
});

test('law 1: what a proxy refuses after ZenML has written it counts as written', async () => {
  expect(
    await problemsOf(
      deploy({ text: 2 }),
      deploy({ text: 1 }, { faults: [{ kind: 'status-after', answer: '409 html', times: ALWAYS, skip: 4 }] }),
      deploy({ text: 1 }),
    ),
  ).toEqual([]);
});

test('law 3: a stack that a failed update had adopted in place of a deleted one is given back, also where its rollback could not write', async () => {
  expect(
    await problemsOf(
      deploy({ names: 'team' }),
      { do: 'meddle', how: 'delete ours and take the name', pick: 17 },
      deploy(
        { text: 2, adopt: true },
        {
          marker: 'at the end',
          fail: true,
          faults: [{ kind: 'status', answer: '409', times: ALWAYS, method: 'GET', skip: 2, during: 'rollback' }],
        },
      ),
    ),
  ).toEqual([]);
});

test('law 3: the cleanup of an attachment to a stack that went with its server leaves the new attachment in place', async () => {
  expect(
    await problemsOf(
      deploy({ attach: true }),
      { do: 'meddle', how: 'make the server anew with its id', pick: 0 },
      { do: 'meddle', how: 'change the production stack', pick: 0 },
      deploy({ text: 2 }),
    ),
  ).toEqual([]);
});

test('law 3: a rollback whose look-up lags behind an update that succeeded does not end well while the server hangs', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy({ keySerial: 1 }),
      deploy(
        { keySerial: 0 },
        {
          marker: 'at the end',
          fail: true,
          faults: [{ kind: 'hang', times: ALWAYS, skip: 1, during: 'rollback' }],
          conditions: { lagSeconds: 5 },
        },
      ),
    ),
  ).toEqual([]);
});

test('law 3: a rollback whose look-up does not show yet what the update has created does not end well while a proxy refuses everything', async () => {
  expect(
    await problemsOf(
      deploy({ text: 1 }),
      deploy(
        { method: 'implicit' },
        {
          marker: 'after component',
          fail: true,
          faults: [{ kind: 'status-after', answer: '503', times: ALWAYS, skip: 1, during: 'rollback' }],
          conditions: { lagSeconds: 5 },
        },
      ),
    ),
  ).toEqual([]);
});

test('law 1: an update that is delivered again after its deployment has ended keeps its connector, also while a later deployment rolls back', async () => {
  expect(
    await problemsOf(
      deploy({ component: false, operator: true }),
      deploy(
        { region: 'us-east-1', text: 2 },
        {
          mishaps: [{ event: 1, kind: 'duplicate', at: 0 }],
          faults: [{ kind: 'status', answer: '302', times: ALWAYS, during: 'rollback' }],
          conditions: { asleep: true, lagSeconds: 1 },
        },
      ),
      deploy({ text: 2 }, { marker: 'at the end', fail: true }),
    ),
  ).toEqual([]);
});
