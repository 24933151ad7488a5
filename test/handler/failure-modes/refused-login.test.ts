import { create, logins, POST_CONNECTOR, VERIFY } from '../support/connector-steps';
import { CONNECTOR, Harness, KEY_ARN, STACK } from '../support/harness';
import { API_KEY, error, REGISTRY, verifiedReply } from '../support/scripted-server';

describe('a server that refuses the login or must not be used', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('a login that is refused reads the secret again once, then fails with its ARN and without its value', async () => {
    const rotated = API_KEY.replace('c', 'd');
    h.zenml.keys = [rotated];
    h.secrets.set(KEY_ARN, [API_KEY, rotated]);
    await create(h);
    h.fresh();
    h.secrets.set(KEY_ARN, API_KEY);
    const before = logins(h);
    const answer = await h.send('Create', 'ServiceConnector', CONNECTOR);
    expect(answer.Reason).toContain(KEY_ARN);
    expect(answer.Reason).toContain('refuses the API key');
    expect(logins(h) - before).toBe(2);
    expect(h.said).not.toContain(API_KEY);
  });

  test('a token that is refused between two calls leads to one new login', async () => {
    h.zenml.script(POST_CONNECTOR, 'pass', 0);
    h.zenml.script(VERIFY, verifiedReply([REGISTRY]), 1, () => { h.zenml.tokens++; });
    await create(h);
    expect(logins(h)).toBe(2);
    h.zenml.script(/^GET \/service_connectors\//, error(401, 'CredentialsNotValid', 'x'), 9);
    const answer = await h.send('Delete', 'ServiceConnector', CONNECTOR, {
      physicalId: h.answers[0]!.PhysicalResourceId,
    });
    expect(answer.Status).toBe('FAILED');
    expect(logins(h)).toBe(3);
  });

  test('a missing permission fails at once, with the text of the server', async () => {
    h.zenml.script(
      /^POST \/stacks$/,
      error(403, 'IllegalOperationError', 'Insufficient permissions to create stack'),
      9,
    );
    const answer = await h.send('Create', 'Stack', STACK);
    expect(answer.Reason).toMatch(/HTTP 403 IllegalOperationError: Insufficient permissions to create stack/);
    expect(h.clock.slept).toEqual([]);
  });

  test('a server older than 0.80.0 fails the Create before anything is written', async () => {
    h.zenml.info = { ...h.zenml.info, version: '0.79.9' };
    expect((await h.send('Create', 'ServiceConnector', CONNECTOR)).Reason).toMatch(
      /ZenML 0\.79\.9 at .* is too old: upgrade the server to 0\.80\.0 or newer/,
    );
    expect(h.zenml.work).toEqual([]);
  });

  test('another workspace than the bound one fails the event, and the id is kept', async () => {
    const made = await create(h);
    h.bind(h.url, { workspaceId: 'workspace-1' });
    h.zenml.info = { ...h.zenml.info, pro_workspace_id: 'workspace-2' };
    h.fresh();
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Description: 'x' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: made.PhysicalResourceId });
    expect(answer.Reason).toMatch(/is workspace workspace-2, not workspace workspace-1/);
  });
});
