import { Stack } from 'aws-cdk-lib';
import { comparable, expectEqual, registriesOf, succeeded } from './checks';
import { ServerRegistration } from './registration';
import { defaults } from './templates';
import { ZenMLServer, ZenMLStack } from '../../src';
import { assertThat } from '../steps';

/**
 * Steps with objects that another user of the ZenML server has created.
 *
 * Each step starts where the step before it ended, and throws what is wrong. A step that follows a failed one is still
 * run, because most depend on `create` alone.
 */

/** A component and a stack of another user's are adopted, updated, and given back as they were found. */
export async function adoption(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const component = await on.registryOfOthers('adopted-registry');
  const stack = await on.stackOfOthers('adopted-stack', component);
  const before = comparable([await on.get('components', component), await on.get('stacks', stack)]);
  const deploy = async (labels?: Record<string, string>) => on.deploySecond((scope, server) => {
    const registry = on.localRegistry(scope, server, {
      stackComponentName: 'adopted-registry',
      adoptExisting: true,
      labels,
    });
    new ZenMLStack(scope, 'Stack', {
      server,
      zenmlStackName: 'adopted-stack',
      adoptExisting: true,
      labels,
      components: [registry, ...defaults(scope, server)],
    });
  });
  succeeded(await deploy(), 'CREATE_COMPLETE');
  expectEqual(await on.idsOf(on.second.name), [component, stack], 'objects after the adoption');
  succeeded(await deploy({ team: 'c' }), 'UPDATE_COMPLETE');
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  expectEqual(
    comparable([await on.get('components', component), await on.get('stacks', stack)]),
    before,
    'objects after the delete',
  );
  await admin.call('DELETE', `/stacks/${stack}`);
  await admin.call('DELETE', `/components/${component}`);
}

/** A stack of another user's, which has a registry already, gets this one and later its own back. */
export async function attachment(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const component = await on.registryOfOthers('displaced-registry');
  const stack = await on.stackOfOthers('attached-stack', component);
  const { attachTo: _, ...without } = on.wish;
  succeeded(await on.deploy({ ...without, attachTo: 'attached-stack' }), 'UPDATE_COMPLETE');
  expectEqual(registriesOf(await on.get('stacks', stack)), [on.ids[1]], 'registries while attached');
  succeeded(await on.deploy(without), 'UPDATE_COMPLETE');
  expectEqual(registriesOf(await on.get('stacks', stack)), [component], 'registries after the attachment is removed');
  await admin.call('DELETE', `/stacks/${stack}`);
  await admin.call('DELETE', `/components/${component}`);
}

/** A registry that another user's stack holds: the delete is refused with the stack's name, and nothing changes. */
export async function guardedDelete(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  const define = (scope: Stack, server: ZenMLServer) => {
    on.localRegistry(scope, server, { stackComponentName: 'guarded-registry' });
  };
  succeeded(await on.deploySecond(define), 'CREATE_COMPLETE');
  const [component] = await on.idsOf(on.second.name);
  const stack = await on.stackOfOthers('guarding-stack', component);
  const refused = await on.second.destroy();
  expectEqual(refused.status, 'DELETE_FAILED', 'status of the delete');
  assertThat(
    /"guarding-stack".*detachFromStacks/.test(refused.failures.join('\n')),
    `the reason must name the stack, got: ${refused.failures.join('; ')}`,
  );
  expectEqual(registriesOf(await on.get('stacks', stack)), [component], 'registries after the refused delete');
  await admin.call('DELETE', `/stacks/${stack}`);
  await on.second.destroy([...new Set(refused.failures.map((failure) => failure.split(' ')[0]!))]);
  await admin.call('DELETE', `/components/${component}`);
}

export async function detach(on: ServerRegistration): Promise<void> {
  const { admin } = on.zenml;
  succeeded(await on.deploySecond((scope, server) => {
    on.localRegistry(scope, server, { stackComponentName: 'detached-registry', detachFromStacks: true });
  }), 'CREATE_COMPLETE');
  const [component] = await on.idsOf(on.second.name);
  const stack = await on.stackOfOthers('holding-stack', component);
  succeeded(await on.second.destroy(), 'DELETE_COMPLETE');
  expectEqual(await on.idsOf(on.second.name), [], 'objects after the delete');
  expectEqual(registriesOf(await on.get('stacks', stack)), [], 'registries of the other stack');
  await admin.call('DELETE', `/stacks/${stack}`);
}
