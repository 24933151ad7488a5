import { Answer, encodeAnswer, failure, sendAnswer, success } from '../../../src/handler/cloudformation/answer';
import { Ports } from '../../../src/handler/ports';
import { COMPONENT, CONNECTOR, Harness, STACK, STACK_ID, SteppedClock } from '../support/harness';
import { error } from '../support/scripted-server';

const ENVELOPE = {
  RequestType: 'Create',
  RequestId: 'r',
  ResponseURL: 'u',
  ResourceType: 't',
  LogicalResourceId: 'l',
  StackId: 's',
};
const size = (text: string) => Buffer.byteLength(text);

describe('length of answers', () => {
  /** A success of exactly so many bytes. */
  const sized = (bytes: number) => {
    const empty = success(ENVELOPE, 'zenml:x', { Id: '' });
    return success(ENVELOPE, 'zenml:x', { Id: 'i'.repeat(bytes - size(JSON.stringify(empty))) });
  };

  test('an answer of 4096 bytes is sent unchanged, and one of 4097 bytes becomes a failure that says so', () => {
    expect(encodeAnswer(sized(4096))).toBe(JSON.stringify(sized(4096)));
    expect(JSON.parse(encodeAnswer(sized(4097)))).toEqual({
      Status: 'FAILED',
      Reason: 'the answer to CloudFormation would be larger than 4096 bytes: choose shorter names [CZ376]',
      PhysicalResourceId: 'zenml:x',
      StackId: 's',
      RequestId: 'r',
      LogicalResourceId: 'l',
    });
  });

  test('a reason is cut to 1024 bytes, then to 256, and the id is cut last', () => {
    const cut = (id: number, reason = 'x'.repeat(5_000)) =>
      JSON.parse(encodeAnswer({ ...failure(ENVELOPE, 'i'.repeat(id), ''), Reason: reason })) as Answer;
    expect(cut(100)).toEqual({ ...failure(ENVELOPE, 'i'.repeat(100), ''), Reason: `${'x'.repeat(1_021)}...` });
    // The rest of such an answer takes 97 bytes.
    const rest = size(JSON.stringify(failure(ENVELOPE, '', '')));
    expect(cut(4_096 - 1_024 - rest).Reason).toHaveLength(1_024);
    expect(cut(4_096 - 1_024 - rest + 1)).toEqual({
      ...failure(ENVELOPE, 'i'.repeat(4_097 - 1_024 - rest), ''),
      Reason: `${'x'.repeat(253)}...`,
    });
    expect(cut(4_096 - 256 - rest).PhysicalResourceId).toHaveLength(4_096 - 256 - rest);
    expect(cut(4_096 - 256 - rest + 1)).toEqual({ ...failure(ENVELOPE, 'i'.repeat(256), ''), Reason: 'failed' });
  });

  test('a failure has no data, and needs no reason', () => {
    const { Reason: _, ...bare } = failure(ENVELOPE, 'zenml:x', '');
    expect(JSON.parse(encodeAnswer({ ...bare, Data: { Id: 'i'.repeat(5_000) } }))).toEqual({ ...bare, Reason: '' });
  });
});

describe('sending an answer', () => {
  const clock = new SteppedClock();
  const send = async (...turns: Array<number | ((signal: AbortSignal) => Promise<number>)>) => {
    let sent = 0;
    clock.slept = [];
    const putAnswer = async (_: URL, __: string, signal: AbortSignal) => {
      sent++;
      const turn = turns.length > 1 ? turns.shift()! : turns[0]!;
      return typeof turn === 'function' ? turn(signal) : turn;
    };
    const taken = await sendAnswer(
      { clock, random: () => 0.5, putAnswer } as unknown as Ports,
      new URL('https://x'),
      'body',
    );
    return { taken, sent, slept: clock.slept };
  };

  test.each([
    [200, true],
    [299, true],
    [199, false],
    [300, false],
    [403, false],
    [407, false],
    [409, false],
    [428, false],
    [430, false],
    [499, false],
  ])('HTTP %i is the last answer, delivered: %s', async (status, taken) =>
    expect(await send(status, 200)).toEqual({ taken, sent: 1, slept: [] }),
  );

  test.each([408, 429, 500, 503])('an answer that gets HTTP %i is sent again', async (status) => {
    expect(await send(status, 200)).toEqual({ taken: true, sent: 2, slept: [375] });
  });

  test('an answer is sent six times at most, with jittered pauses of up to 4 s', async () => {
    expect(await send(500)).toEqual({ taken: false, sent: 6, slept: [375, 750, 1_500, 3_000, 3_000] });
  });

  test('a try that hangs ends after 5 s, and a try that has ended leaves no alarm', async () => {
    const signals: AbortSignal[] = [];
    const started = clock.now();
    const hang = async (signal: AbortSignal) => {
      signals.push(signal);
      clock.advance(4_999);
      expect(signal.aborted).toBe(false);
      clock.advance(1);
      signal.throwIfAborted();
      return 400;
    };
    const quick = async (signal: AbortSignal) => { signals.push(signal); return 200; };
    expect(await send(hang, quick)).toMatchObject({ taken: true, sent: 2 });
    expect(clock.now() - started).toBe(5_375);
    clock.advance(60_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});

describe('the log', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());
  const line = () => JSON.parse(h.logs.at(-1)!);
  const about = { RequestType: 'Create', ResourceType: 'Custom::ZenMLStack', LogicalResourceId: 'Stack' };

  test('the log has one line for each event, with what was done', async () => {
    const event = h.event('Create', 'Stack', STACK, { requestId: 'r' });
    await h.deliver(event);
    const calls = h.zenml.received.length;
    expect(line()).toEqual({
      level: 'INFO',
      ...about,
      RequestId: 'r',
      outcome: 'SUCCESS',
      calls,
      milliseconds: 0,
      delivered: true,
    });
    await h.deliver(event);
    expect(line()).toEqual({
      level: 'INFO',
      ...about,
      RequestId: 'r',
      outcome: 'repeated',
      calls: 0,
      milliseconds: 0,
      delivered: true,
    });
    expect(h.logs).toHaveLength(2);
  });

  test('the log line of a failure has the reason and the duration', async () => {
    h.zenml.script(/^POST \/stacks$/, { status: 429, body: {}, headers: { 'retry-after': '3' } });
    h.zenml.script(/^POST \/stacks$/, error(418, 'Teapot', 'short'));
    await h.send('Create', 'Stack', STACK, { requestId: 'r' });
    expect(line()).toEqual({
      level: 'ERROR',
      ...about,
      RequestId: 'r',
      outcome: 'FAILED',
      reason: 'ZenML answered POST /stacks with HTTP 418 Teapot: short',
      calls: h.zenml.received.length,
      milliseconds: 3_250,
      delivered: true,
    });
    await h.deliver({ ...h.event('Create', 'Stack', STACK), ResourceType: `Custom::${'x'.repeat(80)}` });
    expect(line()).toMatchObject({
      outcome: 'FAILED',
      calls: 0,
      reason: `resource type Custom::${'x'.repeat(52)} is not served by this function: use the library's own constructs`,
    });
    await h.deliver({ ...h.event('Create', 'Stack', STACK), ResourceProperties: 7 });
    expect(line()).toMatchObject({
      outcome: 'FAILED',
      calls: 0,
      reason: "the event is not one of CloudFormation's (ResourceProperties)",
    });
  });

  test('an answer that CloudFormation did not accept is logged as an error, and the next delivery does the work again', async () => {
    const event = h.event('Create', 'Stack', STACK, { requestId: 'r' });
    h.answerStatuses.push(403);
    await h.deliver(event);
    expect(line()).toMatchObject({ level: 'ERROR', outcome: 'SUCCESS', delivered: false });
    await h.deliver(event);
    expect(line()).toMatchObject({ level: 'INFO', outcome: 'SUCCESS', delivered: true });
    expect(h.zenml.all('stacks')).toHaveLength(1);
  });

  test('an event without an address for the answer is logged and ignored', async () => {
    await h.deliver({});
    expect(line()).toEqual({
      level: 'ERROR',
      outcome: 'ignored',
      why: 'the event names no address of CloudFormation to answer to [CZ377]',
    });
  });

  test('all notes are in one field of the log line', async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    const uses = ['a', 'b'].map((name) =>
      h.zenml.add('stacks', name, { components: { container_registry: [made.Data!.Id] } }),
    );
    await h.send(
      'Delete',
      'StackComponent',
      { ...COMPONENT, DetachFromStacks: 'true' },
      { physicalId: made.PhysicalResourceId },
    );
    expect(line().notes).toBe(`removed from stack ${uses[0]!.id}; removed from stack ${uses[1]!.id}`);
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const user = h.zenml.add('components', 'user', {
      type: 'container_registry',
      flavor: 'aws',
      configuration: {},
      connector: connector.Data!.Id,
    });
    await h.send(
      'Delete',
      'ServiceConnector',
      { ...CONNECTOR, DetachFromStacks: 'true' },
      { physicalId: connector.PhysicalResourceId },
    );
    expect(line().notes).toBe(`disconnected component ${user.id}`);
  });

  test('answers are kept for 200 events, and the oldest is dropped first', async () => {
    (h.ports as any).putAnswer = async () => 200;
    const event = (index: number) => h.event('Create', 'Nothing', {}, { requestId: `r-${index}`, stackId: STACK_ID });
    for (let index = 0; index < 200; index++) { await h.deliver(event(index)); }
    await h.deliver(event(0));
    expect(line().outcome).toBe('repeated');
    await h.deliver(event(200));
    await h.deliver(event(1));
    expect(line().outcome).toBe('repeated');
    await h.deliver({ ...event(2), StackId: 'another' });
    expect(line().outcome).toBe('FAILED');
    await h.deliver(event(2));
    expect(line().outcome).toBe('repeated');
    await h.deliver(event(0));
    expect(line().outcome).toBe('FAILED');
  });
});
