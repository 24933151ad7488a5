import { Label } from '../../../src/contract/labels';
import { COMPONENT, CONNECTOR, Harness } from '../support/harness';
import { REGISTRY } from '../support/scripted-server';

const CHANGED = { ...COMPONENT, Labels: { version: 'new' } };
const MOVED = { ...COMPONENT, Configuration: JSON.stringify({ uri: REGISTRY.replace('eu-west-1', 'us-east-1') }) };

/**
 * CloudFormation calls an Update off when another resource fails, and its rollback comes to another process while it
 * still works.
 */
describe('an Update that is cancelled while it works', () => {
  let h: Harness;
  beforeEach(async () => { h = await Harness.start(); });
  afterEach(async () => h.stop());

  const create = async () => {
    const made = await h.send('Create', 'StackComponent', COMPONENT);
    h.clock.advance(60_000);
    return made;
  };
  const components = () => h.zenml.all('components');
  /** Delivers it, and tells its answer even if others answer meanwhile. */
  const update = async (
    properties: Record<string, unknown>,
    physicalId: string,
    old: Record<string, unknown>,
    requestId: string,
  ) => {
    await h.deliver(h.event('Update', 'StackComponent', properties, { physicalId, old, requestId }));
    return h.answers.find(({ RequestId }) => RequestId === requestId)!;
  };
  const rollBack = async (physicalId: string, old: Record<string, unknown>) => {
    h.fresh();
    h.clock.advance(5_000);
    h.rollBack('StackComponent');
    return update(COMPONENT, physicalId, old, 'rollback');
  };

  test('a cancelled Update that loses the answer to its PUT looks before it retries, and leaves the state of the rollback', async () => {
    const { PhysicalResourceId } = await create();
    h.zenml.script(/^PUT/, async () => {
      await rollBack(PhysicalResourceId, CHANGED);
      return 'reset' as const;
    });
    const late = await update(CHANGED, PhysicalResourceId, COMPONENT, 'called off');
    expect(late).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/was created or changed by a later request/),
    });
    expect(components()[0]!.labels.version).toBeUndefined();
  });

  test('a rollback reads the object again, and repeats its PUT if the late PUT of the cancelled Update has overwritten it', async () => {
    const { PhysicalResourceId } = await create();
    let rollback: Promise<unknown> | undefined;
    let endWait!: () => void;
    const waitEnds = new Promise<void>((resolve) => {
      endWait = resolve;
    });
    h.zenml.script(/^PUT/, async () => {
      const { clock } = h;
      const sleep = clock.sleep.bind(clock);
      await new Promise<void>((resolve) => {
        // The PUT of the cancelled Update arrives while the rollback waits.
        clock.sleep = async (milliseconds, signal) => {
          clock.sleep = sleep;
          resolve();
          await waitEnds;
          await sleep(milliseconds, signal);
        };
        rollback = rollBack(PhysicalResourceId, CHANGED);
      });
      return 'pass' as const;
    });
    await update(CHANGED, PhysicalResourceId, COMPONENT, 'called off');
    expect(components()[0]!.labels.version).toBe('new');
    endWait();
    expect(await rollback).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(components()[0]!.labels.version).toBeUndefined();
    expect(h.logs.at(-1)).toContain('"notes":"updated once more: the cancelled Update had overwritten the object"');
  });

  test('a rollback does not wait if its Update is known to have written nothing, and an Update does not wait after one that was applied', async () => {
    const made = await h.send('Create', 'ServiceConnector', CONNECTOR);
    const refreshed = { ...CONNECTOR, Description: 'never applied', RoleArn: '' };
    expect(
      (await h.send('Update', 'ServiceConnector', refreshed, { physicalId: made.PhysicalResourceId, old: CONNECTOR }))
        .Status,
    ).toBe('FAILED');
    await h.send('Update', 'ServiceConnector', CONNECTOR, { physicalId: made.PhysicalResourceId, old: refreshed });
    await h.send(
      'Update',
      'ServiceConnector',
      { ...CONNECTOR, Description: 'x' },
      { physicalId: made.PhysicalResourceId, old: CONNECTOR },
    );
    expect(h.answers.map(({ Status }) => Status)).toEqual(['SUCCESS', 'FAILED', 'SUCCESS', 'SUCCESS']);
    expect(h.clock.slept).toEqual([]);
  });

  test('a rollback without time for a second look says so and succeeds', async () => {
    const { PhysicalResourceId } = await create();
    h.fresh();
    h.rollBack('StackComponent');
    await h.deliver(
      h.event('Update', 'StackComponent', COMPONENT, { physicalId: PhysicalResourceId, old: CHANGED }),
      60_000,
    );
    expect(h.answers.at(-1)!.Status).toBe('SUCCESS');
    expect(h.logs.at(-1)).toContain('"notes":"not read a second time, because no time was left"');
  });

  describe('a cancelled Update that replaces a deleted object', () => {
    test('a rollback that comes before the replacement creates another object and deletes that of the Update, but no retained one', async () => {
      const { PhysicalResourceId } = await create();
      const kept = h.zenml.add('components', 'kept', components()[0]!.fields, {
        ...components()[0]!.labels,
        [Label.NAME]: 'kept',
        [Label.REVISION]: 'other',
      });
      h.zenml.things.components.delete(PhysicalResourceId.split(':')[3]!);
      kept.fields = { ...kept.fields, configuration: { uri: 'another' } };
      await update(MOVED, PhysicalResourceId, COMPONENT, 'called off');
      const back = await rollBack(PhysicalResourceId, MOVED);
      expect(back.Status).toBe('SUCCESS');
      expect(components().map(({ id }) => id)).toEqual([kept.id, back.Data!.Id]);
    });

    test('a cancelled replacement that ends after its rollback deletes its own object', async () => {
      const { PhysicalResourceId } = await create();
      h.zenml.things.components.clear();
      let back: Awaited<ReturnType<typeof rollBack>> | undefined;
      h.zenml.script(/^POST \/components/, async () => {
        back = await rollBack(PhysicalResourceId, MOVED);
        return 'pass' as const;
      });
      const late = await update(MOVED, PhysicalResourceId, COMPONENT, 'called off');
      expect(late).toMatchObject({
        Status: 'FAILED',
        Reason: expect.stringMatching(/was created or changed by a later request/),
      });
      expect(components().map(({ id }) => id)).toEqual([back!.Data!.Id]);
    });
  });
});
