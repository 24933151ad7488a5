import { CloudFormationEvent } from '../../../src/handler/cloudformation/event';
import { readStackHistory } from '../../../src/handler/cloudformation/stack-history';
import { COMPONENT, Harness, ofResource, ofStack, STACK_ID } from '../support/harness';

let h: Harness;
beforeEach(async () => { h = await Harness.start(); });
afterEach(async () => h.stop());

const ID = 'StackComponent';
const AT = Date.parse('2026-01-01T12:00:10Z');

/**
 * What the handler reads of the events, for a request that CloudFormation issued so many milliseconds after 12:00:10.
 */
const read = async (
  events: ReturnType<typeof ofStack>[],
  issuedAfterMs: number,
  type: CloudFormationEvent['RequestType'] = 'Update',
) => {
  h.stackEvents = events;
  const date = new Date(AT + issuedAfterMs).toISOString().replace(/[-:]|\.\d+/g, '');
  const event = {
    ...h.event(type, ID, COMPONENT, { physicalId: 'x', old: COMPONENT }),
    StackId: STACK_ID,
    ResponseURL: `https://answers.example.com/x?X-Amz-Date=${date}`,
  };
  return readStackHistory(h.ports, event as CloudFormationEvent);
};
const CANCELLED = 'Resource update cancelled';
const upTo = (...events: ReturnType<typeof ofStack>[]) => [
  ofStack('UPDATE_IN_PROGRESS', AT - 9_000),
  ofResource(ID, 'UPDATE_IN_PROGRESS', '', AT - 8_000),
  ...events,
];
const ROLLBACK = ofStack('UPDATE_ROLLBACK_IN_PROGRESS', AT + 700);

describe('a request issued in the second in which the rollback began', () => {
  const cancelled = upTo(ofResource(ID, 'UPDATE_FAILED', CANCELLED, AT + 600), ROLLBACK);

  test('a request issued in the second in which the rollback began was cancelled, if CloudFormation has recorded no request for this resource since', async () => {
    expect((await read(cancelled, 0)).phase).toBe('cancelled');
  });

  test('a request issued in the second in which the rollback began was cancelled, if CloudFormation recorded its request seconds later', async () => {
    expect((await read([...cancelled, ofResource(ID, 'UPDATE_IN_PROGRESS', '', AT + 3_100)], 0)).phase).toBe(
      'cancelled',
    );
  });

  test('a request issued in the second in which the rollback began belongs to the rollback, if CloudFormation recorded it in the same second', async () => {
    expect((await read([...cancelled, ofResource(ID, 'UPDATE_IN_PROGRESS', '', AT + 900)], 0)).phase).toBe('rollback');
  });
});

test('a Create is never part of a rollback', async () => {
  expect((await read(upTo(ROLLBACK), 60_000, 'Create')).phase).toBe('cancelled');
});

test.each([
  ['had succeeded', [ofResource(ID, 'UPDATE_COMPLETE', '', AT - 5_000)], true],
  ['had failed', [ofResource(ID, 'UPDATE_FAILED', 'Received response status [FAILED]', AT - 5_000)], true],
  ['was cancelled', [ofResource(ID, 'UPDATE_FAILED', CANCELLED, AT + 600)], false],
  ['is not told', [], false],
])('an Update that is rolled back and %s has answered or not', async (_, events, hasAnswered) => {
  expect((await read(upTo(...events, ROLLBACK), 5_000)).hasAnswered).toBe(hasAnswered);
});

test('the Update before the first start of a continued rollback is the one that is rolled back', async () => {
  const events = upTo(
    ofResource(ID, 'UPDATE_COMPLETE', '', AT - 5_000),
    ROLLBACK,
    ofResource(ID, 'UPDATE_FAILED', 'the server is down', AT + 5_000),
    ofStack('UPDATE_ROLLBACK_FAILED', AT + 6_000),
    ofStack('UPDATE_ROLLBACK_IN_PROGRESS', AT + 60_000),
  );
  expect(await read(events, 61_000)).toEqual({
    phase: 'rollback',
    failedWith: undefined,
    hasAnswered: true,
    physicalIdBefore: 'x',
    succeededAt: expect.any(Number),
  });
});

test.each([
  ['succeeded', [], 'forward'],
  ['was rolled back', [ROLLBACK], 'cancelled'],
])(
  'an event of a deployment before, which %s, is judged by that deployment, whatever the stack does now',
  async (_, outcome, phase) => {
    const before = [
      ...upTo(...outcome),
      ofStack(outcome.length > 0 ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE', AT + 9_000),
    ];
    const now = [ofStack('UPDATE_IN_PROGRESS', AT + 60_000), ofResource(ID, 'UPDATE_IN_PROGRESS', '', AT + 61_000)];
    const ends = [[], [ofStack('UPDATE_COMPLETE', AT + 70_000)], [ofStack('UPDATE_ROLLBACK_IN_PROGRESS', AT + 70_000)]];
    for (const end of ends) {
      expect((await read([...before, ...now, ...end], -7_000)).phase).toBe(phase);
    }
  },
);
