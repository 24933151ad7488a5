import { formatFailedId } from '../../../src/contract/physical-id';
import { connectors, create, VERIFY } from '../support/connector-steps';
import { CONNECTOR, Harness } from '../support/harness';
import { DENIED, error, REGISTRY, verifiedReply } from '../support/scripted-server';

describe('refusals by AWS', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a verification that fails in a Create leaves nothing', async () => {
    h.zenml.verification = () =>
      verifiedReply([], 'Implicit authentication methods for service connectors are implicitly disabled');
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR, { requestId: 'r30' });
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: formatFailedId('r30') });
    expect(connectors(h)).toEqual([]);
  });

  test('refusals that a new role causes are retried, also those of the function\'s own role', async () => {
    let refusals = 5;
    h.zenml.verification = () => (refusals-- > 0
      ? verifiedReply([], `Failed to assume IAM role: ${DENIED}`) : verifiedReply([REGISTRY]));
    h.denials = 3;
    await create(h);
    // One of the three is the look-up of the keys, which begins beside the first and is repeated later.
    expect(h.clock.slept).toEqual([1_000, 2_000, 1_000, 1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test("a verification that AWS goes on to refuse fails with ZenML's text after the time for new roles, and a permanent fault at once", async () => {
    h.zenml.verification = () => verifiedReply([], `AccessDenied for key ${'AK' + 'IA'}${'Q'.repeat(16)}`);
    const started = h.clock.now();
    const answer = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, PropagationSeconds: '30' });
    expect(answer.Reason).toMatch(
      /service connector "main-[0-9a-f]{6}" was refused when ZenML tried it: AccessDenied for key \[redacted\]/,
    );
    expect(h.clock.now() - started).toBeLessThanOrEqual(30_000);
    h.clock.slept = [];
    h.zenml.verification = () => verifiedReply(['999999999999.dkr.ecr.eu-west-1.amazonaws.com']);
    expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(
      /reach 999999999999\.dkr\.ecr.*, not 111122223333/,
    );
    h.zenml.script(VERIFY, error(501, 'NotImplementedError', 'x'));
    expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(
      /lacks its AWS packages: pip install 'zenml\[connectors-aws\]'/,
    );
    expect(h.clock.slept).toEqual([]);
    expect(connectors(h)).toEqual([]);
  });
});
