import { SECRET } from './app';
import { secretNamed } from './meddling/hand';
import { Story } from './story';
import { Component, Stack } from '../zenml-model/objects';

/* Environment variables and secrets of components and stacks. */
let story: Story;
beforeEach(() => { story = new Story(); });
afterEach(async () => {
  await story.world.clock.settle();
  expect(story.lawless()).toEqual([]);
});

const component = (): Component => story.zenml.tables.components.get(story.uuid('Component'))!;
const stack = (): Stack => story.zenml.tables.stacks.get(story.uuid('Whole'))!;
const both = () => [component(), stack()];
const secret = (name: string) => secretNamed(story.zenml, name).id;
const edit = (row: Component | Stack, change: object) => {
  const { name, configuration, labels, connector, connectorResourceId } = row as Component;
  return story.ann('PUT', `${'type' in row ? 'components' : 'stacks'}/${row.id}`, {
    ...('type' in row && { name, configuration, labels, connector, connector_resource_id: connectorResourceId }),
    ...change,
  });
};

test('a template sets, changes and removes its variables and secrets', async () => {
  expect(await story.deploy({ settings: true })).toBe('CREATE_COMPLETE');
  for (const { environment, secrets } of both()) {
    expect(environment).toEqual({ TEXT: 'text-1', LEVEL: 'template' });
    expect(secrets).toEqual([secret(SECRET)]);
  }
  expect(await story.deploy({ settings: true, text: 2 })).toBe('UPDATE_COMPLETE');
  for (const { environment } of both()) { expect(environment).toEqual({ TEXT: 'text-2', LEVEL: 'template' }); }
  expect(await story.deploy({ settings: false, text: 2 })).toBe('UPDATE_COMPLETE');
  for (const { environment, secrets, labels } of both()) {
    expect([environment, secrets]).toEqual([{}, []]);
    expect(Object.keys(labels!).filter((key) => /:(environment|secrets)$/.test(key))).toEqual([]);
  }
});

test('variables and secrets that people add stay, and a template without any does not touch theirs', async () => {
  await story.deploy({ settings: true });
  for (const row of both()) {
    edit(row, { environment: { ...row.environment, OWN: 'ann', LEVEL: 'ann' }, add_secrets: [secret('ann-own')] });
  }
  expect(await story.deploy({ settings: true, text: 2 })).toBe('UPDATE_COMPLETE');
  for (const { environment, secrets } of both()) {
    expect(environment).toEqual({ TEXT: 'text-2', LEVEL: 'template', OWN: 'ann' });
    expect([...secrets].sort()).toEqual([secret(SECRET), secret('ann-own')].sort());
  }
  expect(await story.deploy({ settings: false, text: 2 })).toBe('UPDATE_COMPLETE');
  for (const { environment, secrets } of both()) {
    expect([environment, secrets]).toEqual([{ OWN: 'ann' }, [secret('ann-own')]]);
  }
  expect(await story.deploy({ settings: false, text: 3 })).toBe('UPDATE_COMPLETE');
  for (const { environment, secrets } of both()) {
    expect([environment, secrets]).toEqual([{ OWN: 'ann' }, [secret('ann-own')]]);
  }
});

test('a secret that people have added before the template names it stays when the template no longer names it', async () => {
  await story.deploy({ settings: false });
  for (const row of both()) { edit(row, { add_secrets: [secret(SECRET)] }); }
  expect(await story.deploy({ settings: true })).toBe('UPDATE_COMPLETE');
  expect(await story.deploy({ settings: false })).toBe('UPDATE_COMPLETE');
  for (const { secrets } of both()) { expect(secrets).toEqual([secret(SECRET)]); }
});

test('a failed Update is rolled back to the former variables and secrets', async () => {
  await story.deploy({ settings: true });
  expect(await story.deployAndFail({ settings: false, text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
  for (const { environment, secrets } of both()) {
    expect([environment, secrets]).toEqual([{ TEXT: 'text-1', LEVEL: 'template' }, [secret(SECRET)]]);
  }
  await story.deploy({ settings: false });
  expect(await story.deployAndFail({ settings: true })).toBe('UPDATE_ROLLBACK_COMPLETE');
  for (const { environment, secrets } of both()) { expect([environment, secrets]).toEqual([{}, []]); }
});

test.each([[true], [false]])(
  'a rollback whose look-ups lag behind leaves no variable and no secret of the failed Update (settings before: %s)',
  async (before) => {
    await story.deploy({ settings: before });
    story.zenml.lag(30_000);
    expect(await story.deployAndFail({ settings: !before })).toBe('UPDATE_ROLLBACK_COMPLETE');
    story.zenml.lag(0);
    for (const { environment, secrets } of both()) {
      expect(environment).toEqual(before ? { TEXT: 'text-1', LEVEL: 'template' } : {});
      expect(secrets).toEqual(before ? [secret(SECRET)] : []);
    }
  },
);

test('an adopted component and stack get back what the template has overwritten, and keep what people have added', async () => {
  story.meddle('same names');
  const named = (name: string) =>
    [...story.zenml.tables.components.values(), ...story.zenml.tables.stacks.values()]
      .find((row) => row.name === name)!;
  const rows = [named('team-registry-eu-west-1'), named('team-stack')];
  const adopted = { names: 'team', adopt: true, ownConnector: true };
  expect(await story.deploy({ ...adopted, settings: true })).toBe('CREATE_COMPLETE');
  for (const { environment, secrets } of rows) {
    expect(environment).toEqual({ TEXT: 'text-1', LEVEL: 'template', OWN: 'anns' });
    expect([...secrets].sort()).toEqual([secret(SECRET), secret('ann-own')].sort());
  }
  for (const row of rows) { edit(row, { environment: { ...row.environment, MORE: 'ann' } }); }
  expect(await story.deploy({ ...adopted, settings: true, text: 2 })).toBe('UPDATE_COMPLETE');
  expect(await story.destroy()).toBe('DELETE_COMPLETE');
  for (const { environment, secrets } of rows) {
    expect([environment, secrets]).toEqual([{ LEVEL: 'anns', OWN: 'anns', MORE: 'ann' }, [secret('ann-own')]]);
  }
});

test('a missing secret is refused before anything is created', async () => {
  story.ann('DELETE', `secrets/${secret(SECRET)}`);
  expect(await story.deploy({ settings: true })).toBe('ROLLBACK_COMPLETE');
  expect(story.lastReason('Create')).toMatch(/there is no secret "settings" at .* create it first .*\[CZ343\]$/);
  expect(story.own).toEqual([]);
});

test('a private secret is refused, since pipelines of others cannot read it', async () => {
  story.ann('DELETE', `secrets/${secret(SECRET)}`);
  const ci = [...story.zenml.tables.users.values()].find(({ name }) => name === 'ci')!;
  story.zenml.as(ci, 'POST', '/api/v1/secrets', { name: SECRET, values: {}, private: true });
  expect(await story.deploy({ settings: true })).toBe('ROLLBACK_COMPLETE');
  expect(story.lastReason('Create')).toMatch(/secret "settings" at .* is private, .*\[CZ354\]$/);
});

test('a server without such settings is refused with both versions, and a template without settings is not', async () => {
  story.zenml.version = '0.85.0';
  expect(await story.deploy({ settings: true })).toBe('ROLLBACK_COMPLETE');
  expect(story.lastReason('Create')).toMatch(/ZenML 0\.85\.0 at .* has no environment .*ZenML 0\.90\.0 .*\[CZ307\]$/);
  expect(story.own).toEqual([]);
  await story.destroy();
  expect(await story.deploy({ settings: false })).toBe('CREATE_COMPLETE');
});

test('an Update that names a missing secret changes nothing, and its rollback ends well', async () => {
  await story.deploy({ settings: false });
  story.ann('DELETE', `secrets/${secret(SECRET)}`);
  expect(await story.deploy({ settings: true, text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(story.lastReason('Update')).toContain('[CZ343]');
});

test('a rollback to a template whose secret was deleted meanwhile does not lock', async () => {
  await story.deploy({ settings: true });
  story.onRollback(true);
  const former = story.cloudformation.onStatus;
  story.cloudformation.onStatus = (name, status) => {
    former?.(name, status);
    if (status === 'UPDATE_ROLLBACK_IN_PROGRESS') { story.ann('DELETE', `secrets/${secret(SECRET)}`); }
  };
  expect(await story.deployAndFail({ settings: false, text: 2 })).toBe('UPDATE_ROLLBACK_COMPLETE');
});
