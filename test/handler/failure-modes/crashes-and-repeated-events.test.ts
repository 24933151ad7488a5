import { formatFailedId } from '../../../src/contract/physical-id';
import { connectors, create, POST_CONNECTOR, VERIFY } from '../support/connector-steps';
import { CONNECTOR, Harness, ownedBy } from '../support/harness';
import { verifiedReply } from '../support/scripted-server';

describe('crashes, and repeated or late events', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test("the Delete with CloudFormation's own id finds the object of a Create that crashed between POST and answer", async () => {
    await create(h);
    h.fresh();
    const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, {
      physicalId: 'Main-ServiceConnector-1ABCDEF',
    });
    expect(answer.Status).toBe('SUCCESS');
    expect(connectors(h)).toEqual([]);
  });

  test('a repeated event after a success gets the same answer, in the same process without a call', async () => {
    const event = h.event('Create', 'ServiceConnector', CONNECTOR);
    await h.deliver(event);
    const calls = h.zenml.received.length;
    await h.deliver(event);
    expect(h.answers[1]).toEqual(h.answers[0]);
    expect(h.zenml.received).toHaveLength(calls);
    h.fresh();
    await h.deliver(event);
    expect(h.answers[2]).toEqual(h.answers[0]);
    expect(connectors(h)).toHaveLength(1);
  });

  test('a late duplicate of a Create after the Delete creates nothing in the process that served it', async () => {
    const event = h.event('Create', 'ServiceConnector', CONNECTOR);
    await h.deliver(event);
    await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId });
    await h.deliver(event);
    expect(connectors(h)).toEqual([]);
  });

  test('a Delete looks on while a cancelled Create still runs, until that has created its object', async () => {
    const event = h.event('Create', 'ServiceConnector', CONNECTOR);
    let created: Promise<void> | undefined;
    h.zenml.script(/^GET \/service_connectors$/, 'pass', 1, () => {
      const other = h.handler;
      created = other(event, { getRemainingTimeInMillis: () => 300_000 });
    });
    const gone = h.deliver(
      h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: 'Main-ServiceConnector-1ABCDEF' }),
    );
    await gone;
    await created;
    expect(connectors(h)).toEqual([]);
    // The waits of the Delete advance the clock of both, so an answer may be sent twice.
    expect(new Set(h.answers.map(({ RequestId, Status }) => `${RequestId} ${Status}`))).toEqual(
      new Set(['request-1 SUCCESS', 'request-2 SUCCESS']),
    );
  });

  test('a physical id of another kind, of another server or without a meaning deletes nothing, unless the object has the labels of the resource', async () => {
    const made = await create(h);
    const [, , server, uuid, tail] = made.PhysicalResourceId.split(':');
    const [connector] = connectors(h);
    const { labels } = connector!;
    const elsewhere = `zenml:service-connector:${uuid}:${uuid}:${tail}`;
    for (const [id, now] of [
      [`zenml:stack:${server}:${uuid}:${tail}`, labels],
      [`zenml:service-connector:${uuid}:${server}:${tail}`, labels],
      [elsewhere, {}],
      [elsewhere, { ...labels, ...ownedBy('arn:another', 'Other') }],
    ] as const) {
      connector!.labels = now;
      expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: id })).Status).toBe('SUCCESS');
    }
    connector!.labels = labels;
    for (const id of ['2026/01/02/[$LATEST]abc', 'x'.repeat(1024), '']) {
      const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: id, logicalId: 'Stranger' });
      expect(answer.Status).toBe('SUCCESS');
    }
    expect(connectors(h)).toHaveLength(1);
    // A server that was restored from its backup has another id, and the objects.
    expect((await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: elsewhere })).Status).toBe('SUCCESS');
    expect(connectors(h)).toEqual([]);
  });

  test('an event fails before the invocation ends, with the id that a Delete needs', async () => {
    h.zenml.script(VERIFY, 'hang', 1, () => h.clock.advance(50_000));
    const started = h.clock.now();
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { remainingMs: 120_000, requestId: 'r38' });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r38') });
    expect(answer.Reason).toMatch(/gave no answer to POST \/service_connectors\/verify; no result within 50 s/);
    expect(h.clock.now() - started).toBeLessThan(110_000);
    h.fresh();
    h.zenml.script(POST_CONNECTOR, 'hang', 1, () => h.clock.advance(50_000));
    // The POST may have been carried out: an id that makes the Delete look for a while.
    expect(
      (await h.send('Create', 'ServiceConnector', CONNECTOR, { remainingMs: 120_000, requestId: 'r38b' }))
        .PhysicalResourceId,
    ).toBe('zenml:create-unsure:r38b');
  });

  test('an answer of more than 4096 bytes is never sent', async () => {
    h.zenml.verification = () => verifiedReply([], `\u{1F4A5}"\\${'é'.repeat(9_000)}`);
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
    expect(answer.Status).toBe('FAILED');
    expect(Buffer.byteLength(h.answerBodies.at(-1)!)).toBeLessThanOrEqual(4096);
    expect(answer.Reason).not.toContain('\n');
  });

  test('an answer that cannot be delivered is sent again where that helps, and the handler never throws', async () => {
    h.answerStatuses.push(500, 0, 429);
    await create(h);
    expect(h.answerRequests).toHaveLength(4);
    expect(h.logs.at(-1)).toContain('"delivered":true');
    expect(h.answerRequests[0]!.headers['content-type']).toBe('');
    h.answerStatuses.push(403);
    await h.deliver(h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId }));
    expect(h.answerRequests).toHaveLength(5);
    expect(h.logs.at(-1)).toContain('"delivered":false');
    h.answerStatuses.push(...Array<number>(9).fill(503));
    await h.deliver(h.event('Delete', 'ServiceConnector', CONNECTOR, { physicalId: h.answers[0]!.PhysicalResourceId }));
    expect(h.answerRequests).toHaveLength(11);
  });
});
