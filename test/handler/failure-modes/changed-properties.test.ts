import { connectors, create } from '../support/connector-steps';
import { CONNECTOR, Harness } from '../support/harness';
import { OTHER_USER, verifiedReply } from '../support/scripted-server';

describe('changed properties', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  test('an object is renamed in place, and a name that is taken fails the Update without a change', async () => {
    const made = await create(h, { Name: 'before' });
    const old = { ...CONNECTOR, Name: 'before' };
    const renamed = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Name: 'after' },
      { physicalId: made.PhysicalResourceId, old },
    );
    expect(renamed).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: made.PhysicalResourceId,
      Data: { Name: 'after' },
    });
    h.zenml.add('service_connectors', 'taken', {}, {}, OTHER_USER);
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Name: 'taken' },
      { physicalId: made.PhysicalResourceId, old },
    );
    expect(answer.Reason).toMatch(
      /^ZenML already has a service connector named "taken": choose another name, or rename or delete that one in ZenML\. Nothing was changed in ZenML\.$/,
    );
    expect(h.zenml.named('service_connectors', 'after')).toHaveLength(1);
  });

  test('a change of an immutable property creates a new object under a generated name, or asks for another name', async () => {
    const made = await create(h);
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, AuthMethod: 'implicit' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(answer.Status).toBe('SUCCESS');
    expect(answer.Data!.Name).not.toBe(made.Data!.Name);
    await h.send('Delete', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId });
    expect(connectors(h).map(({ id }) => id)).toEqual([answer.Data!.Id]);

    const fixed = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'fixed' }, { logicalId: 'Fixed' });
    const refused = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Name: 'fixed', AuthMethod: 'implicit' },
      { physicalId: fixed.PhysicalResourceId, logicalId: 'Fixed', old: { ...CONNECTOR, Name: 'fixed' } },
    );
    expect(refused).toMatchObject({ Status: 'FAILED', PhysicalResourceId: fixed.PhysicalResourceId });
    expect(refused.Reason).toMatch(
      /authentication method of service connector "fixed" cannot change in place.*change the name too/,
    );
  });

  test('a rollback after a replacement finds the old object, by the new id and by the old one', async () => {
    const made = await create(h);
    const changed = { ...CONNECTOR, AuthMethod: 'implicit' };
    const replaced = await h.send('Update', 'ServiceConnector', changed, {
      physicalId: made.PhysicalResourceId,
      old: CONNECTOR,
    });
    h.rollBack('ServiceConnector');
    const back = await h.send('Update', 'ServiceConnector', CONNECTOR, {
      physicalId: replaced.PhysicalResourceId,
      old: changed,
    });
    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
    await h.send('Delete', 'ServiceConnector', changed, { physicalId: replaced.PhysicalResourceId });
    expect(connectors(h).map(({ id }) => id)).toEqual([made.Data!.Id]);

    h.zenml.verification = () =>
      verifiedReply([], 'Implicit authentication methods for service connectors are implicitly disabled');
    expect(
      (await h.send('Update', 'ServiceConnector', changed, { physicalId: made.PhysicalResourceId, old: CONNECTOR }))
        .Status,
    ).toBe('FAILED');
    // The verification still fails: what is there already is not held up by it.
    const again = await h.send('Update', 'ServiceConnector', CONNECTOR, {
      physicalId: made.PhysicalResourceId,
      old: changed,
    });
    expect(again).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId });
    expect(connectors(h)).toHaveLength(1);
  });

  test('an Update with another repairTrigger alone returns all attributes', async () => {
    const made = await create(h);
    const answer = await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, RefreshToken: '2' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: made.PhysicalResourceId, Data: made.Data });
  });
});
