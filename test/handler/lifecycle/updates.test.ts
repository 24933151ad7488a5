import { Label } from '../../../src/contract/labels';
import { revisionOf } from '../../../src/handler/lifecycle/properties';
import { COMPONENT, CONNECTOR, Harness, ownedBy } from '../support/harness';
import { DENIED, error, REGISTRY, verifiedReply } from '../support/scripted-server';

const MOVED = { ...COMPONENT, Configuration: JSON.stringify({ uri: REGISTRY.replace('eu-west-1', 'us-east-1') }) };
const CHANGED = { ...COMPONENT, Labels: { version: 'new' } };

describe('updates', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const components = () => h.zenml.all('components');
  const create = async (properties: Record<string, unknown> = COMPONENT, more = {}) => {
    const made = await h.send('Create', 'StackComponent', properties, more);
    h.clock.advance(60_000);
    h.zenml.received.length = 0;
    return made;
  };
  const update = async (
    properties: Record<string, unknown>,
    physicalId: string,
    old: Record<string, unknown> = COMPONENT,
    more = {},
  ) => {
    const answer = await h.send('Update', 'StackComponent', properties, { physicalId, old, ...more });
    h.clock.advance(60_000);
    return answer;
  };
  const notes = () => JSON.parse(h.logs.at(-1)!).notes as string;
  const warnings = () => JSON.parse(h.logs.at(-1)!).warnings as string;
  const puts = () => h.zenml.work.filter((call) => call.startsWith('PUT'));

  test('a PUT that is refused is reported unchanged, even if the object has been deleted since', async () => {
    const made = await create();
    h.zenml.script(/^PUT/, error(418, 'Teapot', 'no'));
    expect((await update(CHANGED, made.PhysicalResourceId)).Reason).toBe(
      `ZenML answered PUT /components/${made.Data!.Id} with HTTP 418 Teapot: no. Nothing was changed in ZenML.`,
    );
    h.zenml.script(/^PUT/, error(418, 'Teapot', 'no'), 1, () => h.zenml.things.components.clear());
    expect((await update(CHANGED, made.PhysicalResourceId)).Reason).toMatch(/HTTP 418/);
    expect(components()).toEqual([]);
  });

  test('a name that is taken between look-up and PUT fails the Update', async () => {
    const made = await create();
    h.zenml.script(/^PUT/, error(409, 'EntityExistsError', 'x'));
    expect((await update({ ...CHANGED, Name: 'n' }, made.PhysicalResourceId)).Reason).toBe(
      'ZenML already has a stack component named "n": choose another name, or rename or delete that one in ZenML. Nothing was changed in ZenML.',
    );
  });

  test('an Update adds no date of creation to an object that has none', async () => {
    const made = await create(COMPONENT, { query: 'no=date' });
    await update(CHANGED, made.PhysicalResourceId);
    expect(components()[0]!.labels).toMatchObject({ version: 'new', [Label.REQUEST]: 'request-1' });
    expect(components()[0]!.labels[Label.ISSUED_AT]).toBeUndefined();
    expect(components()[0]!.labels[Label.APPLIED_AT]).toBeDefined();
  });

  test('labels of the former properties that are no map are ignored', async () => {
    const made = await create();
    expect((await update(CHANGED, made.PhysicalResourceId, { ...COMPONENT, Labels: null })).Status).toBe('SUCCESS');
  });

  test('an Update creates a deleted object again, and warns of one that a restored backup has brought back', async () => {
    const made = await create();
    const [before] = components();
    const moved = await update(MOVED, made.PhysicalResourceId);
    h.zenml.things.components.delete(moved.Data!.Id!);
    h.zenml.things.components.set(before!.id, before!);
    const refreshed = { ...MOVED, RefreshToken: 'restored' };
    expect((await update(refreshed, moved.PhysicalResourceId!, MOVED)).Status).toBe('SUCCESS');
    expect(components()).toHaveLength(2);
    expect(warnings()).toBe(
      `stack component "${before!.name}" (${before!.id}) has the labels of this resource, and CloudFormation does not know it `
        + '(it was retained, or a restored backup has it): if it is not in use, delete it in ZenML',
    );
  });

  test('an Update whose verification waits reads the object again, and creates it again if it is gone', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const change = async (Description: string, refusals: number, then = () => {}) => {
      h.zenml.received.length = 0;
      h.zenml.verification = () => {
        if (refusals-- > 0) { return verifiedReply([], DENIED); }
        then();
        return verifiedReply([REGISTRY]);
      };
      return h.send(
        'Update',
        'ServiceConnector',
        { ...CONNECTOR, Description },
        { physicalId: made.PhysicalResourceId, old: CONNECTOR },
      );
    };
    expect((await change('a', 2)).PhysicalResourceId).toBe(made.PhysicalResourceId);
    expect(h.zenml.all('service_connectors')[0]!.fields.description).toBe('a');
    const anew = await change('b', 2, () => h.zenml.things.service_connectors.clear());
    expect(anew.Status).toBe('SUCCESS');
    expect(h.zenml.all('service_connectors').map(({ id, fields }) => [id, fields.description])).toEqual([
      [anew.Data!.Id, 'b'],
    ]);
  });

  test('a verification or check that fails in a rollback is logged', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    h.zenml.verification = () => verifiedReply([], 'gone for good');
    await h.send('Update', 'ServiceConnector', CONNECTOR, {
      physicalId: made.PhysicalResourceId,
      old: { ...CONNECTOR, Description: 'x' },
    });
    expect(notes()).toBe(
      `not verified: service connector "${made.Data!.Name}" was refused when ZenML tried it: gone for good`,
    );
    const repository = {
      ...COMPONENT,
      Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }],
    };
    const component = await create(repository);
    h.repositories.clear();
    await update(repository, component.PhysicalResourceId, { ...repository, Labels: { a: 'b' } });
    expect((JSON.parse(h.logs.at(-1)!) as { warnings: string }).warnings).toBe(
      'left as it is, because the object already has what this request wants (ECR repository "zenml" (account 111122223333, Region eu-west-1) does not exist: '
        + "create it first, or take it out of the registry's repositories)",
    );
    // Without the object there is nothing that could stay unchanged.
    h.zenml.things.components.clear();
    expect((await update(repository, component.PhysicalResourceId, COMPONENT)).Reason).toMatch(
      /ECR repository "zenml" .* does not exist/,
    );
    expect((await update(repository, 'Made-Up', COMPONENT)).Reason).toMatch(/ECR repository "zenml" .* does not exist/);
  });

  test('an Update that only adds a referenced repository fails if the repository does not exist', async () => {
    const listed = (...names: string[]) => ({
      ...COMPONENT,
      Repositories: names.map((Name) => ({ Name, RegistryId: '111122223333', Region: 'eu-west-1' })),
    });
    const made = await create(listed('zenml'));
    expect((await update(listed('zenml', 'more'), made.PhysicalResourceId, listed('zenml'))).Reason).toMatch(
      /^ECR repository "more" .* does not exist.*Nothing was changed in ZenML\.$/s,
    );
    h.repositories.set('more', h.repositories.get('zenml')!);
    expect((await update(listed('zenml', 'more'), made.PhysicalResourceId, listed('zenml'))).Status).toBe('SUCCESS');
  });

  test('an unexpected fault fails an Update, unless its object is as wanted; then the log tells of the fault', async () => {
    const repository = {
      ...COMPONENT,
      Repositories: [{ Name: 'zenml', RegistryId: '111122223333', Region: 'eu-west-1' }],
    };
    const made = await create(repository);
    (h.ports.aws as any).getRepositoryUri = async () => {
      throw new TypeError('ours');
    };
    const fault = "unexpected failure (TypeError): please report it with the function's log";
    const asWanted = `left as it is, because the object already has what this request wants (${fault})`;
    const changed = { ...repository, Labels: { a: 'b' } };
    expect((await update(changed, made.PhysicalResourceId, repository)).Reason).toBe(
      `${fault}. Nothing was changed in ZenML.`,
    );
    expect((await update(repository, made.PhysicalResourceId, changed)).Status).toBe('SUCCESS');
    h.fresh();
    (h.ports.aws as any).getRepositoryUri = async () => {
      throw new TypeError('ours');
    };
    expect(await update(repository, made.PhysicalResourceId, changed)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: made.PhysicalResourceId,
    });
    expect(warnings()).toBe(asWanted);
    const connector = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const { transport } = h.ports;
    (h.ports as any).transport = async (request: { url: string }) => {
      if (request.url.endsWith('/verify')) {
        throw new TypeError('ours');
      }
      return transport(request as never);
    };
    const other = { ...CONNECTOR, Description: 'x' };
    const send = async (now: object, old: object) =>
      h.send('Update', 'ServiceConnector', { ...now }, { physicalId: connector.PhysicalResourceId, old: { ...old } });
    expect((await send(other, CONNECTOR)).Reason).toBe(`${fault}. Nothing was changed in ZenML.`);
    expect((await send(CONNECTOR, { ...other, Description: 'y' })).Status).toBe('SUCCESS');
    expect(warnings()).toBe(asWanted);
  });

  test('an Update does not look for an id of another kind', async () => {
    const made = await create();
    await update(CHANGED, made.PhysicalResourceId.replace('stack-component', 'stack'));
    expect(h.zenml.work).not.toContain(`GET /components/${made.Data!.Id}`);
  });

  test('an Update without a valid id creates the object and deletes nothing', async () => {
    expect((await update(COMPONENT, 'Made-Up', MOVED)).Status).toBe('SUCCESS');
    expect(notes()).toBeUndefined();
  });

  test('a replacement under another name, or of a deleted object, needs no other name', async () => {
    const made = await create({ ...COMPONENT, Name: 'a' });
    const moved = await update({ ...MOVED, Name: 'b' }, made.PhysicalResourceId, { ...COMPONENT, Name: 'a' });
    expect(moved).toMatchObject({ Status: 'SUCCESS', Data: { Name: 'b' } });
    h.zenml.things.components.clear();
    expect(await update({ ...COMPONENT, Name: 'b' }, moved.PhysicalResourceId, { ...MOVED, Name: 'b' })).toMatchObject({
      Status: 'SUCCESS',
      Data: { Name: 'b' },
    });
  });

  test('a replacement under the same name is refused with all differences', async () => {
    const made = await h.send('Create', 'ServiceConnector', { ...CONNECTOR, Name: 'a' });
    const other = { ...CONNECTOR, Name: 'a', AuthMethod: 'implicit', ResourceId: undefined };
    expect(
      (
        await h.send('Update', 'ServiceConnector', other, {
          physicalId: made.PhysicalResourceId,
          old: { ...CONNECTOR, Name: 'a' },
        })
      ).Reason,
    ).toBe(
      'the authentication method, resource id of service connector "a" cannot change in place and the new object needs another name: '
        + 'change the name too (or leave it out). Nothing was changed in ZenML.',
    );
  });

  test('a replaced object that is used again counts from now on, and is created again if it is deleted meanwhile', async () => {
    const made = await create();
    const moved = await update(MOVED, made.PhysicalResourceId);
    h.rollBack('StackComponent');
    const back = await update(COMPONENT, moved.PhysicalResourceId, MOVED);
    expect(back.PhysicalResourceId).toBe(made.PhysicalResourceId);
    expect(h.zenml.named('components', back.Data!.Name!)[0]!.labels[Label.ISSUED_AT]).toBe(
      new Date(h.clock.now() - 60_000).toISOString(),
    );
    h.zenml.script(/^PUT/, 'pass', 1, () => h.zenml.things.components.delete(moved.Data!.Id!));
    const again = await update(MOVED, back.PhysicalResourceId);
    expect(again.Status).toBe('SUCCESS');
    expect(components().map(({ id }) => id)).toEqual([made.Data!.Id, again.Data!.Id]);
  });

  test('a replacement deletes nothing while the old object exists', async () => {
    const made = await create();
    const kept = h.zenml.add('components', 'kept', components()[0]!.fields, {
      ...components()[0]!.labels,
      [Label.NAME]: 'kept',
    });
    expect(kept.labels[Label.REVISION]).toBe(revisionOf(h.whole(COMPONENT)));
    const moved = await update(MOVED, made.PhysicalResourceId);
    expect(components().map(({ id }) => id)).toEqual([made.Data!.Id, kept.id, moved.Data!.Id]);
  });

  describe('a rollback that reads a second time', () => {
    const rollBack = async (physicalId: string, old: Record<string, unknown> = CHANGED, more = {}) => {
      h.fresh();
      h.clock.slept = [];
      h.zenml.received.length = 0;
      h.rollBack('StackComponent');
      return update(COMPONENT, physicalId, old, more);
    };
    const atSecondLook = (then: () => void) => {
      h.zenml.script(/^GET \/components\//, 'pass', 1);
      h.zenml.script(/^GET \/components\//, 'pass', 1, then);
    };

    test('a rollback that reads a second time and finds its own state sends no second PUT', async () => {
      const made = await create();
      await rollBack(made.PhysicalResourceId);
      expect([h.clock.slept, puts().length]).toEqual([[15_000], 1]);
    });

    test('a rollback that reads a second time leaves a deleted or adopted object alone', async () => {
      const made = await create();
      atSecondLook(() => {
        components()[0]!.labels = {
          ...components()[0]!.labels,
          ...ownedBy('arn:another', 'Other'),
          [Label.REVISION]: 'x',
        };
      });
      expect((await rollBack(made.PhysicalResourceId)).Status).toBe('SUCCESS');
      expect(puts()).toHaveLength(1);
      const other = await create({ ...COMPONENT, Name: 'other' }, { logicalId: 'Other' });
      atSecondLook(() => h.zenml.things.components.clear());
      h.fresh();
      h.rollBack('Other');
      const answer = await h.send(
        'Update',
        'StackComponent',
        { ...COMPONENT, Name: 'other' },
        { physicalId: other.PhysicalResourceId, old: CHANGED, logicalId: 'Other' },
      );
      expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: other.PhysicalResourceId });
      expect(components()).toEqual([]);
    });

    test('a rollback reads a second time also when the PUT of the cancelled Update has arrived, because that can be repeated', async () => {
      const made = await create();
      await update(CHANGED, made.PhysicalResourceId);
      atSecondLook(() => {
        Object.assign(components()[0]!.labels, { version: 'new', [Label.REVISION]: revisionOf(h.whole(CHANGED)) });
      });
      await rollBack(made.PhysicalResourceId);
      expect([h.clock.slept, puts().length]).toEqual([[15_000], 2]);
      expect(components()[0]!.labels.version).toBeUndefined();
    });

    test('a rollback does not wait for an Update that had answered', async () => {
      const made = await create();
      await update(CHANGED, made.PhysicalResourceId);
      h.fresh();
      h.clock.slept = [];
      h.rollBack('StackComponent', 'refused');
      await update(COMPONENT, made.PhysicalResourceId, CHANGED);
      expect(h.clock.slept).toEqual([]);
    });

    test('a rollback reads a second time only if enough time is left', async () => {
      const made = await create();
      // 30 s and 29.999 s to work.
      await rollBack(made.PhysicalResourceId, CHANGED, { remainingMs: 100_000 });
      expect(h.clock.slept).toEqual([15_000]);
      await rollBack(made.PhysicalResourceId, CHANGED, { remainingMs: 99_000 });
      expect(h.clock.slept).toEqual([]);
      expect(notes()).toBe('not read a second time, because no time was left');
    });

    test('a rollback does not wait where no PUT can be on its way', async () => {
      const made = await create();
      await rollBack(made.PhysicalResourceId, MOVED);
      expect(h.clock.slept.filter((milliseconds) => milliseconds === 15_000)).toEqual([]);
      components()[0]!.labels = {};
      await rollBack(made.PhysicalResourceId);
      expect(h.clock.slept).toEqual([]);
    });
  });
});
