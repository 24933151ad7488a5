import { synthesize } from './app';
import { History, Step } from './history';
import { FIRST_SPEC, ORIGINS, Scene } from './scene';
import { makeHandler } from '../../src/handler/handler';
import { Environment } from '../simulator/lambda';
import { simulatedPorts } from '../simulator/simulated-ports';

/** Counterexamples that random histories have found, shrunk. `test.failing`: open; the test turns red on the day it is mended. */

type Deploy = Extract<Step, { do: 'deploy' }>;
const deploy = (change: Deploy['change'], rest: Partial<Deploy> = {}): Step =>
  ({ do: 'deploy', stack: 'One', change, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0, ...rest });

const problemsOf = async (...steps: Step[]) => new History(0, true).run(steps);

test('a stack adopts what another one made, with the same names; both are destroyed', async () => {
  expect(await problemsOf(deploy({ names: 'team' }), deploy({ names: 'team', adopt: true }, { stack: 'Two' }))).toEqual([]);
});

test('a rollback whose Update crashes at its first call is continued: the name is the old one again', async () => {
  expect(await problemsOf(
    deploy({}), deploy({ names: 'team' }, { marker: 'after connector', fail: true, mishaps: [{ event: 2, kind: 'crash before', at: 0 }] }),
  )).toEqual([]);
});

test('an Update that replaces dies after it has made the new object: the rollback removes that', async () => {
  for (const at of [8, 9, 10, 11, 12]) {
    expect(await problemsOf(deploy({}), { do: 'wait', seconds: 5 }, deploy({ method: 'implicit' }, { mishaps: [{ event: 0, kind: 'crash after', at }] }))).toEqual([]);
  }
});

test('a cancelled Create works on slowly: its Delete is patient with the slow server and finds what comes', async () => {
  expect(await problemsOf(deploy({}, {
    marker: 'after component', fail: true, faults: [{ kind: 'delay', method: 'GET', skip: 2, times: 2, milliseconds: 20_000 }],
  }))).toEqual([]);
});

// 429 stands for any lost answer here: after one of 5xx the handler looks first, and only the timing of that look makes it rarer.
test('a cancelled Create posts again after the Delete has taken the first object: the Delete looks on and takes the second', async () => {
  expect(await new History(3, true).run([
    deploy({}, { marker: 'after connector', fail: true, faults: [{ kind: 'status-after', method: 'POST', skip: 3, status: 429 }] }),
  ])).toEqual([]);
});

test('an Update that replaces (on another server) is called off, and its rollback comes before it has made the new object: it takes that away again', async () => {
  expect(await problemsOf(deploy({}), { do: 'wait', seconds: 5 }, deploy({ server: 'b' }, { marker: 'after connector', fail: true }))).toEqual([]);
});

test('the same on one server', async () => {
  expect(await new History(11, true).run([
    deploy({}), { do: 'wait', seconds: 5 },
    deploy({ region: 'us-east-1' }, { marker: 'after connector', fail: true, mishaps: [{ event: 1, kind: 'slow queue', at: 0 }] }),
  ])).toEqual([]);
});

test('a late copy of an Update comes after a newer Update, and changes nothing', async () => {
  expect(await problemsOf(deploy({}), deploy({ text: 2 }, { mishaps: [{ event: 0, kind: 'late duplicate', at: 20 }] }), { do: 'recycle' }, deploy({ text: 3 }), { do: 'wait', seconds: 60 })).toEqual([]);
});

test('an Update with equal old and new properties (a retry after a failed one) looks at the server', async () => {
  const scene = new Scene(0);
  const { world } = scene;
  await world.run(world.cloudformation.deploy('One', synthesize({ ...FIRST_SPEC, component: false, apiKeyArn: scene.apiKeyArn(ORIGINS.a, 'One') })));
  const { event, outcome } = world.cloudformation.custom.exchanges[0]!;
  const row = [...scene.servers.a.tables.connectors.values()].find(({ userId }) => scene.watch.isOurUser(userId))!;
  row.description = 'left by an Update that failed half way';
  const environment = new Environment([...world.account.functions.values()][0]!);
  await world.run(makeHandler(simulatedPorts(world, environment))({
    ...event, RequestType: 'Update', RequestId: 'retry', PhysicalResourceId: outcome!.id, OldResourceProperties: event.ResourceProperties,
  }, { getRemainingTimeInMillis: () => 300_000 }));
  expect(row.description).toBe('text 1');
});

test('a copy of a Create that is still verifying while an Update renames the object makes no second one', async () => {
  expect(await problemsOf(deploy({}, { iamDelay: 30, mishaps: [{ event: 0, kind: 'late duplicate', at: 0 }] }), deploy({ names: 'team' }))).toEqual([]);
});

test('an Update that is called off while its PUT is on the way: the rollback looks again and puts it right', async () => {
  expect(await problemsOf(
    deploy({}), { do: 'recycle' },
    deploy({ text: 2 }, { marker: 'after connector', fail: true, faults: [{ kind: 'late', method: 'PUT', path: /components/, milliseconds: 6_000 }] }),
  )).toEqual([]);
});

test('an Update that is called off while its PUT is refused looks before it tries again', async () => {
  expect(await problemsOf(
    deploy({}), { do: 'recycle' },
    deploy({ text: 2 }, { marker: 'after connector', fail: true, faults: [{ kind: 'status', method: 'PUT', path: /components/, status: 503, times: 3 }] }),
  )).toEqual([]);
});

test('an Update that moves to another server is called off, and somebody has deleted the old object: its rollback makes another and no third is left', async () => {
  for (const milliseconds of [0, 3_000]) {
    expect(await problemsOf(
      deploy({ attach: true }), { do: 'meddle', how: 'delete ours', pick: 2 },
      deploy({ server: 'b' }, { marker: 'after connector', fail: true, faults: [{ kind: 'late', method: 'POST', path: /stacks/, milliseconds }] }),
    )).toEqual([]);
  }
});
