import { synthesize } from './app';
import { History, Step } from './history';
import { FIRST_SPEC, ORIGINS, Scene } from './scene';
import { makeHandler } from '../../src/handler/handler';
import { Environment } from '../simulator/lambda';
import { simulatedPorts } from '../simulator/simulated-ports';

/**
 * Counterexamples that random histories have found, shrunk. `test.failing`: open; the test turns red on the day it is
 * mended.
 */

type Deploy = Extract<Step, { do: 'deploy' }>;
const deploy = (change: Deploy['change'], rest: Partial<Deploy> = {}): Step =>
  ({ do: 'deploy', stack: 'One', change, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0, ...rest });

const problemsOf = async (...steps: Step[]) => new History(0, true).run(steps);

test('a stack adopts the objects of another stack with the same names, and both are destroyed', async () => {
  expect(await problemsOf(deploy({ names: 'team' }), deploy({ names: 'team', adopt: true }, { stack: 'Two' }))).toEqual(
    [],
  );
});

test('a rollback whose Update crashes at its first call is continued, and the name is the old one again', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy(
        { names: 'team' },
        { marker: 'after connector', fail: true, mishaps: [{ event: 2, kind: 'crash before', at: 0 }] },
      ),
    ),
  ).toEqual([]);
});

test('a rollback deletes the new object of a replacement that crashed after its POST', async () => {
  for (const at of [8, 9, 10, 11, 12]) {
    expect(
      await problemsOf(
        deploy({}),
        { do: 'wait', seconds: 5 },
        deploy({ method: 'implicit' }, { mishaps: [{ event: 0, kind: 'crash after', at }] }),
      ),
    ).toEqual([]);
  }
});

test('a Delete waits for a cancelled Create on a slow server, and deletes its object', async () => {
  expect(
    await problemsOf(
      deploy(
        {},
        {
          marker: 'after component',
          fail: true,
          faults: [{ kind: 'delay', method: 'GET', skip: 2, times: 2, milliseconds: 20_000 }],
        },
      ),
    ),
  ).toEqual([]);
});

// 429 stands for any lost answer here: after one of 5xx the handler looks first, and only the timing of that look makes
// it rarer.
test('a Delete deletes the second object of a cancelled Create that posts again after the Delete has deleted the first one', async () => {
  expect(
    await new History(3, true).run([
      deploy(
        {},
        {
          marker: 'after connector',
          fail: true,
          faults: [{ kind: 'status-after', method: 'POST', skip: 3, status: 429 }],
        },
      ),
    ]),
  ).toEqual([]);
});

test('a cancelled replacement on another server whose rollback came first deletes its own object', async () => {
  expect(
    await problemsOf(
      deploy({}),
      { do: 'wait', seconds: 5 },
      deploy({ server: 'b' }, { marker: 'after connector', fail: true }),
    ),
  ).toEqual([]);
});

test('a cancelled replacement on one server whose rollback came first deletes its own object', async () => {
  expect(
    await new History(11, true).run([
      deploy({}),
      { do: 'wait', seconds: 5 },
      deploy(
        { region: 'us-east-1' },
        { marker: 'after connector', fail: true, mishaps: [{ event: 1, kind: 'slow queue', at: 0 }] },
      ),
    ]),
  ).toEqual([]);
});

test('a late copy of an Update that comes after a newer Update changes nothing', async () => {
  expect(
    await problemsOf(
      deploy({}),
      deploy({ text: 2 }, { mishaps: [{ event: 0, kind: 'late duplicate', at: 20 }] }),
      { do: 'recycle' },
      deploy({ text: 3 }),
      { do: 'wait', seconds: 60 },
    ),
  ).toEqual([]);
});

test('an Update with equal old and new properties (a retry after a failed one) reads the object', async () => {
  const scene = new Scene(0);
  const { world } = scene;
  await world.run(
    world.cloudformation.deploy(
      'One',
      synthesize({ ...FIRST_SPEC, component: false, apiKeyArn: scene.apiKeyArn(ORIGINS.a, 'One') }),
    ),
  );
  const { event, outcome } = world.cloudformation.custom.exchanges[0]!;
  const row = [...scene.servers.a.tables.connectors.values()].find(({ userId }) => scene.watch.isOurUser(userId))!;
  row.description = 'left by an Update that failed half way';
  const environment = new Environment([...world.account.functions.values()][0]!);
  await world.run(
    makeHandler(simulatedPorts(world, environment))(
      {
        ...event,
        RequestType: 'Update',
        RequestId: 'retry',
        PhysicalResourceId: outcome!.id,
        OldResourceProperties: event.ResourceProperties,
      },
      { getRemainingTimeInMillis: () => 300_000 },
    ),
  );
  expect(row.description).toBe('text 1');
});

test('a copy of a Create that still verifies while an Update renames the object creates no second object', async () => {
  expect(
    await problemsOf(
      deploy({}, { iamDelay: 30, mishaps: [{ event: 0, kind: 'late duplicate', at: 0 }] }),
      deploy({ names: 'team' }),
    ),
  ).toEqual([]);
});

test('a rollback restores an object that the late PUT of a cancelled Update has overwritten', async () => {
  expect(
    await problemsOf(
      deploy({}),
      { do: 'recycle' },
      deploy(
        { text: 2 },
        {
          marker: 'after connector',
          fail: true,
          faults: [{ kind: 'late', method: 'PUT', path: /components/, milliseconds: 6_000 }],
        },
      ),
    ),
  ).toEqual([]);
});

test('a cancelled Update whose PUT is refused looks before it retries', async () => {
  expect(
    await problemsOf(
      deploy({}),
      { do: 'recycle' },
      deploy(
        { text: 2 },
        {
          marker: 'after connector',
          fail: true,
          faults: [{ kind: 'status', method: 'PUT', path: /components/, status: 503, times: 3 }],
        },
      ),
    ),
  ).toEqual([]);
});

test('a rollback of a cancelled move to another server creates a deleted object again, and no third object is left', async () => {
  for (const milliseconds of [0, 3_000]) {
    expect(
      await problemsOf(
        deploy({ attach: true }),
        { do: 'meddle', how: 'delete ours', pick: 2 },
        deploy(
          { server: 'b' },
          {
            marker: 'after connector',
            fail: true,
            faults: [{ kind: 'late', method: 'POST', path: /stacks/, milliseconds }],
          },
        ),
      ),
    ).toEqual([]);
  }
});
