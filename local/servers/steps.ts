import { body, comparable, expectEqual, metadata, registriesOf, succeeded } from './checks';
import { ServerRegistration } from './registration';
import { ZenmlObject } from '../services/zenml-api';
import { assertThat } from '../steps';

/**
 * The steps of a registration, in the order in which they are run.
 *
 * Each step starts where the step before it ended, and throws what is wrong. A step that follows a failed one is still
 * run, because most depend on `create` alone.
 */

export async function create(on: ServerRegistration): Promise<void> {
  succeeded(await on.deploy({}), 'CREATE_COMPLETE');
  const [connector, component, stack, ...more] = await on.ours();
  assertThat(
    !!connector && !!component && !!stack && more.length === 0,
    'connector, component and stack must exist once each',
  );
  expectEqual(body(connector!).resource_types, ['docker-registry'], 'resource types of the connector');
  expectEqual(body(connector!).auth_method, 'iam-role', 'authentication method');
  const { configuration, connector: connected, connector_resource_id } = metadata(component!);
  expectEqual(configuration, { uri: on.host, default_repository: on.repository() }, 'configuration of the component');
  expectEqual(
    [(connected as ZenmlObject | null)?.id, connector_resource_id],
    [connector!.id, on.host],
    'connector of the component',
  );
  expectEqual(registriesOf(stack!), [component!.id], 'registries of the ZenML stack');
  on.ids = await on.idsNow();
}

export async function verify(on: ServerRegistration): Promise<void> {
  const answer = await on.zenml.admin.call<{ error: unknown; resources: { resource_ids: string[] }[] }>(
    'PUT',
    `/service_connectors/${on.ids[0]}/verify`,
  );
  assertThat(!answer.error, `ZenML cannot use the connector: ${String(answer.error)}`);
  expectEqual(answer.resources[0]?.resource_ids, [on.host], 'registry that the connector reaches');
  const client = await on.zenml.admin.call<ZenmlObject>(
    'GET',
    `/service_connectors/${on.ids[0]}/client?resource_type=docker-registry`,
  );
  assertThat(/"username": ?"AWS"/.test(JSON.stringify(client)), 'the connector must give credentials for Docker');
}

export async function unchanged(on: ServerRegistration): Promise<void> {
  on.proxy.take();
  expectEqual((await on.deploy({})).status, 'NO_CHANGES', 'status of a deploy without changes');
  expectEqual(on.proxy.take(), [], 'calls of a deploy without changes');
  const before = await on.ours();
  succeeded(await on.deploy({ repairTrigger: '1' }), 'UPDATE_COMPLETE');
  expectEqual(await on.comparable(), comparable(before), 'objects after an update that has nothing to change');
}

export async function update(on: ServerRegistration): Promise<void> {
  succeeded(
    await on.deploy({ labels: { team: 'b' }, description: 'second', defaultRepository: 'second' }),
    'UPDATE_COMPLETE',
  );
  await on.sameIds();
  const [connector, component, stack] = await on.ours();
  expectEqual(
    [connector, component, stack].map((object) => (metadata(object!).labels as Record<string, string>).team),
    ['b', 'b', 'b'],
    'labels',
  );
  expectEqual(metadata(stack!).description, 'second', 'description');
  expectEqual(
    (metadata(component!).configuration as { default_repository: string }).default_repository,
    on.repository('second'),
    'default repository',
  );
  expectEqual((metadata(component!).connector as ZenmlObject | null)?.id, connector!.id, 'connector of the component');
}

export async function rotation(on: ServerRegistration): Promise<void> {
  const before = await on.keyInZenml();
  succeeded(await on.deploy({ ...on.wish, serial: 1 }), 'UPDATE_COMPLETE');
  await on.sameIds();
  const after = await on.keyInZenml();
  assertThat(after !== undefined && after !== before, 'the connector must have another access key after the rotation');
  await verify(on);
}

export async function changeOfMethod(on: ServerRegistration): Promise<void> {
  succeeded(await on.deploy({ ...on.wish, implicit: true }), 'UPDATE_COMPLETE');
  const now = await on.idsNow();
  expectEqual(now.slice(1), on.ids.slice(1), 'ids of component and stack');
  assertThat(now[0] !== on.ids[0], 'another method must be another connector');
  on.ids = now;
  const [connector, component] = await on.ours();
  expectEqual(body(connector!).auth_method, 'implicit', 'authentication method');
  expectEqual((metadata(component!).connector as ZenmlObject | null)?.id, connector!.id, 'connector of the component');
  await verify(on);
}

export async function rename(on: ServerRegistration): Promise<void> {
  succeeded(await on.deploy({ ...on.wish, names: true }), 'UPDATE_COMPLETE');
  await on.sameIds();
  expectEqual(
    (await on.ours()).map((object) => object.name),
    ['named-connector', 'named-registry', 'named-stack'],
    'names',
  );
}

export async function failingUpdate(on: ServerRegistration): Promise<void> {
  const before = await on.comparable();
  const wish = on.wish;
  const result = await on.deploy({
    ...wish,
    labels: { team: 'd' },
    description: 'never',
    defaultRepository: undefined,
    broken: true,
  });
  on.wish = wish;
  expectEqual(result.status, 'UPDATE_ROLLBACK_COMPLETE', 'status of a deploy with a component that ZenML refuses');
  assertThat(
    /^Broken.*no-such-flavor|^Broken/.test(result.failures.join('\n')),
    `the refused component must be named, got: ${result.failures.join('; ')}`,
  );
  expectEqual(await on.comparable(), before, 'objects after the rollback');
  await on.sameIds();
}

export async function deleteAll(on: ServerRegistration): Promise<void> {
  succeeded(await on.stack.destroy(), 'DELETE_COMPLETE');
  expectEqual([...await on.idsNow(), ...await on.idsOf(on.second.name)], [], 'objects that are left in ZenML');
}
