import { expectEqual, metadata, refusedFor, succeeded } from './checks';
import { ServerRegistration } from './registration';
import { defaults } from './templates';
import { compareVersions } from './zenml-versions';
import { ComponentType, RuntimeOptions, StackComponent, ZenMLStack } from '../../src';
import { ZenmlObject } from '../services/zenml-api';

const SETTINGS_SINCE = '0.90.0';

/**
 * Environment variables and secrets of a component and a stack: set, changed, and removed, beside a variable and a
 * secret that another user adds. An older server has none: the template is refused, and nothing is created.
 */
export async function runtimeSettings(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const secrets: Record<string, string> = {};
  for (const name of ['of-template', 'of-others']) {
    secrets[name] = (await admin.call<ZenmlObject>('POST', '/secrets', { name, values: { TOKEN: name } })).id;
  }
  const result = await deploy(on, { environment: { LEVEL: 'one', GONE: '1' }, secrets: ['of-template'] });
  if (compareVersions(on.scene.version, SETTINGS_SINCE) < 0) {
    refusedFor(on.scene.version, result, SETTINGS_SINCE);
  } else {
    succeeded(result, 'CREATE_COMPLETE');
    await expectSettings(on, 'after the create', { LEVEL: 'one', GONE: '1' }, [secrets['of-template']!]);
    for (const object of await on.ours(on.second.name)) {
      const { environment, labels, configuration } = metadata(object);
      const path = `/${configuration ? 'components' : 'stacks'}/${object.id}`;
      await admin.call('PUT', path, {
        labels,
        environment: { ...(environment as object), OTHERS: '1' },
        add_secrets: [secrets['of-others']],
      });
    }
    succeeded(await deploy(on, { environment: { LEVEL: 'two' }, secrets: ['of-template'] }), 'UPDATE_COMPLETE');
    await expectSettings(on, 'after the update', { LEVEL: 'two', OTHERS: '1' }, Object.values(secrets));
    succeeded(await deploy(on, {}), 'UPDATE_COMPLETE');
    await expectSettings(on, 'after the removal', { OTHERS: '1' }, [secrets['of-others']!]);
  }
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  expectEqual(await on.idsOf(on.second.name), [], 'objects after the delete');
  for (const id of Object.values(secrets)) { await admin.call('DELETE', `/secrets/${id}`); }
}

async function deploy(on: ServerRegistration, options: RuntimeOptions) {
  return on.deploySecond((scope, server) => {
    const operator = new StackComponent(scope, 'Operator', {
      server,
      componentType: ComponentType.STEP_OPERATOR,
      flavor: 'kubernetes',
      configuration: { kubernetes_context: 'own' },
      ...options,
    });
    new ZenMLStack(scope, 'Stack', { server, components: [operator, ...defaults(scope, server)], ...options });
  });
}

async function expectSettings(
  on: ServerRegistration, when: string, environment: Record<string, string>, secretIds: string[],
): Promise<void> {
  for (const object of await on.ours(on.second.name)) {
    expectEqual(metadata(object).environment, environment, `environment of "${object.name}" ${when}`);
    const found = [...(metadata(object).secrets as string[])].sort();
    expectEqual(found, [...secretIds].sort(), `secrets of "${object.name}" ${when}`);
  }
}
