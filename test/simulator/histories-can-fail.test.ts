import { History, Step } from './history';
import { Handler, LambdaService } from './lambda';
import { simulatedPorts } from './ports';
import { Scene } from './scene';
import { ToyEvent } from './toy-handlers';
import { makeHandler } from '../../src/handler/handler';

/** The histories' watchers see what they are there for: each handler here does one wrong thing. */

const STEPS: Step[] = [
  { do: 'deploy', stack: 'One', change: { attach: true }, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0 },
  { do: 'deploy', stack: 'One', change: { attach: true, text: 2, region: 'us-east-1' }, marker: 'none', fail: false, mishaps: [], faults: [], iamDelay: 0 },
];

type Wrap = (right: Handler, scene: Scene, event: ToyEvent, context: Parameters<Handler>[1]) => Promise<unknown>;

async function problemsWith(wrap: Wrap): Promise<string> {
  const history = new History(5);
  const { scene } = history;
  const load = (environment: ConstructorParameters<typeof LambdaService>[1] extends (e: infer E) => unknown ? E : never): Handler => {
    const right = makeHandler(simulatedPorts(scene.world, environment)) as Handler;
    return async (event, context) => wrap(right, scene, event as ToyEvent, context);
  };
  Object.assign(scene.world.lambda, { load });
  return (await history.run(STEPS)).join('\n');
}

const answer = (scene: Scene, event: ToyEvent, fields: object) => scene.world.putAnswer(event.ResponseURL, JSON.stringify({
  Status: 'SUCCESS', StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, PhysicalResourceId: event.PhysicalResourceId, ...fields,
}));

test('the right handler has no problems', async () => {
  expect(await problemsWith(async (right, _, event, context) => right(event, context))).toBe('');
});

test.each<[string, RegExp, Wrap]>([
  ['says that it deleted and did not', /orphan: /, async (right, scene, event, context) =>
    (event.RequestType === 'Delete' ? answer(scene, event, {}) : right(event, context))],
  ['says that it changed and did not', /text 1 "text 1" instead of 2/, async (right, scene, event, context) =>
    (event.RequestType === 'Update' && event.ResourceType.endsWith('Stack')
      ? answer(scene, event, { Data: { Id: event.PhysicalResourceId!.split(':')[3], Name: `s-whole-${event.PhysicalResourceId!.split(':')[4]}` } }) : right(event, context))],
  ['deletes what CloudFormation believes to exist', /does not exist/, async (right, scene, event, context) => {
    await right(event, context);
    scene.servers.a.tables.stacks.forEach((stack, id) => { if (scene.watch.isOurUser(stack.userId)) { scene.servers.a.tables.stacks.delete(id); } });
  }],
  ['changes what is Ann\'s', /a foreign stack "production" was changed/, async (right, scene, event, context) => {
    const { a } = scene.servers;
    const ours = [...a.tables.users.values()].find(user => scene.watch.isOurUser(user.id))!;
    a.as(ours, 'PUT', `/api/v1/stacks/${[...a.tables.stacks.values()].find(({ name }) => name === 'production')!.id}`, { labels: {} });
    return right(event, context);
  }],
  ['logs a secret', /a secret in the log/, async (right, scene, event, context) => {
    scene.world.log.push(`key is ${[...scene.world.account.secrets.values()][0]}`);
    return right(event, context);
  }],
  ['tells a secret in a reason', /a secret in an answer/, async (_, scene, event) =>
    answer(scene, event, { Status: 'FAILED', Reason: `wrong key ${[...scene.world.account.secrets.values()][0]}`, PhysicalResourceId: event.PhysicalResourceId ?? 'x' })],
  ['forgets an attribute', /attributes/, async (right, scene, event, context) =>
    (event.RequestType === 'Create' ? answer(scene, event, { PhysicalResourceId: 'x', Data: { Id: 'x' } }) : right(event, context))],
])('a handler that %s is found out', async (_, problem, wrap) => {
  expect(await problemsWith(wrap)).toMatch(problem);
});
