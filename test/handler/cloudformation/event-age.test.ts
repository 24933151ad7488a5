import { startedTooLate } from '../../../src/handler/cloudformation/event-age';
import { COMPONENT, EventOptions, Harness } from '../support/harness';

const ISSUED = '20260102T030405Z';
const at = (seconds: number) => Date.parse('2026-01-02T03:04:05Z') + 1000 * seconds;
const event = (RequestType: string, query = `X-Amz-Date=${ISSUED}`) => ({
  RequestType,
  ResponseURL: `https://x/?${query}`,
});

describe('age of an event', () => {
  test('a Create may start up to 60 s after its issue, an Update or a Delete at any time', () => {
    expect(startedTooLate(event('Create'), at(60))).toBeUndefined();
    expect(startedTooLate(event('Create'), at(-5))).toBeUndefined();
    expect(startedTooLate(event('Create'), at(61))).toBe(
      'this Create event reached the function 61 s after CloudFormation issued it (the function was inactive or throttled); '
        + 'the limit is 60 s. Nothing was changed: deploy again',
    );
    for (const type of ['Update', 'Delete']) { expect(startedTooLate(event(type), at(600))).toBeUndefined(); }
  });

  test.each(['Expires=1767323045', 'X-Amz-Date=', 'X-Amz-Date=yesterday', ''])(
    'the response URL "%s" contains no time of issue, so the event is served',
    (query) => {
      expect(startedTooLate(event('Create', query), at(1e6))).toBeUndefined();
    },
  );
});

describe('an event that waited in the queue', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const issuedBefore = (seconds: number): EventOptions =>
    ({ query: `X-Amz-Date=${new Date(h.clock.now() - 1000 * seconds).toISOString().replace(/[-:]|\.\d+/g, '')}` });

  test('a Create that waited too long fails at once, without a call, with the id that tells its Delete that nothing exists', async () => {
    const answer = await h.send('Create', 'StackComponent', COMPONENT, { ...issuedBefore(119), requestId: 'r-1' });
    expect(answer).toMatchObject({
      Status: 'FAILED',
      PhysicalResourceId: 'zenml:create-failed:r-1',
      Reason: expect.stringMatching(/^this Create event reached the function 119 s/),
    });
    expect([h.zenml.received, h.clock.slept]).toEqual([[], []]);
  });

  test('an Update that waited in the queue is served, because it can be a rollback', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.clock.advance(120_000);
    const changed = { ...COMPONENT, Labels: { a: 'b' } };
    const answer = await h.send('Update', 'StackComponent', changed, {
      physicalId: made.PhysicalResourceId,
      old: COMPONENT,
      ...issuedBefore(110),
    });
    expect(answer.Status).toBe('SUCCESS');
  });

  test('a Delete that waited in the queue is served', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    expect(
      (
        await h.send('Delete', 'StackComponent', COMPONENT, {
          physicalId: made.PhysicalResourceId,
          ...issuedBefore(599),
        })
      ).Status,
    ).toBe('SUCCESS');
    expect(h.zenml.all('components')).toEqual([]);
  });
});
