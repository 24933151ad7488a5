import { History, Step } from './history';
import { Scene } from './scene';
import { makeHandler } from '../../src/handler/handler';
import { Environment, Handler, LambdaService } from '../simulator/lambda';
import { simulatedPorts } from '../simulator/simulated-ports';
import { ToyEvent } from '../simulator/toy-handlers';

/** The histories' watchers see what they are there for: each handler here does one wrong thing. */

const STEPS: Step[] = [
  {
    do: 'deploy',
    stack: 'One',
    change: { attach: true },
    marker: 'none',
    fail: false,
    mishaps: [],
    faults: [],
    iamDelay: 0,
  },
  {
    do: 'deploy',
    stack: 'One',
    change: { attach: true, text: 2, region: 'us-east-1' },
    marker: 'none',
    fail: false,
    mishaps: [],
    faults: [],
    iamDelay: 0,
  },
];

type Wrap = (right: Handler, scene: Scene, event: ToyEvent, context: Parameters<Handler>[1]) => Promise<unknown>;

async function problemsWith(wrap: Wrap, steps: Step[] = STEPS): Promise<string> {
  const history = new History(5);
  const { scene } = history;
  const load = (
    environment: ConstructorParameters<typeof LambdaService>[1] extends (e: infer E) => unknown ? E : never,
  ): Handler => {
    const right = makeHandler(simulatedPorts(scene.world, environment)) as Handler;
    return async (event, context) => wrap(right, scene, event as ToyEvent, context);
  };
  Object.assign(scene.world.lambda, { load });
  return (await history.run(steps)).join('\n');
}

const answer = (scene: Scene, event: ToyEvent, fields: object) =>
  scene.world.putAnswer(
    event.ResponseURL,
    JSON.stringify({
      Status: 'SUCCESS',
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      PhysicalResourceId: event.PhysicalResourceId,
      ...fields,
    }),
  );

const locked: Step[] = [
  STEPS[0]!,
  { ...(STEPS[1] as Extract<Step, { do: 'deploy' }>), marker: 'at the end', fail: true },
];

test('the correct handler breaks no invariant', async () => {
  expect(await problemsWith(async (right, _, event, context) => right(event, context))).toBe('');
});

test.each<[string, RegExp, Wrap]>([
  [
    'says that it deleted and did not',
    /orphan: /,
    async (right, scene, event, context) =>
      event.RequestType === 'Delete' ? answer(scene, event, {}) : right(event, context),
  ],
  [
    'says that it changed and did not',
    /text 1 "text 1" instead of 2/,
    async (right, scene, event, context) =>
      event.RequestType === 'Update' && event.ResourceType.endsWith('Stack')
        ? answer(scene, event, {
          Data: {
            Id: event.PhysicalResourceId!.split(':')[3],
            Name: `s-whole-${event.PhysicalResourceId!.split(':')[4]}`,
          },
        })
        : right(event, context),
  ],
  [
    'deletes what CloudFormation believes to exist',
    /does not exist/,
    async (right, scene, event, context) => {
      await right(event, context);
      scene.servers.a.tables.stacks.forEach((stack, id) => {
        if (scene.watch.isOurUser(stack.userId)) {
          scene.servers.a.tables.stacks.delete(id);
        }
      });
    },
  ],
  [
    "changes what is Ann's",
    /a foreign stack "production" was changed/,
    async (right, scene, event, context) => {
      const { a } = scene.servers;
      const ours = [...a.tables.users.values()].find((user) => scene.watch.isOurUser(user.id))!;
      a.as(
        ours,
        'PUT',
        `/api/v1/stacks/${[...a.tables.stacks.values()].find(({ name }) => name === 'production')!.id}`,
        { labels: {} },
      );
      return right(event, context);
    },
  ],
  [
    'logs a secret',
    /a secret in the log/,
    async (right, scene, event, context) => {
      scene.world.log.push(`key is ${[...scene.world.account.secrets.values()][0]}`);
      return right(event, context);
    },
  ],
  [
    'tells a secret in a reason',
    /a secret in an answer/,
    async (_, scene, event) =>
      answer(scene, event, {
        Status: 'FAILED',
        Reason: `wrong key ${[...scene.world.account.secrets.values()][0]}`,
        PhysicalResourceId: event.PhysicalResourceId ?? 'x',
      }),
  ],
  [
    'forgets an attribute',
    /attributes/,
    async (right, scene, event, context) =>
      event.RequestType === 'Create'
        ? answer(scene, event, { PhysicalResourceId: 'x', Data: { Id: 'x' } })
        : right(event, context),
  ],
])('a handler that %s is detected', async (_, problem, wrap) => {
  expect(await problemsWith(wrap)).toMatch(problem);
});

const lawless: [string, RegExp, Wrap, Step[]?][] = [
  [
    'deletes nothing and says SUCCESS',
    /said SUCCESS, but stack "[^"]+" is still there/,
    async (right, scene, event, context) =>
      event.RequestType === 'Delete' && event.LogicalResourceId.startsWith('Whole')
        ? answer(scene, event, {})
        : right(event, context),
  ],
  [
    'leaves an attachment',
    /said SUCCESS, but component \S+ is still in stack "production"/,
    async (right, scene, event, context) =>
      event.RequestType === 'Delete' && event.LogicalResourceId.startsWith('Attachment')
        ? answer(scene, event, {})
        : right(event, context),
  ],
  [
    "takes over a connector of Ann's",
    /a foreign connector "ann-connector" was changed/,
    async (right, scene, event, context) => {
      const { a } = scene.servers;
      const ours = [...a.tables.users.values()].find((user) => scene.watch.isOurUser(user.id))!;
      const { id, resourceId } = [...a.tables.connectors.values()].find(({ name }) => name === 'ann-connector')!;
      a.as(ours, 'PUT', `/api/v1/service_connectors/${id}`, {
        resource_types: ['docker-registry'],
        resource_id: resourceId,
        description: 'ours',
      });
      return right(event, context);
    },
  ],
  [
    'forgets one of several step operators',
    /components\.step_operator/,
    async (right, scene, event, context) => {
      const { a } = scene.servers;
      const ours = [...a.tables.users.values()].find((user) => scene.watch.isOurUser(user.id))!;
      const { id, components } = [...a.tables.stacks.values()].find(({ name }) => name === 'production')!;
      a.as(ours, 'PUT', `/api/v1/stacks/${id}`, {
        components: { ...components, step_operator: components.step_operator!.slice(0, 1) },
      });
      return right(event, context);
    },
  ],
  [
    'never answers',
    /no answer in time to Update Connector/,
    async (right, _, event, context) => (event.RequestType === 'Update' ? undefined : right(event, context)),
  ],
  [
    'locks the stack',
    /locks the stack: no/,
    async (right, scene, event, context) =>
      event.RequestType === 'Update' && event.ResourceProperties.Description === 'text 1'
        ? answer(scene, event, { Status: 'FAILED', Reason: 'no' })
        : right(event, context),
    locked,
  ],
  [
    'stays locked',
    /stays locked when the cause is gone: continue-update-rollback/,
    async (right, scene, event, context) =>
      event.RequestType === 'Update' && event.ResourceProperties.Description === 'text 1'
        ? answer(scene, event, { Status: 'FAILED', Reason: 'continue-update-rollback' })
        : right(event, context),
    locked,
  ],
  [
    'refuses a Delete without a word on the keys',
    /connector "[^"]+" \(ours\) is dead/,
    async (right, scene, event, context) =>
      event.RequestType === 'Delete' ? answer(scene, event, { Status: 'FAILED', Reason: 'no' }) : right(event, context),
  ],
  [
    'fails the Delete of what was never made',
    /failed, though its Create had made nothing/,
    async (_, scene, event) =>
      answer(scene, event, {
        Status: 'FAILED',
        Reason: 'no',
        PhysicalResourceId: event.PhysicalResourceId ?? 'zenml:create-failed:x',
      }),
  ],
  [
    'asks without a pause',
    /more than 30 calls in a second/,
    async (right, scene, event, context) => {
      const { callRate } = scene.world;
      const process = new Environment([...scene.world.account.functions.values()][0]!);
      for (let call = 0; call < 31; call++) {
        callRate.called(process, 'GET /info');
      }
      return right(event, context);
    },
  ],
];

// (A parameter that a row leaves out would be taken for jest's callback.)
const rows = lawless.map(([name, problem, wrap, steps = STEPS]) => [name, problem, wrap, steps] as const);
test.each(rows)('a handler that %s breaks a law, and is detected', async (_, problem, wrap, steps) => {
  expect(await problemsWith(wrap, steps)).toMatch(problem);
});
