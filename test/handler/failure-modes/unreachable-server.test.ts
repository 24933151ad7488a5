import { formatFailedId } from '../../../src/contract/physical-id';
import { create, down } from '../support/connector-steps';
import { CONNECTOR, Harness } from '../support/harness';
import { ScriptedServer } from '../support/scripted-server';
import { selfSigned } from '../support/self-signed-certificate';

describe('an unreachable server', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a Create on a server that is down is tried until its time is over, then fails with the id of a failed Create', async () => {
    await down(h);
    const started = h.clock.now();
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { requestId: 'r1' });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r1') });
    expect(answer.Reason).toMatch(/could not be reached \(ECONNREFUSED\)$/);
    expect(h.clock.now() - started).toBeGreaterThanOrEqual(10_000);
    expect(h.clock.now() - started).toBeLessThan(15_000);
  });

  test('an Update on a server that is down fails with the same id, and a rollback to the same properties makes no call', async () => {
    const made = await create(h);
    await down(h);
    const changed = { ...CONNECTOR, Description: 'x' };
    const answer = await h.send('Update', 'ServiceConnector', changed, {
      physicalId: made.PhysicalResourceId,
      old: CONNECTOR,
    });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
    // Still down: the rollback, with old and new swapped, must not lock the stack.
    h.zenml.received.length = 0;
    const back = await h.send('Update', 'ServiceConnector', CONNECTOR, {
      physicalId: made.PhysicalResourceId,
      old: changed,
    });
    expect(back).toMatchObject({ Status: 'SUCCESS', Data: made.Data });
    expect(h.zenml.received).toEqual([]);
    // Once only: a second one is no rollback of that Update any more.
    expect(
      await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: changed }),
    ).toMatchObject({ Status: 'FAILED' });
  });

  test('a Delete on a server that is down fails with advice, or succeeds where it may be abandoned', async () => {
    const made = await create(h);
    await down(h);
    const failed = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
    expect(failed).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
    expect(failed.Reason).toMatch(/onUnreachableServer ABANDON.*retain/);
    const started = h.clock.now();
    const abandoned = await h.send(
      'Delete',
      'ServiceConnector',
      { ...CONNECTOR, AbandonUnreachable: 'true' },
      { physicalId: made.PhysicalResourceId },
    );
    expect(abandoned.Status).toBe('SUCCESS');
    // Long enough for a restart, short enough for a stack with many objects.
    expect(h.clock.now() - started).toBeGreaterThanOrEqual(60_000);
    expect(h.clock.now() - started).toBeLessThan(70_000);
    expect(h.logs.at(-1)).toContain('abandoned');
  });

  test('a Delete does not wait for a host name that no longer exists', async () => {
    const made = await create(h);
    h.bind('http://no-such-host.invalid', { allowHttp: true });
    const { transport } = h.ports;
    expect(transport).toBeDefined();
    const started = h.clock.now();
    const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
    expect(answer.Status).toBe('FAILED');
    // Where there is no resolver at all, the answer is EAI_AGAIN, which is rightly tried again.
    if (/ENOTFOUND/.test(answer.Reason!)) { expect(h.clock.now() - started).toBeLessThan(1_000); }
    expect(answer.Reason).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('a call without an answer has its own time limit, and the next try has twice as long', async () => {
    const ends: number[] = [];
    const hang = (request: RegExp, times: number) => h.zenml.script(request, 'hang', times, () => {
      const before = h.clock.now();
      h.clock.advanceToAlarm();
      ends.push((h.clock.now() - before) / 1000);
    });
    hang(/^GET \/info$/, 1);
    await create(h);
    expect(ends.splice(0)).toEqual([15]);
    hang(/^GET \/service_connectors\//, 99);
    const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, {
      physicalId: h.answers[0]!.PhysicalResourceId,
    });
    // A server works on at what is given up: ever the same patience could mean that it never gets an answer out in
    // time.
    expect(ends.slice(0, 3)).toEqual([15, 30, 60]);
    expect(answer.Reason).toMatch(/did not answer completely to GET .* within \d+ s; no result within 295 s/);
  });

  test('a slow body counts against the time limit of its call', async () => {
    h.zenml.script(/^GET \/info$/, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
      h.clock.advance(15_000);
    });
    await create(h);
    expect(h.zenml.received.filter(({ path }) => path === '/info')).toHaveLength(2);
  });

  test('an answer that is too large is broken off', async () => {
    h.zenml.script(/^GET \/info$/, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('error', () => {});
      response.end('x'.repeat(6 * 1024 * 1024));
    }, 9);
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
    expect(answer.Reason).toMatch(/more than 5 MiB/);
    expect(h.clock.slept).toEqual([]);
  });

  test('a certificate of a private authority is refused at once, unless that authority is trusted', async () => {
    const tls = selfSigned();
    const secure = await new ScriptedServer(tls).start();
    try {
      h.bind(`https://127.0.0.1:${secure.port}`);
      const refused = await h.send('Create', 'ServiceConnector', CONNECTOR);
      expect(refused.Reason).toMatch(/could not be trusted.*SELF_SIGNED_CERT/);
      expect(h.clock.slept).toEqual([]);
      for (const ca of [
        { parameterName: '/ca' },
        { secretId: 'arn:aws:secretsmanager:eu-west-1:1:secret:ca', secretField: 'pem' },
      ]) {
        h.parameters.set('/ca', tls.cert);
        h.secrets.set('arn:aws:secretsmanager:eu-west-1:1:secret:ca', JSON.stringify({ pem: tls.cert }));
        h.bind(h.url, { ca });
        expect(
          (
            await h.send('Create', 'ServiceConnector', CONNECTOR, {
              logicalId: `L${Object.keys(ca).length}${Object.keys(ca)[0]}`,
            })
          ).Status,
        ).toBe('SUCCESS');
      }
    } finally {
      await secure.stop();
    }
  });

  test('a server in a private network needs no other host than itself and CloudFormation', async () => {
    const hosts: string[] = [];
    const { transport } = h.ports;
    (h.ports as { transport: typeof transport }).transport = async (request) => {
      hosts.push(new URL(request.url).origin);
      return transport(request);
    };
    await create(h);
    expect(new Set(hosts)).toEqual(new Set([h.url]));
    expect(h.answerRequests).toHaveLength(1);
  });
});
